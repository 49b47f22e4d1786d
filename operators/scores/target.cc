#include "operators/scores/target.h"

#include <algorithm>
#include <array>

#include "engine/hash.h"

namespace nudge::scores {
namespace {

using config::Kind;
using config::Parameter;
using config::Problem;
using config::Value;

constexpr std::string_view kEntities[] = {"customers", "sessions"};
constexpr std::string_view kLabelTopics[] = {"transactions", "page_views", "campaign_events", "care"};
constexpr std::string_view kWithinSession = "session";
constexpr std::string_view kBuyers = "orders >= 1";
constexpr double kDurationMost = 36'500.0 * kDay;

const Parameter kName[] = {{.kind = Kind::kText}};
const Parameter kEdge[] = {{.kind = Kind::kReal, .least = 0, .most = 1}};

const Parameter kLabel[] = {
    {.name = "any", .kind = Kind::kChoice, .help = "True where at least one event of this topic comes.", .choices = kLabelTopics},
    {.name = "none", .kind = Kind::kChoice, .help = "True where no event of this topic comes.", .choices = kLabelTopics},
    {.name = "count", .kind = Kind::kAny, .help = "How many events come; not supported yet."},
    {.name = "sum", .kind = Kind::kAny, .help = "The sum of an expression over events; not supported yet."},
    {.name = "where", .kind = Kind::kExpression, .default_text = "true", .help = "Which events of the topic count: SQL over its fields."},
    {.name = "within", .kind = Kind::kText, .required = true, .help = "A duration after the score, or `session`: until the session's last event."},
};

const Parameter kFeatures[] = {
    {.name = "exclude", .kind = Kind::kList, .default_text = "[]", .help = "Columns that the model must not see.", .members = kName},
};

const Parameter kTargetMembers[] = {
    {.name = "name", .kind = Kind::kText, .required = true, .help = "The target's name, which its records carry."},
    {.name = "of", .kind = Kind::kChoice, .required = true, .help = "Who is scored.", .choices = kEntities},
    {.name = "at", .kind = Kind::kAny, .help = "Score on an event or at a list's enter; not supported yet."},
    {.name = "label", .kind = Kind::kObject, .required = true, .help = "What is predicted.", .members = kLabel},
    {.name = "every", .kind = Kind::kDuration, .help = "How often the whole base is scored, at multiples from 1970-01-01 UTC (customers).",
     .least = kMinute, .most = kDurationMost},
    {.name = "offset", .kind = Kind::kDuration, .default_text = "0ms", .help = "Added to the multiples of `every`.", .least = 0, .most = kDurationMost},
    {.name = "among", .kind = Kind::kExpression, .help = "Who is scored: SQL over `customers`; for customers by default orders >= 1."},
    {.name = "label_delay", .kind = Kind::kDuration,
     .help = "How long after its horizon a row is learnt; by default 1d, for sessions the sessions' gap.", .least = 0, .most = kDurationMost},
    {.name = "features", .kind = Kind::kObject, .help = "What the model sees.", .members = kFeatures},
    {.name = "edges", .kind = Kind::kList, .default_text = "[0.15, 0.5]", .help = "Where `hesitant` begins and ends, both included.", .members = kEdge},
    {.name = "rows_per_epoch_max", .kind = Kind::kInteger, .default_text = "20000", .help = "How many rows an epoch are learnt at most; chosen by hash.",
     .least = 100, .most = 1e6},
    {.name = "calibration_window", .kind = Kind::kInteger, .default_text = "20000", .help = "How many of the latest rows calibration and refits see.",
     .least = 100, .most = 1e6},
    {.name = "labels_min", .kind = Kind::kInteger, .default_text = "30", .help = "Of each class, before there are probabilities.", .least = 2, .most = 1e6},
    {.name = "percentile_epochs", .kind = Kind::kInteger, .default_text = "28", .help = "How many of the latest epochs with scores percentiles compare with.",
     .least = 1, .most = 1000},
    {.name = "learning_rate", .kind = Kind::kReal, .default_text = "0.1", .help = "FTRL's alpha.", .least = 1e-6, .most = 100},
    {.name = "beta", .kind = Kind::kReal, .default_text = "1", .help = "FTRL's beta.", .least = 0, .most = 1e6},
    {.name = "l1", .kind = Kind::kReal, .default_text = "0", .help = "FTRL's lambda 1.", .least = 0, .most = 1e6},
    {.name = "l2", .kind = Kind::kReal, .default_text = "2", .help = "FTRL's lambda 2.", .least = 0, .most = 1e6},
};

const Parameter kTarget[] = {{.kind = Kind::kObject, .members = kTargetMembers}};

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

class TargetCheck {
 public:
  TargetCheck(const OperatorSetup& setup, std::vector<Problem>& problems) : setup_(setup), problems_(problems) {
    among_columns_ = customer_columns(setup.columns, among_refs_);
  }

