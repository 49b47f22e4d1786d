#include "operators/scores/target.h"

#include <algorithm>

#include "engine/check.h"
#include "engine/hash.h"
#include "operators/scores/estimator.h"
#include "operators/scores/matcher.h"

namespace nudge::scores {
namespace {

using config::Kind;
using config::Value;

std::uint32_t id_of(std::string_view text) { return static_cast<std::uint32_t>(hash64(text)); }

const Value* member(const Value* value, std::string_view name) {
  return value && value->kind() == Kind::kObject ? value->find(name) : nullptr;
}

Millis session_gap(const Value& root) {
  const Value* gap = member(member(member(&root, "operators"), "sessions"), "gap");
  return gap ? gap->duration() : 30 * kMinute;
}

Millis epoch_of(const Value& root) {
  const Value* epoch = member(member(&root, "engine"), "epoch");
  return epoch ? epoch->duration() : kDay;
}

std::vector<Promotion> promotions_of(const Value& root) {
  std::vector<Promotion> promotions;
  if (const Value* calendar = member(&root, "promotions"))
    for (const Value& item : calendar->items())
      promotions.push_back({*parse_time(item.at("from").text()), *parse_time(item.at("until").text())});
  const auto starts_before = [](const Promotion& left, const Promotion& right) { return left.from < right.from; };
  std::stable_sort(promotions.begin(), promotions.end(), starts_before);
  const auto together = [](const Promotion& left, const Promotion& right) { return left.from == right.from; };
  promotions.erase(std::unique(promotions.begin(), promotions.end(), together), promotions.end());
  return promotions;
}

// When customers are scored.
void read_occasion(const Value& value, Target& target) {
  if (const Value* every = value.find("every")) target.every = every->duration();
  target.offset = value.at("offset").duration();
  if (const Value* at = value.find("at")) {
    const Value* where = at->find("where");
    if (const Value* event = at->find("event"))
      target.at_event = EventCondition{*topic_named(event->text()), where ? where->text() : "true"};
    if (const Value* list = at->find("list")) target.at_list = list->text();
  }
}

void read_label(const Value& label, Millis lead, Target& target, Targets& targets) {
  const Value* any = label.find("any");
  target.none = any == nullptr;
  const Topic topic = *topic_named((any ? *any : label.at("none")).text());
  target.label = targets.label_of(topic, label.at("where").text(), target.trigger());
  const std::string& within = label.at("within").text();
  target.within_session = within == kWithinSession;
  if (within == kWithinPromotion)
    target.lead = lead;
  else if (!target.within_session)
    target.within = *parse_duration(within);
}

std::size_t estimator_of(std::string_view name) {
  std::size_t place = 0;
  while (estimators()[place].name != name) ++place;
  return place;
}

Target read_target(const Value& value, Targets& targets) {
  Target target;
  target.name = value.at("name").text();
  target.id = id_of(target.name);
  target.of = value.at("of").text() == "sessions" ? Entity::kSessions : Entity::kCustomers;
  read_occasion(value, target);
  read_label(value.at("label"), value.at("lead").duration(), target, targets);
  const bool sessions = target.of == Entity::kSessions;
  if (const Value* among = value.find("among"))
    target.among = among->text();
  else if (target.every > 0 || target.lead > 0)
    target.among = kBuyers;
  const Value* delay = value.find("label_delay");
  target.label_delay = delay ? delay->duration() : sessions ? targets.session_gap : kDay;
  if (const Value* features = value.find("features"))
    for (const Value& name : features->at("exclude").items()) target.excluded.push_back(name.text());
  for (std::size_t edge = 0; edge < 2; ++edge) target.edges[edge] = value.at("edges").items()[edge].real();
  target.rows_per_epoch_max = static_cast<std::size_t>(value.at("rows_per_epoch_max").integer());
  target.percentile_epochs = static_cast<int>(value.at("percentile_epochs").integer());
  target.learner.window = static_cast<std::size_t>(value.at("calibration_window").integer());
  target.learner.labels_min = static_cast<std::size_t>(value.at("labels_min").integer());
  target.learner.rates = {value.at("learning_rate").real(), value.at("beta").real(), value.at("l1").real(),
                          value.at("l2").real()};
  for (const Value& name : value.at("challengers").items())
    target.learner.challengers.push_back(estimator_of(name.text()));
  target.promotion_error = value.at("promotion_error").real();
  return target;
}

}  // namespace

std::size_t Targets::label_of(Topic topic, const std::string& where, std::optional<Topic> trigger) {
  if (trigger) {
    const auto condition = Expression::compile(where, label_columns(topic, trigger));
    NUDGE_CHECK(condition.is_ok(), "the configuration is checked");
    if (!names_trigger(condition.value(), topic)) trigger.reset();
  }
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i].topic == topic && labels[i].where == where && labels[i].trigger == trigger) return i;
  std::string text = std::string(name_of(topic)) + "\n" + where;
  if (trigger) text.append("\n").append(name_of(*trigger));
  labels.push_back({topic, where, trigger, id_of(text)});
  return labels.size() - 1;
}

const Promotion* Targets::first_promotion_after(Millis time) const {
  const auto next = std::upper_bound(promotions.begin(), promotions.end(), time,
                                     [](Millis at, const Promotion& promotion) { return at < promotion.from; });
  return next == promotions.end() ? nullptr : &*next;
}

Millis Targets::next_due(const Target& target, Millis after) const {
  if (target.lead > 0) {
    const Promotion* next = first_promotion_after(after + target.lead);
    return next ? next->from - target.lead : kNever;
  }
  if (target.every == 0) return kNever;
  const Millis from = after - target.offset;
  const Millis periods = from >= 0 ? from / target.every : -1 - (-1 - from) / target.every;
  return (periods + 1) * target.every + target.offset;
}

Window Targets::window(const Target& target, Millis at) const {
  const Millis begin = target.window_begin(at);
  if (target.within_session) return {begin, kNever};
  if (target.lead == 0) return {begin, at + target.within};
  const Promotion* promotion = first_promotion_after(begin);
  return {begin, promotion && promotion->from == at + target.lead ? promotion->until : kNever};
}

Targets read_targets(const OperatorSetup& setup) {
  Targets targets;
  targets.session_gap = session_gap(setup.root);
  targets.epoch = epoch_of(setup.root);
  targets.promotions = promotions_of(setup.root);
  for (const Value& target : setup.config.items()) targets.all.push_back(read_target(target, targets));
  return targets;
}

std::vector<ExpressionColumn> customer_columns(const ColumnCatalog& catalog, std::vector<ColumnRef>& refs) {
  std::vector<ExpressionColumn> columns;
  refs.clear();
  for (const ColumnRef& ref : catalog.all()) {
    if (!has_use(ref.column->use, ColumnUse::kSql)) continue;
    columns.push_back({ref.column->name, ref.column->type});
    refs.push_back(ref);
  }
  return columns;
}

}  // namespace nudge::scores
