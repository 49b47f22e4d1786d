// RepeatWindow against a list of all inserts: what is a repeat depends on periods of event time, and on nothing else.
#include "state/repeat_window.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace nudge::state {
namespace {

constexpr Millis kSpan = 4'000, kPeriod = 1'000;

Hash128 hash(std::uint64_t id) { return {id * 0x9e3779b97f4a7c15ull, id}; }

RepeatWindow load(const Store& store, Millis span, std::size_t memory = 1 << 20) {
  auto loaded = RepeatWindow::load(store, "d", span, memory);
  EXPECT_TRUE(loaded.is_ok()) << loaded.status().message();
  return std::move(loaded).value();
}

bool insert(RepeatWindow& window, std::uint64_t id, Millis at) {
  const auto inserted = window.insert(hash(id), at);
  EXPECT_TRUE(inserted.is_ok());
  return inserted.value();
}

void write(RepeatWindow& window, Store& store) {
  Batch batch;
  window.write_changes(batch);
  ASSERT_TRUE(store.write(batch));
}

std::size_t keys(const Store& store) {
  std::size_t count = 0;
  for (const auto cursor = store.scan("d", "e"); cursor->valid(); cursor->next()) ++count;
  return count;
}

TEST(RepeatWindow, RemembersForTheSpanAndForgetsThen) {
  const auto store = make_memory_store();
  RepeatWindow window = load(*store, kSpan);
  EXPECT_TRUE(insert(window, 1, 0));
  EXPECT_FALSE(insert(window, 1, 0));
  EXPECT_FALSE(insert(window, 1, kSpan));
  EXPECT_FALSE(insert(window, 1, kSpan + kPeriod - 1));
  EXPECT_TRUE(insert(window, 1, kSpan + kPeriod));
}

TEST(RepeatWindow, RemembersEverythingWhereItIsToldSo) {
  const auto store = make_memory_store();
  RepeatWindow window = load(*store, kNever);
  EXPECT_TRUE(insert(window, 1, 0));
  EXPECT_FALSE(insert(window, 1, 1'000 * 365 * kDay));
}

TEST(RepeatWindow, AgreesWithAListThroughRestartsAndLeavesNothingBehind) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto store = make_memory_store();
    RepeatWindow window = load(*store, kSpan, 1 << 14);
    std::map<std::uint64_t, Millis> last;  // id → the period of its last first
    Millis at = 0;
    std::size_t most_keys = 0;
    for (int i = 0; i < 30'000; ++i) {
      at += static_cast<Millis>(random() % 5);
      if (random() % 20'000 == 0) at += 3 * kSpan;
      const std::uint64_t id = random() % 4'000;
      const auto known = last.find(id);
      const bool first = known == last.end() || known->second + 4 < at / kPeriod;
      ASSERT_EQ(insert(window, id, at), first) << "insert " << i;
      if (first) last[id] = at / kPeriod;
      if (random() % 100 != 0) continue;
      write(window, *store);
      most_keys = std::max(most_keys, keys(*store));
      if (random() % 3 == 0) window = load(*store, kSpan, 1 << 14);
    }
    EXPECT_LT(most_keys, 1'000u);
    insert(window, 1, at + 100 * kSpan);
    write(window, *store);
    EXPECT_LE(keys(*store), 2u);
  }
}

}  // namespace
}  // namespace nudge::state