  void check(const Value& target) {
    const bool sessions = target.at("of").text() == "sessions";
    if (std::string_view(target.at("name").text()).empty())
      report(target.at("name"), "the name is empty", "give it a name");
    if (const Value* at = target.find("at"))
      report(*at, "scoring at an event or at a list's enter is not supported yet", "remove it; use every");
    const Value* every = target.find("every");
    if (!sessions && !every) report(target, "customers are scored on a schedule, and there is none", "every: 7d");
    if (sessions && every) report(*every, "sessions are scored at each of their events", "remove it");
    label(target.at("label"), sessions);
    among(target);
    const Value& edges = target.at("edges");
    if (edges.items().size() != 2 || edges.items()[0].real() >= edges.items()[1].real())
      report(edges, "edges are two rising numbers", "[0.15, 0.5]");
    if (const Value* features = target.find("features")) exclusions(features->at("exclude"));
  }

 private:
  void label(const Value& label, bool sessions) {
    for (const std::string_view name : {"count", "sum"})
      if (const Value* found = label.find(name))
        report(*found, "a label that is a number is not supported yet", "any or none");
    const Value* any = label.find("any");
    const Value* none = label.find("none");
    if ((any != nullptr) == (none != nullptr)) {
      report(label, "a label is either any or none of a topic's events", "any: transactions");
    } else {
      const auto topic = topic_named((any ? any : none)->text());
      const auto where = Expression::compile(label.at("where").text(), event_columns(*topic));
      if (!where.is_ok()) report(label.at("where"), where.status().message(), "an expression over the topic's fields");
    }
    const Value& within = label.at("within");
    if (within.text() == kWithinSession) {
      if (!sessions) report(within, "a customer's score has no session", "a duration, as 60d; or of: sessions");
    } else if (within.text().starts_with("promotion")) {
      report(within, "a promotion as horizon is not supported yet", "a duration, as 14d");
    } else if (const auto duration = parse_duration(within.text()); !duration || *duration <= 0) {
      report(within, "'" + within.text() + "' is no duration", sessions ? "session, or a duration as 2h" : "a duration, as 60d");
    }
  }

  void among(const Value& target) {
    const Value* among = target.find("among");
    const bool customers = target.at("of").text() == "customers";
    if (!among && !customers) return;
    const auto compiled = Expression::compile(among ? among->text() : std::string(kBuyers), among_columns_);
    if (!compiled.is_ok()) report(among ? *among : target, compiled.status().message(), "an expression over customers");
  }

  void exclusions(const Value& exclude) {
    for (const Value& name : exclude.items())
      if (!setup_.columns.find(name.text())) report(name, "there is no column '" + name.text() + "'", "a column of customers");
  }

  void report(const Value& value, std::string what, std::string remedy) {
    problems_.push_back({value.location(), std::move(what), std::move(remedy)});
  }

  const OperatorSetup& setup_;
  std::vector<Problem>& problems_;
  std::vector<ColumnRef> among_refs_;
  std::vector<ExpressionColumn> among_columns_;
};

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
  if (const Value* among = value.find("among")) target.among = among->text();
  else if (!sessions) target.among = kBuyers;
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

Parameter parameters() {
  return {.name = "scores", .kind = Kind::kList, .default_text = "[]",
          .help = "Probabilities of what customers will do, each with its reasons.", .members = kTarget};
}

Targets read_targets(const OperatorSetup& setup) {
  Targets targets;
  targets.session_gap = session_gap(setup.root);
  targets.epoch = epoch_of(setup.root);
  for (const Value& target : setup.config.items()) targets.all.push_back(read_target(target, targets));
  return targets;
}

void check_targets(const OperatorSetup& setup, std::vector<Problem>& problems) {
  TargetCheck check(setup, problems);
  std::vector<std::string> names;
  if (setup.config.items().size() > kTargetsMax)
    problems.push_back({setup.config.location(), "more than 64 targets", "fewer"});
  for (const Value& target : setup.config.items()) {
    check.check(target);
    const std::string& name = target.at("name").text();
    if (std::find(names.begin(), names.end(), name) != names.end())
      problems.push_back({target.at("name").location(), "there is another target '" + name + "'", "another name"});
    names.push_back(name);
  }
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
