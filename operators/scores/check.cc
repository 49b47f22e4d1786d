#include <algorithm>

#include "operators/scores/derived.h"
#include "operators/scores/matcher.h"
#include "operators/scores/target.h"

namespace nudge::scores {
namespace {

using config::Kind;
using config::Problem;
using config::Value;

const Value* member(const Value* value, std::string_view name) {
  return value && value->kind() == Kind::kObject ? value->find(name) : nullptr;
}

std::string one_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "one of " : ", ").append(name);
  return text;
}

class TargetCheck {
 public:
  TargetCheck(const OperatorSetup& setup, std::vector<Problem>& problems) : setup_(setup), problems_(problems) {
    among_columns_ = customer_columns(setup.columns, among_refs_);
  }

  void check(const Value& target) {
    if (std::string_view(target.at("name").text()).empty())
      report(target.at("name"), "the name is empty", "give it a name");
    const bool sessions = target.at("of").text() == "sessions";
    const Value& label = target.at("label");
    occasion(target, sessions, label.at("within").text());
    this->label(label, sessions, trigger_of(target, sessions));
    among(target);
    const Value& edges = target.at("edges");
    if (edges.items().size() != 2 || edges.items()[0].real() >= edges.items()[1].real())
      report(edges, "edges are two rising numbers", "[0.15, 0.5]");
    challengers(target.at("challengers"));
    if (const Value* features = target.find("features")) exclusions(features->at("exclude"));
  }

 private:
  // When customers are scored: one of the three ways.
  void occasion(const Value& target, bool sessions, const std::string& within) {
    const bool before_promotions = within == kWithinPromotion;
    const Value* every = target.find("every");
    const Value* at = target.find("at");
    if (at) this->at(*at);
    if (sessions) {
      for (const Value* given : {every, at})
        if (given) report(*given, "sessions are scored at each of their events", "remove it");
    } else if (before_promotions) {
      for (const Value* given : {every, at})
        if (given) report(*given, "whether customers buy in a promotion is scored `lead` before it", "remove it");
    } else if (every && at) {
      report(*at, "customers are scored on a schedule or at something that happens, not both", "remove it or `every`");
    } else if (!every && !at && !within.starts_with("promotion")) {
      report(target, "customers are scored on a schedule or at something that happens, and there is neither",
             "every: 7d; or at: {event: campaign_events}");
    }
    if (const Value& lead = target.at("lead"); !before_promotions && lead.location().line > 0)
      report(lead, "there is no promotion to be scored before", "remove it, or within: promotion:next");
  }

  void at(const Value& at) {
    const Value* event = at.find("event");
    const Value* list = at.find("list");
    if ((event != nullptr) == (list != nullptr))
      return report(at, "customers are scored at an event or at a list's enter", "event: campaign_events");
    const Value* where = at.find("where");
    if (list) {
      if (where)
        report(*where, "an enter into a list is no event with fields", "remove it; `among` says who is scored");
      return this->list(*list);
    }
    if (!where) return;
    const auto condition = Expression::compile(where->text(), event_columns(*topic_named(event->text())));
    if (!condition.is_ok()) report(*where, condition.status().message(), "an expression over the topic's fields");
  }

  void list(const Value& name) {
    const std::vector<std::string> names = lists();
    if (names.empty())
      return report(name, "there are no lists", "declare \"" + name.text() + "\" under operators.targets");
    if (std::find(names.begin(), names.end(), name.text()) == names.end())
      return report(name, "no list \"" + name.text() + "\"", one_of(names));
    // Who follows the lists back from here may come round.
    std::string from = name.text();
    for (std::size_t step = 0; step <= names.size() && !from.empty(); ++step) {
      from = list_before(from);
      if (from == name.text())
        return report(name, "the list \"" + from + "\" waits for this score: nobody could enter it first",
                      "a list of another score");
    }
  }

