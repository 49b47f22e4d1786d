// A bundle of features is scored as a customer is who has them; what is wrong with it is told by name.
#include "operators/scores/bundle.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "connectors/json_text.h"
#include "engine/portable_math.h"
#include "operators/scores/learner.h"

namespace nudge::scores {
namespace {

constexpr Column kColumns[] = {
    {"age", ValueType::kInteger, "years", "age", ColumnUse::kCustomerFeature},
    {"city", ValueType::kText, {}, "city", ColumnUse::kCustomerFeature},
    {"hidden", ValueType::kInteger, {}, "no feature", ColumnUse::kSql},
};

class Bundles : public ::testing::Test {
 protected:
  Bundles() {
    catalog_.add(0, kColumns);
    target_.name = "buys";
    scorer_.emplace(target_, catalog_);
  }

  // The young in town buy.
  Model learnt() {
    const FeatureSet features(catalog_, false, {});
    Learner learner(features.texts(), {});
    std::mt19937 random(5);
    std::vector<std::string> packed;
    std::vector<LabelledRow> rows;
    for (int i = 0; i < 3'000; ++i) {
      const bool town = random() % 2 == 0;
      const float age = static_cast<float>(18 + random() % 60);
      pack(std::vector<float>{age, feature_value(Value(std::string_view(town ? "town" : "country")))},
           packed.emplace_back());
      const double p = 1 / (1 + std::exp((age - 45) / 10 - (town ? 1 : -1)));
      rows.push_back({{}, static_cast<std::uint64_t>(i), 1, static_cast<double>(random() % 1000) < 1000 * p});
    }
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].features = packed[i];
    learner.learn(rows);
    Model model{.name = "scores.buys", .version = 3, .trained_until = 86'400'000, .bytes = {}};
    Encoder out(model.bytes);
    learner.model(features.schema(), 0, learner.window_scores()).encode(out);
    return model;
  }
  nlohmann::json score(const Model& model, const std::vector<BundleEntry>& bundle) {
    auto scored = scorer_->score(model, bundle);
    EXPECT_TRUE(scored.is_ok());
    return scored.is_ok() ? nlohmann::json::parse(scored.value()) : nlohmann::json();
  }
  std::string failure(const std::vector<BundleEntry>& bundle) {
    return std::string(scorer_->score(learnt(), bundle).status().message());
  }

  ColumnCatalog catalog_;
  Target target_;
  std::optional<BundleScorer> scorer_;
};

TEST_F(Bundles, AreScoredWithReasons) {
  const Model model = learnt();
  const auto young = score(model, {{"age", std::int64_t{20}}, {"city", std::string_view("town")}});
  const auto old = score(model, {{"city", std::string_view("country")}, {"age", 70.0}});
  SCOPED_TRACE(young.dump() + old.dump());
  EXPECT_GT(young["probability"], 0.8);
  EXPECT_EQ(young["band"], "sure");
  EXPECT_LT(old["probability"], 0.2);
  ASSERT_EQ(young["reasons"].size(), 2u);
  ASSERT_EQ(old["reasons"].size(), 2u);
  EXPECT_EQ(young["uncertain"], false);
  EXPECT_EQ(young["target"], "buys");
  EXPECT_EQ(young["model"]["version"], 3);
  EXPECT_EQ(young["model"]["trained_until"], "1970-01-02T00:00:00.000Z");
  EXPECT_EQ(young["reasons"][0]["feature"], "age");
  EXPECT_EQ(young["reasons"][0]["text"], "age of 20 years raises it");
  EXPECT_EQ(old["reasons"][0]["text"], "age of 70 years lowers it");
  EXPECT_EQ(young["reasons"][1]["text"], "city town raises it");
}

TEST_F(Bundles, WhatIsLeftOutIsUnknown) {
  const Model model = learnt();
  EXPECT_EQ(score(model, {{"age", std::int64_t{30}}}), score(model, {{"age", std::int64_t{30}}, {"city", Value()}}));
}

TEST_F(Bundles, AreWithheldWithoutAModel) {
  const FeatureSet features(catalog_, false, {});
  Model model{.name = "scores.buys", .version = 1, .trained_until = 0, .bytes = {}};
  Encoder out(model.bytes);
  ScoringModel::withheld(features.schema(), 0).encode(out);
  const auto withheld = score(model, {{"age", std::int64_t{30}}});
  EXPECT_TRUE(withheld["probability"].is_null() && withheld["model"].is_null() && withheld["reasons"].empty());
}

TEST_F(Bundles, SayWhatIsWrong) {
  EXPECT_EQ(failure({{"hidden", std::int64_t{1}}}), "hidden: is no feature of buys");
  EXPECT_EQ(failure({{"age", std::int64_t{1}}, {"age", std::int64_t{2}}}), "age: is there twice");
  EXPECT_EQ(failure({{"age", std::string_view("old")}}), "age: must be a number");
  EXPECT_EQ(failure({{"city", 3.0}}), "city: must be a text");
  EXPECT_EQ(failure({{"age", 1e300}}), "age: must be a number of common size");
}

}  // namespace
}  // namespace nudge::scores
