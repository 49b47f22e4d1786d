#include "operators/scores/global.h"

#include <algorithm>
#include <deque>

#include "engine/check.h"
#include "engine/hash.h"
#include "operators/scores/contest.h"
#include "operators/scores/estimator.h"
#include "operators/scores/features.h"
#include "operators/scores/quality.h"
#include "operators/scores/row.h"
#include "operators/scores/watch.h"

namespace nudge::scores {
namespace {

// The sampling rate follows the busiest of the latest epochs.
constexpr std::size_t kEpochsRemembered = 8;
// Fewer recent scores than this are no distribution to stand in: the window's rows help out.
constexpr std::uint64_t kScoresLeast = 200;
constexpr std::size_t kShiftsTold = 3;
// Of a target's learner as it is stored.
constexpr std::uint8_t kStateVersion = 1;

std::vector<std::string_view> contestants_of(const LearnerSettings& settings) {
  std::vector<std::string_view> names = {estimators()[0].name};
  for (const std::size_t estimator : settings.challengers) names.push_back(estimators()[estimator].name);
  return names;
}

class TargetLearner {
 public:
  TargetLearner(const Target& target, const ColumnCatalog& columns)
      : target_(target),
        features_(columns, target.of == Entity::kSessions, target.excluded),
        learner_(features_.texts(), target.learner),
        contest_(contestants_of(target.learner), target.promotion_error) {}

  const Target& target() const { return target_; }

  // Reads the target's part of one task's partial; rows stay views into it.
  void merge(Decoder& in, std::vector<MatureRow>& rows) {
    NUDGE_CHECK(in.fixed32() == target_.id && in.fixed64() == features_.schema(), "a partial of this program");
    made_ += in.varint();
    ScoreHistogram histogram;
    histogram.decode(in);
    epoch_scores_.add(histogram);
    rows_matured_ += in.varint();
    for (std::size_t left = in.count(16); left > 0; --left) rows.emplace_back().decode(in);
  }

  void learn(std::vector<MatureRow>& rows, Millis epoch_end, bool last, GlobalContext& context) {
    choose_rows(rows, target_.rows_per_epoch_max);
    std::vector<LabelledRow> labelled;
    labelled.reserve(rows.size());
    ScoreTally tally;
    for (const MatureRow& row : rows) {
      labelled.push_back({row.features, hash64(row.customer), static_cast<double>(1ull << row.shift), row.label});
      if (row.probability_micro >= 0) tally.add(row.probability_micro, row.label);
      // Those of a session mature together.
      watch_.add(row.probability_micro, row.label,
                 mix(labelled.back().customer, static_cast<std::uint64_t>(row.mature_at)));
    }
    watch_.end_epoch();
    judge_contest(rows);
    learner_.learn(labelled, watch_.worse());
    remember_scores();
    const std::uint8_t shift = sample_shift();
    const bool promoted = contest_.end_epoch(epoch_end, context.valid_from(), contestants());
    const bool changed = shift != shift_ || promoted || (!rows.empty() && learner_.active());
    shift_ = shift;
    // Whoever has got no probability from a whole replay is told why.
    const bool withheld_to_the_end = last && !learner_.active();
    if (!rows.empty() || made_ > 0 || withheld_to_the_end) write_quality_record(rows, tally, epoch_end, context);
    made_ = rows_matured_ = 0;
    watch_.begin_epoch();
    if (changed && !last) publish(epoch_end, context);
  }

  void encode(Encoder& out) const {
    std::string bytes;
    Encoder own(bytes);
    own.byte(kStateVersion);
    own.fixed64(features_.schema());
    own.varint(static_cast<std::uint64_t>(version_));
    own.byte(shift_);
    own.varint(made_);
    own.varint(rows_matured_);
    epoch_scores_.encode(own);
    own.varint(recent_scores_.size());
    for (const ScoreHistogram& scores : recent_scores_) scores.encode(own);
    own.varint(recent_made_.size());
    for (const std::uint64_t made : recent_made_) own.varint(made);
    watch_.encode(own);
    learner_.encode(own);
    contest_.encode(own);
    out.fixed32(target_.id);
    out.text(bytes);
  }

  void decode(std::string_view bytes, Decoder& outer) {
    Decoder in(bytes);
    if (in.byte() != kStateVersion) return outer.fail();
    const bool same_features = in.fixed64() == features_.schema();
    version_ = static_cast<std::int64_t>(in.varint());
    shift_ = in.byte();
    made_ = in.varint();
    rows_matured_ = in.varint();
    epoch_scores_.decode(in);
    recent_scores_.resize(in.count());
    for (ScoreHistogram& scores : recent_scores_) scores.decode(in);
    recent_made_.resize(in.count());
    for (std::uint64_t& made : recent_made_) made = in.varint();
    watch_.decode(in);
    // Other columns than the rows have: learning starts anew.
    if (same_features) {
      learner_.decode(in);
      contest_.decode(in);
    }
    if (!in.ok()) outer.fail();
  }

