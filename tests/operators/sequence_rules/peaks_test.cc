// Peaks of gaps: planted ones are found and confirmed, slopes and noise are none.
#include "operators/sequence_rules/peaks.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/portable_math.h"

namespace nudge::sequence_rules {
namespace {

constexpr std::size_t kBins = 60;

// Draws the gaps of so many spells, of which none is censored, by the hazard of each bin.
template <typename Hazard>
void draw(std::mt19937& random, std::int64_t spells, Hazard hazard, std::vector<std::int64_t>& events,
          std::vector<std::int64_t>& at_risk) {
  events.clear();
  at_risk.clear();
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    at_risk.push_back(spells);
    events.push_back(std::binomial_distribution<std::int64_t>(spells, hazard(bin))(random));
    spells -= events.back();
  }
}

template <typename Hazard>
GapParts draw(std::mt19937& random, std::int64_t spells, Hazard hazard) {
  GapParts parts{GapFigures{}, GapFigures{}};
  draw(random, spells, hazard, parts.events_before, parts.at_risk_before);
  draw(random, spells / 2, hazard, parts.events_later, parts.at_risk_later);
  return parts;
}

TEST(Peaks, OfTheHoldOutAreWhatTheWholeHasMore) {
  GapFigures before, whole;
  before.events = {1, 2};
  before.at_risk = {9, 5};
  before.open = {3, 2};
  whole.events = {2, 4};
  whole.at_risk = {12, 9};
  whole.open = {1, 1};
  const GapParts parts(before, whole);
  EXPECT_EQ(parts.events_later, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(parts.at_risk_later, (std::vector<std::int64_t>{6, 6}));  // those still open go on in the same bin
}

TEST(Peaks, PlantedOnesAreFoundAndConfirmed) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto hazard = [](std::size_t bin) {
      return bin == 16 || bin == 26 || bin == 27 || bin == 52 ? 0.02 : 0.0005;
    };
    const std::vector<GapParts> rules = {draw(random, 5'000, hazard)};
    const std::vector<Peak> peaks = find_peaks(rules, 30, 0.05)[0];
    ASSERT_EQ(peaks.size(), 3u);
    EXPECT_EQ(peaks[0].at, 16u);
    EXPECT_EQ(peaks[1].from, 26u);
    EXPECT_EQ(peaks[1].until, 28u);
    EXPECT_EQ(peaks[2].at, 52u);
    for (const Peak& peak : peaks) {
      EXPECT_TRUE(peak.is_confirmed);
      EXPECT_LE(peak.from, peak.at);
      EXPECT_LT(peak.at, peak.until);
      EXPECT_LT(peak.log_q, portable::log(1e-6));
    }
  }
}

TEST(Peaks, OneThatDoesNotComeAgainIsNotConfirmed) {
  std::mt19937 random(1);
  GapParts parts = draw(random, 5'000, [](std::size_t bin) { return bin == 20 ? 0.02 : 0.001; });
  draw(
      random, 5'000, [](std::size_t) { return 0.001; }, parts.events_later, parts.at_risk_later);
  const std::vector<Peak> peaks = find_peaks(std::span(&parts, 1), 30, 0.05)[0];
  ASSERT_EQ(peaks.size(), 1u);
  EXPECT_EQ(peaks[0].at, 20u);
  EXPECT_FALSE(peaks[0].is_confirmed);
}

// Flat, falling and rising hazards of 100 rules at once have hardly a bin that stands out, and none that is confirmed.
TEST(Peaks, SlopesAndNoiseAreNone) {
  std::size_t found = 0, confirmed = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    std::vector<GapParts> rules;
    for (int i = 0; i < 100; ++i)
      rules.push_back(draw(random, 300 + 40 * i, [&](std::size_t bin) {
        if (i % 3 == 0) return 0.004;
        return i % 3 == 1 ? 0.05 * portable::exp(-0.1 * static_cast<double>(bin)) : 0.0005 * static_cast<double>(bin);
      }));
    for (const std::vector<Peak>& peaks : find_peaks(rules, 30, 0.05))
      for (const Peak& peak : peaks) {
        ++found;
        confirmed += peak.is_confirmed;
      }
  }
  EXPECT_LE(found, 2u);
  EXPECT_EQ(confirmed, 0u);
}

TEST(Peaks, WhereFewAreAtRiskThereIsNone) {
  GapParts parts{GapFigures{}, GapFigures{}};
  parts.events_before.assign(kBins, 0);
  parts.at_risk_before.assign(kBins, 29);
  parts.events_before[30] = 20;
  parts.events_later = parts.events_before;
  parts.at_risk_later = parts.at_risk_before;
  EXPECT_TRUE(find_peaks(std::span(&parts, 1), 30, 0.05)[0].empty());
  EXPECT_EQ(find_peaks(std::span(&parts, 1), 29, 0.05)[0].size(), 1u);
  // At the ends nothing is on one side.
  EXPECT_EQ(log_p_of_bin({parts.events_before, parts.at_risk_before}, 1), 0);
  EXPECT_EQ(log_p_of_bin({parts.events_before, parts.at_risk_before}, kBins - 2), 0);
}

}  // namespace
}  // namespace nudge::sequence_rules
