#include "operators/scores/target.h"

#include "engine/hash.h"

namespace nudge::scores {
namespace {

using config::Kind;
using config::Value;

std::uint32_t id_of(std::string_view text) { return static_cast<std::uint32_t>(hash64(text)); }

Millis session_gap(const Value& root) {
  const Value* operators = root.kind() == Kind::kObject ? root.find("operators") : nullptr;
  const Value* sessions = operators ? operators->find("sessions") : nullptr;
  const Value* gap = sessions && sessions->kind() == Kind::kObject ? sessions->find("gap") : nullptr;
  return gap ? gap->duration() : 30 * kMinute;
}

Millis epoch_of(const Value& root) {
  const Value* engine = root.kind() == Kind::kObject ? root.find("engine") : nullptr;
  const Value* epoch = engine ? engine->find("epoch") : nullptr;
  return epoch ? epoch->duration() : kDay;
}

Target read_target(const Value& value, Targets& targets) {
  Target target;
  target.name = value.at("name").text();
  target.id = id_of(target.name);
  target.of = value.at("of").text() == "sessions" ? Entity::kSessions : Entity::kCustomers;
  const Value& label = value.at("label");
  const Value* any = label.find("any");
  target.none = any == nullptr;
  target.label = targets.label_of(*topic_named((any ? *any : label.at("none")).text()), label.at("where").text());
  target.within_session = label.at("within").text() == kWithinSession;
  if (!target.within_session) target.within = *parse_duration(label.at("within").text());
  const bool sessions = target.of == Entity::kSessions;
  if (const Value* every = value.find("every")) target.every = every->duration();
  target.offset = value.at("offset").duration();
  if (const Value* among = value.find("among"))
    target.among = among->text();
  else if (!sessions)
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
  return target;
}

}  // namespace

std::size_t Targets::label_of(Topic topic, const std::string& where) {
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i].topic == topic && labels[i].where == where) return i;
  labels.push_back({topic, where, id_of(std::string(name_of(topic)) + "\n" + where)});
  return labels.size() - 1;
}

Targets read_targets(const OperatorSetup& setup) {
  Targets targets;
  targets.session_gap = session_gap(setup.root);
  targets.epoch = epoch_of(setup.root);
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
