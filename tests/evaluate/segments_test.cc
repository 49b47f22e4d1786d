// Segments of a table in which they are planted; what they are never depends on labels.
#include "tools/nudge/evaluate/segments.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <set>

namespace nudge::evaluate {
namespace {

// Three kinds of rows, far apart: in a number, in a text, and in both.
Dataset planted(unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Dataset data;
  data.features = {{.name = "spent"}, {.name = "colour", .type = ColumnType::kText}};
  data.features[1].buckets = {"red", "green", "blue"};
  data.rows.texts = {false, true};
  for (std::size_t row = 0; row < 900; ++row) {
    const std::size_t kind = row < 450 ? 0 : row < 750 ? 1 : 2;
    const float spent = static_cast<float>(kind) * 100 + normal(random);
    const bool unknown = random() % 20 == 0;
    data.rows.add(
        std::vector<float>{unknown ? std::numeric_limits<float>::quiet_NaN() : spent, static_cast<float>(kind)},
        random() % 2 == 0);
  }
  return data;
}

TEST(Segments, FindsWhatIsPlanted) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    const Dataset data = planted(seed);
    const Segments segments = make_segments(data, {});
    ASSERT_EQ(segments.descriptions.size(), 3u);
    for (std::size_t row = 0; row < 900; ++row)
      EXPECT_EQ(segments.of_rows[row], row < 450 ? 0 : row < 750 ? 1 : 2) << row;
    EXPECT_NE(segments.descriptions[0].find("colour = red"), std::string::npos) << segments.descriptions[0];
    EXPECT_NE(segments.descriptions[2].find("high spent"), std::string::npos) << segments.descriptions[2];
  }
}

TEST(Segments, AreAsManyAsAskedForAndForgetLabels) {
  Dataset data = planted(4);
  for (const std::size_t count : {2u, 3u, 5u}) {
    const Segments before = make_segments(data, {count});
    EXPECT_EQ(std::set<std::uint8_t>(before.of_rows.begin(), before.of_rows.end()).size(), count);
    for (std::uint8_t& label : data.rows.labels) label ^= 1;
    EXPECT_EQ(make_segments(data, {count}).of_rows, before.of_rows);
  }
}

TEST(Segments, AreParsed) {
  EXPECT_EQ(parse_segments("auto").value().count, 0u);
  EXPECT_EQ(parse_segments("4").value().count, 4u);
  for (const char* wrong : {"1", "21", "four", "4x", ""}) EXPECT_FALSE(parse_segments(wrong).is_ok()) << wrong;
}

}  // namespace
}  // namespace nudge::evaluate
