// What is kept with a customer: where sales were counted for links, and sections of the version before that.
#include "operators/segments/section.h"

#include <gtest/gtest.h>

namespace nudge::segments {
namespace {

TEST(SegmentsSection, KnowsWhereTheNewestSalesWereCounted) {
  SegmentsSection section;
  const std::uint64_t last = SegmentsSection::kPlacedMost + 3;
  for (std::uint64_t sale = 1; sale <= last; ++sale) section.keep({7, sale, 1, static_cast<std::int32_t>(sale)});
  std::string bytes;
  Encoder out(bytes);
  section.encode(out);
  const auto decoded = SegmentsSection::decode(SegmentsSection::kVersion, bytes);
  ASSERT_TRUE(decoded);
  auto& again = static_cast<SegmentsSection&>(*decoded);
  EXPECT_FALSE(again.take(7, 3));  // the oldest are forgotten
  EXPECT_FALSE(again.take(8, last));
  ASSERT_TRUE(again.take(7, last));
  EXPECT_FALSE(again.take(7, last));
  EXPECT_EQ(again.take(7, 4)->order, 4);
  EXPECT_FALSE(SegmentsSection::decode(SegmentsSection::kVersion, bytes + "x"));
  EXPECT_FALSE(SegmentsSection::decode(SegmentsSection::kVersion, bytes.substr(0, bytes.size() - 1)));
}

TEST(SegmentsSection, UnderstandsTheVersionsBefore) {
  std::string bytes;
  Encoder out(bytes);
  out.varint(1);
  out.fixed32(3);
  out.fixed64(name_hash("value"));
  out.zigzag(2);
  out.zigzag(kNever);
  out.boolean(false);
  const auto decoded = SegmentsSection::decode(1, bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(static_cast<SegmentsSection&>(*decoded).named(name_hash("value"))->segment, 2);
  EXPECT_FALSE(SegmentsSection::decode(SegmentsSection::kVersion + 1, bytes));

  SegmentsSection section;
  section.keep({7, 1, 1, 2});
  std::string now;
  Encoder encoder(now);
  section.encode(encoder);
  const auto second = SegmentsSection::decode(2, std::string_view(now).substr(0, now.size() - 1));
  ASSERT_TRUE(second) << "without categories";
  EXPECT_TRUE(static_cast<SegmentsSection&>(*second).take(7, 1));
}

}  // namespace
}  // namespace nudge::segments
