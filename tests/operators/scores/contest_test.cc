// When a challenger becomes the champion: seldom where it is no better, soon where it is, and by scores alone that were
// made when everything that it is judged by was still to come.
#include "operators/scores/contest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "connectors/json_text.h"
#include "operators/scores/estimator.h"
#include "operators/scores/quality.h"

namespace nudge::scores {
namespace {

constexpr Millis kStart = 2'800 * kWeek;

// Says of a row what one of its features is.
class Saying final : public FittedModel {
 public:
  explicit Saying(std::size_t feature) : feature_(feature) {}
  double margin(std::span<const float> row, std::span<double>) const override {
    return static_cast<double>(row[feature_]);
  }
  void encode(Encoder&) const override {}

 private:
  std::size_t feature_;
};

std::shared_ptr<const ScoringModel> saying(std::size_t feature) {
  return std::make_shared<const ScoringModel>(1, std::uint8_t{0}, std::size_t{2}, std::make_shared<Saying>(feature),
                                              Meaning{}, ScoreHistogram{});
}

// A shop of one score every few minutes whose label is known an hour later. Feature 0 is what the first model says of
// it, feature 1 what the second says, both as log-odds; how far each is from the truth is given.
class Shop {
 public:
  Shop(unsigned seed, double error_of_first, double error_of_second, double promotion_error = 0.05)
      : contest({"first", "second"}, promotion_error),
        random_(seed),
        first_(error_of_first),
        second_(error_of_second),
        models_{saying(0), saying(1)} {}

  // Says whether a challenger was promoted.
  bool day(int rows = 150) {
    const Millis begin = kStart + day_++ * kDay;
    // Rows of a day share its fate.
    const double fate = std::normal_distribution(0.0, 0.3)(random_);
    for (int row = 0; row < rows; ++row) {
      const double truth = std::normal_distribution(-1.0, 0.8)(random_);
      const float says[] = {off(truth, first_), off(truth, second_)};
      const bool label = std::uniform_real_distribution<>()(random_) < 1 / (1 + std::exp(-truth - fate));
      const double published = contest.champion() == 0 ? static_cast<double>(says[0]) : static_cast<double>(says[1]);
      contest.judge({.scored_at = begin + row * kMinute,
                     .probability_micro = probability_micro(published),
                     .features = says,
                     .weight = 1,
                     .label = label});
    }
    return contest.end_epoch(begin + kDay, begin + 2 * kDay, models_);
  }
  bool ever_promoted(int days) {
    for (int i = 0; i < days; ++i)
      if (day()) return true;
    return false;
  }
  int days() const { return day_; }

  Contest contest;

 private:
  float off(double truth, double error) { return static_cast<float>(truth + (random_() % 2 == 0 ? error : -error)); }
  std::mt19937 random_;
  double first_, second_;
  Contest::Models models_;
  int day_ = 0;
};

nlohmann::json record_of(const Contest& contest) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object();
  const std::string_view failures[] = {"", "no memory"};
  contest.write(writer, failures);
  writer.end_object();
  return connectors::parse_json(json);
}

TEST(Contest, AChallengerThatIsNoBetterIsSeldomPromoted) {
  int promoted = 0;
  constexpr int kShops = 400;
  for (unsigned seed = 1; seed <= kShops; ++seed) promoted += Shop(seed, 0.4, 0.4, 0.1).ever_promoted(150);
  EXPECT_LE(promoted, kShops / 10);
}

TEST(Contest, ABetterChallengerIsPromotedSoonAndAWorseOneNever) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Shop better(seed, 0.8, 0.1);
    EXPECT_TRUE(better.ever_promoted(60));
    EXPECT_EQ(better.contest.champion(), 1u);
    EXPECT_FALSE(Shop(seed, 0.1, 0.8).ever_promoted(150));
  }
}

TEST(Contest, TheRecordSaysByWhichNumbers) {
  Shop shop(3, 0.8, 0.1);
  ASSERT_TRUE(shop.ever_promoted(60));
  const nlohmann::json record = record_of(shop.contest);
  EXPECT_EQ(record.at("champion"), "second");
  ASSERT_EQ(record.at("challengers").size(), 1u);
  const nlohmann::json& second = record.at("challengers")[0];
  EXPECT_EQ(second.at("model"), "second");
  EXPECT_TRUE(second.at("promoted").get<bool>());
  EXPECT_EQ(second.at("failure"), "no memory");
  EXPECT_GE(second.at("blocks").get<std::uint64_t>(), Comparison::kBlocksLeast);
  EXPECT_GT(second.at("low").get<double>(), 0);
  EXPECT_GT(second.at("difference").get<double>(), second.at("low").get<double>());
  EXPECT_EQ(second.at("error_allowed").get<double>(), 0.025);  // the first time it is half of all
  // From then on the first one challenges, with half of the rest.
  shop.day();
  const nlohmann::json after = record_of(shop.contest).at("challengers")[0];
  EXPECT_EQ(after.at("model"), "first");
  EXPECT_EQ(after.at("blocks"), 0);
  EXPECT_TRUE(after.at("failure").is_null());
  EXPECT_NEAR(after.at("error_allowed").get<double>(), 0.05 / 6, 1e-9);
}

TEST(Contest, ScoresMadeBeforeABlockDoNotCount) {
  Shop shop(1, 0.4, 0.1);
  EXPECT_FALSE(shop.contest.counts(kStart));  // nobody could have said anything
  shop.day();
  shop.day();
  EXPECT_FALSE(shop.contest.counts(kStart + 2 * kDay - 1));
  EXPECT_TRUE(shop.contest.counts(kStart + 2 * kDay));
}

TEST(Contest, ABlockWaitsForAHundredRows) {
  Shop shop(1, 0.4, 0.1);
  for (int day = 0; day < 12; ++day) shop.day(40);
  // Two days until there is a challenger of the day before, then one block in three days.
  EXPECT_EQ(record_of(shop.contest).at("challengers")[0].at("blocks"), 3);
}

TEST(Contest, ComparisonsThatDecideNothingBeginAnew) {
  Shop shop(1, 0.4, 0.4, 1e-6);
  for (std::uint64_t day = 0; day < Contest::kBlocksMost + 5; ++day) ASSERT_FALSE(shop.day());
  const nlohmann::json second = record_of(shop.contest).at("challengers")[0];
  EXPECT_LT(second.at("blocks").get<std::uint64_t>(), 10u);
  EXPECT_NEAR(second.at("error_allowed").get<double>(), 1e-6 / 6, 1e-9);
}

TEST(Contest, WithoutChallengersThereIsNone) {
  Contest contest({"only"}, 0.05);
  EXPECT_FALSE(contest.is_held());
  EXPECT_FALSE(contest.counts(kStart));
  EXPECT_FALSE(contest.end_epoch(kStart, kStart + kDay, {saying(0)}));
  EXPECT_TRUE(record_of(contest).empty());
}

}  // namespace
}  // namespace nudge::scores
