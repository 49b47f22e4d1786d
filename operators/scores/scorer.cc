#include "operators/scores/scorer.h"

#include <algorithm>

#include "engine/check.h"
#include "engine/hash.h"
#include "operators/scores/history.h"

namespace nudge::scores {
namespace {

std::string_view band_of(double probability, const Target& target) {
  if (probability < target.edges[0]) return "unlikely";
  return probability <= target.edges[1] ? "hesitant" : "sure";
}

}  // namespace

void write_model(JsonWriter& writer, const Model& model) {
  writer.key("model");
  writer.begin_object();
  writer.member("name", std::string_view(model.name));
  writer.member("version", model.version);
  writer.member_time("trained_until", model.trained_until);
  writer.end_object();
}

Judged judge(const ScoringModel& model, double margin, const Target& target) {
  Judged judged{.log_odds = model.calibrated(margin), .band = {}};
  judged.probability_micro = probability_micro(judged.log_odds);
  judged.percentile_centi = model.percentile_centi(judged.log_odds);
  const double p = static_cast<double>(judged.probability_micro) / kProbabilityOne;
  judged.band = band_of(p, target);
  const ProbabilityInterval interval = model.interval(margin);
  judged.is_uncertain = band_of(std::min(p, interval.p0), target) != band_of(std::max(p, interval.p1), target);
  return judged;
}

Scorer::Scorer(const Targets& targets, std::size_t place, const ColumnCatalog& columns)
    : target_(targets.all[place]),
      names_trigger_(targets.labels[target_.label].trigger.has_value()),
      place_(static_cast<std::uint8_t>(place)),
      epoch_(targets.epoch),
      features_(columns, target_.of == Entity::kSessions, target_.excluded),
      name_hash_(hash64(target_.name)),
      reasons_(features_) {
  contributions_.resize(features_.size());
  JsonWriter writer(until_probability_);
  writer.member("target", std::string_view(target_.name));
  writer.key("probability");
  withheld_until_reasons_ =
      until_probability_ + R"(null,"percentile":null,"band":null,"uncertain":null,"model":null,"reasons":)";
  if (target_.among.empty()) return;
  std::vector<ColumnRef> refs;
  const std::vector<ExpressionColumn> known = customer_columns(columns, refs);
  auto among = Expression::compile(target_.among, known);
  NUDGE_CHECK(among.is_ok(), "the configuration is checked");
  among_ = std::move(among).value();
  for (const std::size_t index : among_->used()) among_columns_.push_back(refs[index]);
}

void Scorer::adopt(const Model& model) {
  model_ = ScoringModel::decode(model.bytes);
  NUDGE_CHECK(model_.has_value(), "a model as it was published");
  until_reasons_.clear();
  JsonWriter writer(until_reasons_);
  write_model(writer, model);
  writer.key("reasons");
}

bool Scorer::concerns(const CustomerContext& context) {
  if (!among_) return true;
  row_.clear();
  for (const ColumnRef& ref : among_columns_) row_.push_back(context.value(ref));
  return among_->holds(row_);
}

std::optional<PendingRow> Scorer::score(CustomerContext& context, const Occasion& occasion) {
  const std::uint64_t id = score_id(context, occasion);
  const std::uint8_t shift = model_ ? model_->sample_shift() : 0;
  const bool chosen = occasion.is_judged && is_chosen(id, shift);
  // After a change of the program's columns the model of the old ones knows nothing of these.
  const bool scored = model_ && model_->active() && model_->schema() == features_.schema();
  if (chosen || scored) features_.read(context, values_);
  const Judged score = scored ? judge(*model_, model_->margin(values_, contributions_), target_) : Judged();
  write(context, occasion.at, score, occasion.session);
  EpochScores& epoch = epoch_of(occasion.at);
  epoch.made += 1;
  if (score.probability_micro >= 0) {
    epoch.histogram.add(score.log_odds);
    if (occasion.is_judged) note(context, score, occasion);
  }
  if (!chosen) return std::nullopt;
  PendingRow row{.at = occasion.at,
                 .session = occasion.session ? occasion.session->session : 0,
                 .score_id = id,
                 .probability_micro = score.probability_micro,
                 .shift = shift,
                 .packed = {}};
  pack(values_, row.packed);
  row.set_trigger(occasion.trigger);
  return row;
}

void Scorer::write(CustomerContext& context, Millis at, const Judged& score, const SessionTouched* session) {
  Outputs& outputs = context.outputs();
  JsonWriter writer = outputs.begin(output::kScores, context.customer_id(), at);
  writer.member<"customer_id">(context.customer_id());
  if (score.probability_micro >= 0) {
    writer.members_and_key(until_probability_);
    writer.decimal(score.probability_micro, 6);
    writer.key<"percentile">();
    writer.decimal(score.percentile_centi, 2);
    writer.member<"band">(score.band);
    writer.member<"uncertain">(score.is_uncertain);
    writer.members_and_key(until_reasons_);
    reasons_.write(contributions_, context, reasons_json_);
  } else {
    writer.members_and_key(withheld_until_reasons_);
    reasons_json_ = "[]";
  }
  writer.raw(reasons_json_);
  if (session) {
    writer.key<"session_id">();
    if (session->session_id.empty())
      writer.null();
    else
      writer.text(session->session_id);
  }
  outputs.end(writer, output::kScores);

  ScoreMade& made = context.signals().of<ScoreMade>().emplace_back();
  made.target = target_.name;
  made.at = at;
  made.probability_micro = score.probability_micro;
  made.percentile_centi = score.percentile_centi;
  made.band = score.band;
  made.reasons_json = reasons_json_;
  if (session) made.session_id = session->session_id;
}

void Scorer::note(CustomerContext& context, const Judged& score, const Occasion& occasion) {
  ScoreNote note{.target = place_, .at = occasion.at, .probability_micro = score.probability_micro};
  if (target_.within_session) {
    const std::optional<Event>& record = context.cause().record;
    note.session = session_key(occasion.session->session_id, record ? record->visitor_id() : std::string_view());
  }
  note.trigger = occasion.trigger;
  note_.clear();
  note.append(note_, target_.within_session, names_trigger_);
  context.note(note_);
}

EpochScores& Scorer::epoch_of(Millis at) {
  const std::int64_t number = at / epoch_;
  for (std::size_t i = epochs_.size(); i > 0; --i)
    if (epochs_[i - 1].epoch == number) return epochs_[i - 1];
  return epochs_.emplace_back(EpochScores{.epoch = number, .histogram = {}});
}

std::uint64_t Scorer::score_id(const CustomerContext& context, const Occasion& occasion) const {
  std::uint64_t id = mix(name_hash_, hash64(context.customer_id()));
  id = mix(id, static_cast<std::uint64_t>(occasion.at));
  if (occasion.event) return mix(mix(id, hash64(occasion.event->source())), hash64(occasion.event->event_id()));
  if (!occasion.session) return id;
  const std::optional<Event>& record = context.cause().record;
  return mix(mix(id, occasion.session->session), record ? hash64(record->event_id()) : 0);
}

}  // namespace nudge::scores
