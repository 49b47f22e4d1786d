// What is read of changes that are on their way into a store.
#include "engine/runtime/pending_changes.h"

#include <gtest/gtest.h>

namespace nudge::runtime {
namespace {

TEST(PendingChanges, AreReadAsIfTheyWereWritten) {
  PendingChanges changes;
  changes.batch().put("b", "old");
  changes.batch().put("c", "lost");
  changes.batch().erase_range("c", "f");
  changes.batch().put("d", "outlasts the range");
  changes.batch().put("b", "new");
  changes.batch().erase("a");
  const struct {
    const char* name;
    const char* key;
    bool known;
    std::optional<std::string_view> value;
  } rows[] = {
      {"erased", "a", true, std::nullopt},
      {"put twice", "b", true, "new"},
      {"put before the range was erased", "c", true, std::nullopt},
      {"put after", "d", true, "outlasts the range"},
      {"in the range", "e", true, std::nullopt},
      {"where the range ends", "f", false, std::nullopt},
      {"elsewhere", "z", false, std::nullopt},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto found = changes.find(row.key);
    ASSERT_EQ(found.has_value(), row.known);
    if (found) {
      EXPECT_EQ(found->value, row.value);
    }
  }
}

}  // namespace
}  // namespace nudge::runtime
