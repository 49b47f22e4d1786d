// Both parts together on sessions whose truth is planted: probabilities near the truth's, calibrated in the band, the
// same for any number of tasks, explained, and judged at the end as they were.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "connectors/json_text.h"
#include "operators/scores/quality.h"
#include "tests/operators/scores/shop.h"

namespace nudge::scores {
namespace {

using nudge::testing::FakeTimeline;
using testing::Desk;
using testing::FakeStage;

constexpr Millis kStart = 2'800 * kWeek;
constexpr int kCustomers = 60, kSessionsADay = 150;

enum class Truth { kSum, kTogether, kAlways };

// Where the two act together only, no sum of what each says is worth anything.
double truth_of(int adds, bool mobile, Truth truth) {
  if (truth == Truth::kAlways) return 1;
  if (truth == Truth::kTogether) return (adds > 0) == mobile ? 0.75 : 0.15;
  return 1 / (1 + std::exp(2.4 - 1.1 * adds + 0.8 * mobile));
}

struct Outcome {
  ScoreTally tally, truth;
  std::uint64_t withheld = 0, scored = 0;
};

class PlantedShop {
 public:
  PlantedShop(Targets targets, std::size_t tasks, unsigned seed, Truth truth = Truth::kSum)
      : targets_(std::move(targets)), random_(seed), truth_(truth) {
    for (int i = 0; i < kCustomers; ++i) desks_.push_back(std::make_unique<Desk>(targets_, "c" + std::to_string(i)));
    for (std::size_t i = tasks; i < desks_.size(); ++i) desks_[i]->keyed = desks_[i % tasks]->keyed;
    tasks_ = tasks;
    restart_global();
  }

  // The global part as after a restart.
  void restart_global() {
    std::string bytes;
    Encoder out(bytes);
    if (global_) global_->encode(out);
    global_ = make_global(targets_, desks_[0]->customer.columns());
    if (bytes.empty()) return;
    Decoder in(bytes);
    global_->decode(in);
    ASSERT_TRUE(in.ok() && in.at_end());
  }