  const std::vector<Value>* items(std::string_view name) const {
    const Value* found = member(member(&setup_.root, "operators"), name);
    return found && found->kind() == Kind::kList ? &found->items() : nullptr;
  }
  std::vector<std::string> lists() const {
    std::vector<std::string> names;
    if (const auto* lists = items("targets"))
      for (const Value& list : *lists) names.push_back(list.at("list").text());
    return names;
  }
  // The list at whose enter the score of this one is made; empty: none.
  std::string list_before(const std::string& name) const {
    const auto* lists = items("targets");
    const auto* scores = items("scores");
    if (!lists || !scores) return {};
    for (const Value& list : *lists) {
      if (list.at("list").text() != name) continue;
      for (const Value& score : *scores)
        if (const Value* before = member(score.find("at"), "list");
            before && score.at("name").text() == list.at("score").text())
          return before->text();
    }
    return {};
  }

  // The topic of the event that causes the score.
  static std::optional<Topic> trigger_of(const Value& target, bool sessions) {
    if (sessions) return Topic::kPageViews;
    const Value* event = member(target.find("at"), "event");
    return event ? topic_named(event->text()) : std::nullopt;
  }

  void label(const Value& label, bool sessions, std::optional<Topic> trigger) {
    for (const std::string_view name : {"count", "sum"})
      if (const Value* found = label.find(name))
        report(*found, "a label that is a number is not supported yet", "any or none");
    const Value* any = label.find("any");
    const Value* none = label.find("none");
    if ((any != nullptr) == (none != nullptr)) {
      report(label, "a label is either any or none of a topic's events", "any: transactions");
    } else {
      condition(label.at("where"), *topic_named((any ? any : none)->text()), trigger);
    }
    within(label.at("within"), sessions);
  }

  void condition(const Value& where, Topic topic, std::optional<Topic> trigger) {
    const auto compiled = Expression::compile(where.text(), label_columns(topic, trigger));
    if (compiled.is_ok()) return;
    // Where it would compile for another topic's events, only the event that causes the score is missing.
    for (std::size_t other = 0; !trigger && other < kTopicCount; ++other)
      if (Expression::compile(where.text(), label_columns(topic, static_cast<Topic>(other))).is_ok())
        return report(where, "names fields of the event that caused the score, and no event causes it",
                      "at: {event: " + std::string(name_of(static_cast<Topic>(other))) + "} in place of `every`");
    report(where, compiled.status().message(),
           trigger ? "an expression over the fields of " + std::string(name_of(topic)) +
                         " and, as trigger.<field>, of " + std::string(name_of(*trigger))
                   : "an expression over the topic's fields");
  }

  void within(const Value& within, bool sessions) {
    const std::string& text = within.text();
    if (text == kWithinSession) {
      if (!sessions) report(within, "a customer's score has no session", "a duration, as 60d; or of: sessions");
    } else if (text.starts_with("promotion")) {
      const Value* calendar = member(&setup_.root, "promotions");
      if (text != kWithinPromotion)
        report(within, "'" + text + "' is no horizon: only the next promotion is one", std::string(kWithinPromotion));
      else if (sessions)
        report(within, "a session's score has no promotion", "session, or a duration as 2h; or of: customers");
      else if (!calendar || calendar->items().empty())
        report(within, "there are no promotions", "declare them: promotions: [{id: spring, from: …, until: …}]");
    } else if (const auto duration = parse_duration(text); !duration || *duration <= 0) {
      report(within, "'" + text + "' is no duration",
             sessions ? "session, or a duration as 2h" : "a duration, as 60d; or promotion:next");
    }
  }

  void among(const Value& target) {
    const Value* among = target.find("among");
    const bool by_default = target.at("of").text() == "customers" && !target.find("at");
    if (!among && !by_default) return;
    const auto compiled = Expression::compile(among ? among->text() : std::string(kBuyers), among_columns_);
    if (!compiled.is_ok()) report(among ? *among : target, compiled.status().message(), "an expression over customers");
  }

  void challengers(const Value& challengers) {
    std::vector<std::string> names;
    for (const Value& name : challengers.items()) {
      if (std::find(names.begin(), names.end(), name.text()) != names.end())
        report(name, "\"" + name.text() + "\" is there twice", "name it once");
      names.push_back(name.text());
    }
  }

  static bool is_derived(std::string_view name) {
    const std::span<const Column> all = derived_columns();
    return std::any_of(all.begin(), all.end(), [&](const Column& column) { return column.name == name; });
  }

  void exclusions(const Value& exclude) {
    for (const Value& name : exclude.items())
      if (!setup_.columns.find(name.text()) && !is_derived(name.text()))
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
