#include "operators/rules/published_rules.h"

#include <gtest/gtest.h>

namespace nudge::rules {
namespace {

PublishedRules some() {
  PublishedRules published;
  published.is_sequence = true;
  published.horizon = 60 * kWeek;
  published.segments = {"true", "gender = 'F'"};
  published.rules.push_back(
      {"a|b|1", "who buys coats buys boots", 1, {"coats"}, "boots", 0.07, 1.3, {{16 * kWeek, 17 * kWeek, 0.02}}});
  return published;
}

TEST(PublishedRules, DecodeToTheSameBytes) {
  const std::string bytes = some().encode();
  const auto read = PublishedRules::decode(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->encode(), bytes);
  EXPECT_EQ(PublishedRules::model_name("next"), "rules.next");
}

TEST(PublishedRules, RefusesWhatIsNone) {
  const std::string bytes = some().encode();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(PublishedRules::decode(std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(PublishedRules::decode(bytes + "x"));
  PublishedRules of_no_segment = some();
  of_no_segment.rules.front().segment = 2;
  EXPECT_FALSE(PublishedRules::decode(of_no_segment.encode()));
}

}  // namespace
}  // namespace nudge::rules