  void run_day(int day) {
    const Millis begin = kStart + day * kDay;
    for (std::size_t task = 0; task < tasks_; ++task)
      for (const Model& model : adopting_) desks_[task]->keyed->adopt(model);
    for (int n = 0; n < kSessionsADay; ++n)
      run_session(begin + n * 9 * kMinute, static_cast<std::uint64_t>(day) * 1'000 + n + 1);
    for (auto& desk : desks_) {
      desk->pass(begin + kDay);
      desk->customer.take_lines(output::kScores);
    }
    for (std::size_t task = tasks_; task-- > 0;) global_->merge(desks_[task]->keyed->partial(begin + kDay));
    stage.valid = begin + 2 * kDay;
    adopting_ = std::exchange(stage.published, {});  // adopted one epoch later, as the engine does
    std::swap(adopting_, waiting_);
    global_->learn(begin + kDay, false, stage);
    for (Model& model : stage.published) models.push_back(model);
    waiting_ = std::exchange(stage.published, {});
  }

  nlohmann::json finish(Millis end) {
    for (auto& desk : desks_) {
      FakeTimeline timeline;
      for (const std::string& note : desk->customer.notes()) timeline.note(0, note);
      for (const Event& event : facts_[desk.get()]) timeline.apply(event);
      desk->customer.at(end, Cause::Kind::kFinish);
      desk->keyed->finish(desk->customer, timeline);
    }
    for (std::size_t task = 0; task < tasks_; ++task) global_->conclude(desks_[task]->keyed->conclude());
    std::string json;
    JsonWriter writer(json);
    writer.begin_object();
    global_->report(writer);
    writer.end_object();
    return connectors::parse_json(json);
  }

  FakeStage stage;
  std::vector<Model> models;
  Outcome all, late;
  int late_from = 1'000;
  bool recency_is_known = true;

 private:
  void run_session(Millis begin, std::uint64_t session) {
    Desk& desk = *desks_[random_() % kCustomers];
    const bool mobile = random_() % 2 == 0;
    const int steps = 2 + static_cast<int>(random_() % 4);
    const std::string id = "s" + std::to_string(session);
    desk.customer.set("device", std::string_view(mobile ? "mobile" : "desktop"));
    desk.customer.set("orders", static_cast<std::int64_t>(random_() % 7));
    desk.customer.set("recency_days",
                      random_() % 5 == 0 || !recency_is_known ? Value() : Value(static_cast<double>(random_() % 100)));
    int adds = 0;
    std::vector<int> adds_at;
    const std::size_t before = desk.scores.size();
    for (int step = 0; step < steps; ++step) {
      if (step > 0) adds += random_() % 3 == 0;
      adds_at.push_back(adds);
      desk.customer.set("cart_adds", std::int64_t{adds});
      desk.pass(begin + step * kMinute);
      facts_[&desk].push_back(desk.view_event(begin + step * kMinute, id));
      desk.touch(begin + step * kMinute, session, id);
    }
    Millis last = begin + (steps - 1) * kMinute;
    const bool bought = std::uniform_real_distribution<>()(random_) < truth_of(adds, mobile, truth_);
    if (bought) {
      last += kMinute;
      facts_[&desk].push_back(desk.sale_event(last));
      desk.sale(last);
    }
    open_.push_back({&desk, session, begin, last});
    // The silence after it ends a session before its customer's next event.
    for (const Open& open : open_) open.desk->end(open.session, open.from, open.until, kMinute);
    open_.clear();
    tell(desk, before, adds_at, mobile, bought, begin);
  }

  void tell(Desk& desk, std::size_t from, const std::vector<int>& adds_at, bool mobile, bool bought, Millis begin) {
    for (std::size_t i = from; i < desk.scores.size(); ++i) {
      const ScoreMade& made = desk.scores[i];
      for (Outcome* outcome : {&all, &late}) {
        if (outcome == &late && begin < kStart + late_from * kDay) continue;
        outcome->scored += 1;
        outcome->withheld += made.probability_micro < 0;
        if (made.probability_micro < 0) continue;
        outcome->tally.add(made.probability_micro, bought);
        outcome->truth.add(static_cast<std::int32_t>(truth_of(adds_at[i - from], mobile, truth_) * 1e6), bought);
      }
    }
  }

  struct Open {
    Desk* desk;
    std::uint64_t session;
    Millis from, until;
  };
  Targets targets_;
  std::mt19937 random_;
  Truth truth_;
  std::vector<std::unique_ptr<Desk>> desks_;
  std::size_t tasks_ = 0;
  std::unique_ptr<GlobalOperator> global_;
  std::vector<Model> adopting_, waiting_;
  std::vector<Open> open_;
  std::map<const Desk*, std::vector<Event>> facts_;
};

Targets session_targets() {
  Target target = testing::hesitation();
  target.label_delay = kMinute;
  Targets targets = testing::with_target(target);
  targets.session_gap = kMinute + 1;
  return targets;
}

TEST(Learning, ReachesThePlantedTruthAndMeansWhatItSays) {
  PlantedShop shop(session_targets(), 1, 1);
  shop.late_from = 20;
  for (int day = 0; day < 60; ++day) shop.run_day(day);
  const Quality quality = shop.late.tally.quality(0.15, 0.5), truth = shop.late.truth.quality(0.15, 0.5);
  EXPECT_EQ(shop.late.withheld, 0u);
  EXPECT_GT(*quality.auc, *truth.auc - 0.01);
  EXPECT_GT(quality.band_n, 1'000u);
  EXPECT_NEAR(*quality.band_predicted, *quality.band_actual, 0.02);
  EXPECT_LT(*quality.log_loss, *truth.log_loss + 0.02);
  EXPECT_LT(*quality.ece, 0.02);
  // Withheld until labels of both classes are known and the model is in force, and not longer.
  EXPECT_GT(shop.all.withheld, 0u);
  EXPECT_LT(static_cast<double>(shop.all.withheld), 0.06 * static_cast<double>(shop.all.scored));
}

TEST(Learning, TheReportEqualsWhatHappened) {
  PlantedShop shop(session_targets(), 3, 2);
  for (int day = 0; day < 15; ++day) shop.run_day(day);
  const Quality told = shop.all.tally.quality(0.15, 0.5);
  const nlohmann::json report = shop.finish(kStart + 100 * kDay).at("quality").at("hesitation");
  EXPECT_EQ(report.at("n").get<std::uint64_t>(), told.n);
  EXPECT_NEAR(report.at("auc").get<double>(), *told.auc, 1e-9);
  EXPECT_NEAR(report.at("log_loss").get<double>(), *told.log_loss, 1e-9);
  EXPECT_NEAR(report.at("brier").get<double>(), *told.brier, 1e-9);
  EXPECT_EQ(report.at("band").at("n").get<std::uint64_t>(), told.band_n);
  EXPECT_NEAR(report.at("band").at("actual").get<double>(), *told.band_actual, 1e-9);
}

TEST(Learning, TasksDoNotShowAndARestartDoesNot) {
  Targets targets = session_targets();
  targets.all[0].rows_per_epoch_max = 300;  // fewer than a day brings, so that rows are sampled
  std::vector<std::vector<Model>> runs;
  for (const std::size_t tasks : {1u, 4u, 60u}) {
    PlantedShop shop(targets, tasks, 3);
    for (int day = 0; day < 12; ++day) {
      shop.run_day(day);
      if (tasks == 4) shop.restart_global();
    }
    runs.push_back(shop.models);
  }
  ASSERT_GT(runs[0].size(), 5u);
  for (std::size_t run = 1; run < runs.size(); ++run) {
    ASSERT_EQ(runs[run].size(), runs[0].size());
    for (std::size_t i = 0; i < runs[0].size(); ++i) EXPECT_EQ(runs[run][i].bytes, runs[0][i].bytes) << i;
  }
  const auto last = ScoringModel::decode(runs[0].back().bytes);
  ASSERT_TRUE(last && last->active());
  EXPECT_EQ(last->sample_shift(), 1);
}

TEST(Learning, WithholdsScoresWhileEveryLabelIsTheSame) {
  PlantedShop shop(session_targets(), 1, 8, Truth::kAlways);
  nlohmann::json record;
  for (int day = 0; day < 6; ++day) {
    shop.run_day(day);
    record = shop.stage.take(output::kQuality).at(0);
  }
  EXPECT_GT(shop.all.scored, 1'000u);
  EXPECT_EQ(shop.all.withheld, shop.all.scored);
  EXPECT_EQ(record.at("state"), "withheld");
  const std::string reason = record.at("withheld_because");
  EXPECT_TRUE(reason.starts_with("every label has been true so far, of ")) << reason;
  EXPECT_TRUE(record.at("prequential").at("auc").is_null());
}

TEST(Learning, AFeatureThatIsAlwaysUnknownSaysNothing) {
  PlantedShop shop(session_targets(), 1, 9);
  shop.recency_is_known = false;
  for (int day = 0; day < 6; ++day) shop.run_day(day);
  Desk desk(session_targets(), "c9");
  desk.keyed->adopt(shop.models.back());
  desk.customer.set("cart_adds", std::int64_t{1});
  desk.customer.set("device", std::string_view("mobile"));
  desk.customer.set("orders", std::int64_t{1});
  std::uint64_t session = 4;
  for (const Value& recency : {Value(), Value(3.0), Value(400.0)}) {
    desk.customer.set("recency_days", recency);
    ++session;
    desk.touch(kStart + 9 * kDay, session, "s" + std::to_string(session));
  }
  ASSERT_EQ(desk.scores.size(), 3u);
  for (const ScoreMade& made : desk.scores) {
    EXPECT_GT(made.probability_micro, 0);
    EXPECT_EQ(made.probability_micro, desk.scores[0].probability_micro);
    EXPECT_EQ(made.reasons_json.find("recency_days"), std::string::npos) << made.reasons_json;
  }
}

// The first champion is a sum of curves.
TEST(Learning, AChallengerThatKnowsBetterMakesTheScores) {
  Targets targets = session_targets();
  targets.all[0].learner.challengers = {2};
  targets.all[0].learner.window = 3'000;
  std::vector<std::vector<Model>> runs;
  for (const std::size_t tasks : {1u, 4u}) {
    PlantedShop shop(targets, tasks, 7, Truth::kTogether);
    std::vector<nlohmann::json> records;
    for (int day = 0; day < 30; ++day) {
      shop.run_day(day);
      if (tasks == 4) shop.restart_global();
      for (const nlohmann::json& record : shop.stage.take(output::kQuality)) records.push_back(record);
    }
    runs.push_back(shop.models);
    if (tasks != 1) continue;
    const auto promoted = std::find_if(records.begin(), records.end(), [](const nlohmann::json& record) {
      return !record.at("challengers").empty() && record.at("challengers")[0].at("promoted") == true;
    });
    ASSERT_NE(promoted, records.end());
    EXPECT_EQ(promoted->at("champion"), "gradient_boosting");
    const nlohmann::json& numbers = promoted->at("challengers")[0];
    EXPECT_EQ(numbers.at("model"), "gradient_boosting");
    EXPECT_GT(numbers.at("low").get<double>(), 0);
    EXPECT_EQ(records.back().at("champion"), "gradient_boosting");
    // What the promoted model says of two customers, one of each kind.
    Desk desk(targets, "c9");
    desk.keyed->adopt(shop.models.back());
    for (const bool mobile : {false, true}) {
      desk.customer.set("cart_adds", std::int64_t{1});
      desk.customer.set("device", std::string_view(mobile ? "mobile" : "desktop"));
      desk.customer.set("orders", std::int64_t{1});
      desk.touch(kStart + 40 * kDay, 5 + mobile, "s" + std::to_string(mobile));
    }
    ASSERT_EQ(desk.scores.size(), 2u);
    EXPECT_NEAR(desk.scores[0].probability_micro / 1e6, truth_of(1, false, Truth::kTogether), 0.08);
    EXPECT_NEAR(desk.scores[1].probability_micro / 1e6, truth_of(1, true, Truth::kTogether), 0.08);
    const auto records_of_two = testing::parsed(desk.customer.take_lines(output::kScores));
    EXPECT_EQ(records_of_two.at(1).at("reasons").size(), 3u);
  }
  ASSERT_EQ(runs[1].size(), runs[0].size());
  for (std::size_t i = 0; i < runs[0].size(); ++i) EXPECT_EQ(runs[1][i].bytes, runs[0][i].bytes) << i;
}

TEST(Learning, WritesModelsAndQuality) {
  PlantedShop shop(session_targets(), 1, 4);
  shop.run_day(0);
  const auto quality = shop.stage.take(output::kQuality);
  ASSERT_EQ(quality.size(), 1u);
  EXPECT_EQ(quality[0].at("key"), "hesitation");
  EXPECT_EQ(quality[0].at("name"), "hesitation");
  EXPECT_EQ(quality[0].at("state"), "active");
  EXPECT_EQ(quality[0].at("scores"), quality[0].at("learnt"));
  EXPECT_TRUE(quality[0].at("prequential").at("auc").is_null());
  ASSERT_EQ(shop.models.size(), 1u);
  EXPECT_EQ(shop.models[0].name, "scores.hesitation");
  EXPECT_EQ(shop.models[0].version, 1);
  EXPECT_EQ(shop.models[0].trained_until, kStart + kDay);
}

TEST(Records, SayWhatTheSignalSaysWithExactReasons) {
  PlantedShop shop(session_targets(), 1, 5);
  for (int day = 0; day < 4; ++day) shop.run_day(day);
  Desk desk(session_targets(), "c9");
  desk.keyed->adopt(shop.models.back());
  desk.customer.set("cart_adds", std::int64_t{3});
  desk.customer.set("device", std::string_view("mo\"bile"));
  desk.customer.set("orders", std::int64_t{1});
  desk.touch(kStart + 9 * kDay, 5, "s5");
  const auto record = testing::parsed(desk.customer.take_lines(output::kScores)).at(0);
  const ScoreMade& made = desk.scores.at(0);
  EXPECT_EQ(std::lround(record.at("probability").get<double>() * 1e6), made.probability_micro);
  EXPECT_EQ(std::lround(record.at("percentile").get<double>() * 100), made.percentile_centi);
  EXPECT_EQ(record.at("band"), std::string(made.band));
  EXPECT_EQ(record.at("reasons"), connectors::parse_json(made.reasons_json));
  EXPECT_EQ(record.at("session_id"), made.session_id);
  EXPECT_EQ(record.at("model").at("name"), "scores.hesitation");
  EXPECT_EQ(record.at("model").at("trained_until"), format_time(shop.models.back().trained_until));
  ASSERT_EQ(record.at("reasons").size(), 3u);
  const auto& first = record.at("reasons")[0];
  EXPECT_EQ(first.at("feature"), "cart_adds");
  EXPECT_EQ(first.at("value"), 3);
  EXPECT_GT(first.at("contribution").get<double>(), 0.5);
  EXPECT_EQ(first.at("text"), "3 cart adds in this session raise it");
  double last = 1e9;
  for (const auto& reason : record.at("reasons")) {
    EXPECT_LE(std::abs(reason.at("contribution").get<double>()), last);
    last = std::abs(reason.at("contribution").get<double>());
  }
}

}  // namespace
}  // namespace nudge::scores