 private:
  void remember_scores() {
    recent_made_.push_back(made_);
    if (recent_made_.size() > kEpochsRemembered) recent_made_.pop_front();
    if (epoch_scores_.total() == 0) return;
    recent_scores_.push_back(std::move(epoch_scores_));
    epoch_scores_ = {};
    if (recent_scores_.size() > static_cast<std::size_t>(target_.percentile_epochs)) recent_scores_.pop_front();
  }

  std::uint8_t sample_shift() const {
    const std::uint64_t peak = *std::max_element(recent_made_.begin(), recent_made_.end());
    std::uint8_t shift = 0;
    while (peak >> shift > target_.rows_per_epoch_max && shift < kShiftMost) ++shift;
    return shift;
  }

  void publish(Millis epoch_end, GlobalContext& context) {
    ScoreHistogram scores;
    for (const ScoreHistogram& epoch : recent_scores_) scores.add(epoch);
    const std::size_t champion = contest_.champion();
    if (scores.total() < kScoresLeast) scores.add(learner_.window_scores(champion));
    const ScoringModel model = learner_.active() ? learner_.model(features_.schema(), shift_, scores, champion)
                                                 : ScoringModel::withheld(features_.schema(), shift_);
    ++version_;
    std::string bytes;
    Encoder out(bytes);
    model.encode(out);
    JsonWriter writer = context.outputs().begin(output::kModels, target_.model_name(), epoch_end);
    writer.member("name", target_.model_name());
    writer.member("version", version_);
    writer.member_time("valid_from", context.valid_from());
    writer.member_time("trained_until", epoch_end);
    writer.member("target", std::string_view(target_.name));
    writer.member("model", contest_.name(champion));
    writer.member("state", learner_.active() ? "active" : "withheld");
    writer.member("features", static_cast<std::uint64_t>(features_.size()));
    writer.member("rows", learner_.rows_seen());
    writer.member("sampling_rate", 1.0 / static_cast<double>(1ull << shift_));
    if (learner_.active()) {
      const Calibration& calibration = learner_.calibration(champion);
      writer.key("calibration");
      writer.begin_object();
      writer.member_fixed("a", calibration.a, 6);
      writer.member_fixed("b", calibration.b, 6);
      writer.member_fixed("c", calibration.c, 6);
      writer.end_object();
    }
    context.outputs().end(writer, output::kModels);
    context.publish(target_.model_name(), version_, epoch_end, std::move(bytes));
  }

  void judge_contest(const std::vector<MatureRow>& rows) {
    std::vector<float> values(features_.size());
    for (const MatureRow& row : rows) {
      if (!contest_.counts(row.scored_at)) continue;
      NUDGE_CHECK(unpack(row.features, values), "a row of this schema");
      contest_.judge({.scored_at = row.scored_at,
                      .probability_micro = row.probability_micro,
                      .features = values,
                      .weight = static_cast<double>(1ull << row.shift),
                      .label = row.label});
    }
  }

  // As each would be published now.
  Contest::Models contestants() const {
    Contest::Models models(learner_.contestants());
    if (!contest_.is_held()) return models;
    for (std::size_t contestant = 0; contestant < models.size(); ++contestant)
      if (learner_.active(contestant))
        models[contestant] =
            std::make_shared<const ScoringModel>(learner_.model(features_.schema(), shift_, {}, contestant));
    return models;
  }

  // How good the scores were whose labels became known in this epoch, and the state of the model.
  void write_quality_record(const std::vector<MatureRow>& rows, const ScoreTally& tally, Millis epoch_end,
                            GlobalContext& context) {
    JsonWriter writer = context.outputs().begin(output::kQuality, target_.name, epoch_end);
    writer.member("name", std::string_view(target_.name));
    writer.member("scores", made_);
    writer.member("matured", rows_matured_);
    writer.member("learnt", static_cast<std::uint64_t>(rows.size()));
    const auto positives = std::count_if(rows.begin(), rows.end(), [](const MatureRow& row) { return row.label; });
    if (rows.empty())
      writer.member_null("base_rate");
    else
      writer.member_fixed("base_rate", static_cast<double>(positives) / static_cast<double>(rows.size()), 6);
    writer.key("prequential");
    write_quality(writer, tally.quality(target_.edges[0], target_.edges[1]));
    watch_.write(writer);
    write_shifts(writer);
    constexpr std::string_view kReasons[] = {"none", "more_rows", "drift"};
    writer.member("refit", kReasons[static_cast<std::size_t>(learner_.last_refit())]);
    std::vector<std::string_view> failures;
    for (std::size_t contestant = 0; contestant < learner_.contestants(); ++contestant)
      failures.push_back(learner_.failure(contestant));
    contest_.write(writer, failures);
    writer.member("state", learner_.active() ? "active" : "withheld");
    if (learner_.active())
      writer.member_null("withheld_because");
    else
      writer.member("withheld_because",
                    why_withheld(learner_.window_rows(), learner_.window_positives(), target_.learner.labels_min));
    context.outputs().end(writer, output::kQuality);
  }

