// The section's bytes: nothing for outsiders, the same state back for members, and no garbage in.
#include "operators/targets/state.h"

#include <gtest/gtest.h>

#include <random>

namespace nudge::targets {
namespace {

std::string bytes_of(const Section& section) {
  std::string bytes;
  Encoder out(bytes);
  section.encode(out);
  return bytes;
}

std::string text_of(std::mt19937& random, std::size_t bytes_max) {
  return std::string(random() % (bytes_max + 1), 'x');
}

TargetsSection random_section(std::mt19937& random) {
  TargetsSection section;
  if (random() % 2 == 0) section.armed = static_cast<Millis>(random());
  for (std::size_t i = random() % 3; i > 0; --i)
    section.early_scores.push_back({static_cast<std::uint32_t>(random()), static_cast<Millis>(random())});
  for (std::size_t i = random() % 5; i > 0; --i) {
    ListState& state = section.find_or_add("list-" + std::to_string(i));
    Millis start = 1'700'000'000'000;
    for (std::size_t j = random() % 4; j > 0; --j)
      state.starts.push_back(start += static_cast<Millis>(random() % 1'000));
    if (random() % 2 == 0) continue;
    Membership& member = state.member.emplace();
    member.entered = random() % 2 == 0;
    member.probability_micro = static_cast<std::int32_t>(random() % 1'000'001);
    member.percentile_centi = static_cast<std::int32_t>(random() % 10'002) - 1;
    member.band = text_of(random, 10);
    member.reasons = text_of(random, 300);
    member.identifiers = text_of(random, 50);
    member.suppressed = static_cast<Suppression>(random() % kSuppressionEnd);
    member.scored_at = random();
    member.valid_until = kLastTime + random();
    member.recorded_at = random();
  }
  return section;
}

TEST(TargetsSection, ComesBackFromItsBytes) {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const TargetsSection section = random_section(random);
    const std::string bytes = bytes_of(section);
    const auto decoded = TargetsSection::decode(1, bytes);
    ASSERT_NE(decoded, nullptr);
    EXPECT_EQ(static_cast<const TargetsSection&>(*decoded).lists, section.lists);
    EXPECT_EQ(static_cast<const TargetsSection&>(*decoded).armed, section.armed);
    EXPECT_EQ(static_cast<const TargetsSection&>(*decoded).early_scores, section.early_scores);
    EXPECT_EQ(bytes_of(*decoded), bytes);
  }
}

TEST(TargetsSection, OfAnOutsiderIsEmpty) {
  EXPECT_EQ(bytes_of(TargetsSection()), "");
  EXPECT_NE(TargetsSection::decode(1, ""), nullptr);
}

TEST(TargetsSection, AFullOneStaysWithinItsLimit) {
  TargetsSection section;
  section.armed = kLastTime;
  section.early_scores.assign(kListsMax, {~0u, kLastTime});
  for (std::size_t i = 0; i < kListsMax; ++i) {
    ListState& state = section.find_or_add(std::string(kListNameBytesMax - 2, 'n') + std::to_string(10 + i));
    for (std::size_t j = 0; j < kStartsMax; ++j)
      state.starts.push_back(kLastTime / 2 + static_cast<Millis>(j) * 3'000'000'000);
    Membership& member = state.member.emplace();
    member.reasons.assign(kReasonsBytesMax, 'r');
    member.identifiers.assign(kIdentifiersBytesMax, 'i');
    member.scored_at = member.valid_until = member.recorded_at = kLastTime;
  }
  const std::string bytes = bytes_of(section);
  EXPECT_LT(bytes.size(), std::size_t{256} << 10);
  EXPECT_NE(TargetsSection::decode(1, bytes), nullptr);
}

// Whatever the bytes, decode refuses them or understands all of them; it never reads beyond them.
TEST(TargetsSection, RefusesGarbage) {
  std::size_t refused = 0;
  for (unsigned seed = 1; seed <= 2'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    TargetsSection section = random_section(random);
    section.find_or_add("a").starts = {5};
    std::string bytes = bytes_of(section);
    EXPECT_EQ(TargetsSection::decode(2, bytes), nullptr);
    EXPECT_EQ(TargetsSection::decode(1, bytes + "x"), nullptr);
    EXPECT_EQ(TargetsSection::decode(1, std::string_view(bytes).substr(0, bytes.size() - 1)), nullptr);
    for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    refused += TargetsSection::decode(1, bytes) == nullptr;
  }
  EXPECT_GT(refused, 400u);
}

TEST(TargetsSection, TakesTheLatestScoreOfEachTarget) {
  TargetsSection section;
  EXPECT_TRUE(section.take_latest(1, 10, 10));
  EXPECT_EQ(section.early_scores.size(), 0u) << "no score can be older than the watermark";
  EXPECT_TRUE(section.take_latest(1, 15, 11));
  EXPECT_TRUE(section.take_latest(2, 12, 11));
  EXPECT_FALSE(section.take_latest(1, 14, 11));
  EXPECT_TRUE(section.take_latest(1, 15, 11));
  EXPECT_FALSE(section.take_latest(2, 11, 11));
  EXPECT_TRUE(section.take_latest(2, 16, 15));
  EXPECT_EQ(section.early_scores, (std::vector<EarlyScore>{{2, 16}})) << "what the watermark has passed is forgotten";
}

TEST(TargetsSection, RefusesAListTwice) {
  TargetsSection section;
  section.lists = {{"a", {1}, {}}, {"a", {2}, {}}};
  EXPECT_EQ(TargetsSection::decode(1, bytes_of(section)), nullptr);
}

}  // namespace
}  // namespace nudge::targets
