#include <algorithm>

#include "operators/scores/target.h"

namespace nudge::scores {
namespace {

using config::Problem;
using config::Value;

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
      report(within, "'" + within.text() + "' is no duration",
             sessions ? "session, or a duration as 2h" : "a duration, as 60d");
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
      if (!setup_.columns.find(name.text()))
        report(name, "there is no column '" + name.text() + "'", "a column of customers");
  }

  void report(const Value& value, std::string what, std::string remedy) {
    problems_.push_back({value.location(), std::move(what), std::move(remedy)});
  }

  const OperatorSetup& setup_;
  std::vector<Problem>& problems_;
  std::vector<ColumnRef> among_refs_;
  std::vector<ExpressionColumn> among_columns_;
};

}  // namespace

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

}  // namespace nudge::scores