  // The features that moved most since the last refit; null while too few rows have come since.
  void write_shifts(JsonWriter& writer) {
    std::vector<FeatureShift> shifts = learner_.take_shifts();
    if (shifts.empty()) return writer.member_null("features");
    const auto moved = std::count_if(shifts.begin(), shifts.end(), [](const FeatureShift& each) { return each.moved; });
    std::stable_sort(shifts.begin(), shifts.end(),
                     [](const FeatureShift& left, const FeatureShift& right) { return left.index > right.index; });
    writer.key("features");
    writer.begin_object();
    writer.member("moved", static_cast<std::uint64_t>(moved));
    writer.key("most");
    writer.begin_array();
    for (std::size_t place = 0; place < std::min(shifts.size(), kShiftsTold); ++place) {
      writer.begin_object();
      writer.member("feature", features_.column(shifts[place].feature).column->name);
      writer.member_fixed("psi", shifts[place].index, 6);
      writer.member_fixed("by_chance", shifts[place].by_chance, 6);
      writer.member("moved", shifts[place].moved);
      writer.end_object();
    }
    writer.end_array();
    writer.end_object();
  }

  const Target& target_;
  FeatureSet features_;
  Watch watch_;
  Learner learner_;
  Contest contest_;
  std::int64_t version_ = 0;
  std::uint8_t shift_ = 0;
  // Of the epoch that is being merged.
  std::uint64_t made_ = 0, rows_matured_ = 0;
  ScoreHistogram epoch_scores_;
  std::deque<ScoreHistogram> recent_scores_;  // of epochs that had scores
  std::deque<std::uint64_t> recent_made_;
};

class GlobalScores final : public GlobalOperator {
 public:
  GlobalScores(Targets targets, const ColumnCatalog& columns) : targets_(std::move(targets)) {
    for (const Target& target : targets_.all) learners_.emplace_back(target, columns);
    tallies_.resize(learners_.size());
  }

  void merge(std::string_view partial) override { partials_.emplace_back(partial); }

  void learn(Millis epoch_end, bool last, GlobalContext& context) override {
    std::vector<std::vector<MatureRow>> rows(learners_.size());
    for (const std::string& partial : partials_) {
      Decoder in(partial);
      NUDGE_CHECK(in.varint() == learners_.size(), "a partial of this program");
      for (std::size_t place = 0; place < learners_.size(); ++place) learners_[place].merge(in, rows[place]);
      NUDGE_CHECK(in.ok() && in.at_end(), "a partial as a task wrote it");
    }
    for (std::size_t place = 0; place < learners_.size(); ++place)
      learners_[place].learn(rows[place], epoch_end, last, context);
    partials_.clear();
  }

  void conclude(std::string_view from_task) override {
    Decoder in(from_task);
    const std::size_t count = in.count();
    for (std::size_t place = 0; place < count && place < tallies_.size(); ++place) {
      ScoreTally tally;
      tally.decode(in);
      tallies_[place].add(tally);
    }
    NUDGE_CHECK(in.ok(), "a conclusion as a task wrote it");
  }

  void report(JsonWriter& writer) override {
    writer.key("quality");
    writer.begin_object();
    for (std::size_t place = 0; place < learners_.size(); ++place) {
      const Target& target = targets_.all[place];
      std::string name;
      JsonWriter(name).text(target.name);
      writer.key(std::string_view(name).substr(1, name.size() - 2));
      write_quality(writer, tallies_[place].quality(target.edges[0], target.edges[1]));
    }
    writer.end_object();
  }

  void encode(Encoder& out) const override {
    out.varint(partials_.size());
    for (const std::string& partial : partials_) out.text(partial);
    out.varint(learners_.size());
    for (const TargetLearner& learner : learners_) learner.encode(out);
  }

  void decode(Decoder& in) override {
    partials_.clear();
    for (std::size_t left = in.count(); left > 0; --left) partials_.emplace_back(in.text());
    for (std::size_t left = in.count(5); left > 0; --left) {
      const std::uint32_t id = in.fixed32();
      const std::string_view bytes = in.text();
      for (TargetLearner& learner : learners_)
        if (learner.target().id == id) learner.decode(bytes, in);
    }
  }

 private:
  Targets targets_;
  std::vector<std::string> partials_;  // of the epoch
  std::deque<TargetLearner> learners_;
  std::vector<ScoreTally> tallies_;
};

}  // namespace

std::unique_ptr<GlobalOperator> make_global(Targets targets, const ColumnCatalog& columns) {
  return std::make_unique<GlobalScores>(std::move(targets), columns);
}

}  // namespace nudge::scores
