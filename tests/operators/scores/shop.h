// Targets, customers and epochs in memory: drives both parts of `scores` as the engine would.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/json_text.h"
#include "engine/hash.h"
#include "operators/scores/global.h"
#include "operators/scores/keyed.h"
#include "operators/scores/section.h"
#include "operators/signals.h"
#include "tests/support/fake_customer.h"

namespace nudge::scores {
const OperatorSpec& spec();
}

namespace nudge::scores::testing {

using nudge::testing::FakeCustomer;
using nudge::testing::JsonEvents;

inline constexpr Column kForeign[] = {
    {.name = "cart_adds",
     .type = ValueType::kInteger,
     .unit = "count",
     .meaning = "cart adds in this session",
     .use = ColumnUse::kSessionFeature},
    {.name = "device", .type = ValueType::kText, .meaning = "device", .use = ColumnUse::kSessionFeature},
    {.name = "orders",
     .type = ValueType::kInteger,
     .unit = "count",
     .meaning = "orders",
     .use = ColumnUse::kSql | ColumnUse::kCustomerFeature},
    {.name = "recency_days",
     .type = ValueType::kReal,
     .unit = "days",
     .meaning = "time since the last order",
     .use = ColumnUse::kSql | ColumnUse::kCustomerFeature},
    {.name = "not_a_feature", .type = ValueType::kInteger},
};

inline void add_target(Targets& targets, Target target, const std::string& where, Topic topic = Topic::kTransactions) {
  target.id = static_cast<std::uint32_t>(hash64(target.name));
  target.label = targets.label_of(topic, where, target.trigger());
  targets.all.push_back(std::move(target));
}
inline Targets with_target(Target target, const std::string& where = "kind = 'sale'") {
  Targets targets;
  add_target(targets, std::move(target), where);
  return targets;
}

// No sale within ten days; scored every Thursday.
inline Target churn() {
  Target target;
  target.name = "churn";
  target.none = true;
  target.within = 10 * kDay;
  target.label_delay = kDay;
  target.every = kWeek;
  target.among = "orders >= 1";
  return target;
}
// A sale until the session's end.
inline Target hesitation() {
  Target target;
  target.name = "hesitation";
  target.of = Entity::kSessions;
  target.within_session = true;
  target.label_delay = 30 * kMinute;
  return target;
}

// A sale of the campaign that was sent, within ten days.
inline Target responds() {
  Target target;
  target.name = "responds";
  target.at_event = EventCondition{Topic::kCampaignEvents, "action = 'sent'"};
  target.within = 10 * kDay;
  target.label_delay = kDay;
  return target;
}
inline constexpr const char* kOfTheCampaign = "kind = 'sale' and campaign_id = trigger.campaign_id";

inline std::vector<nlohmann::json> parsed(const std::vector<std::string>& lines) {
  std::vector<nlohmann::json> records;
  for (const std::string& line : lines) records.push_back(connectors::parse_json(line));
  return records;
}

// What the global part publishes and writes.
class FakeStage final : public GlobalContext {
 public:
  void publish(std::string name, std::int64_t version, Millis trained_until, std::string bytes) override {
    published.push_back({std::move(name), version, valid, trained_until, std::move(bytes)});
  }
  Millis valid_from() const override { return valid; }
  Outputs& outputs() override { return outputs_; }
  std::vector<nlohmann::json> take(OutputTopic topic) {
    std::vector<std::string> lines;
    std::string_view rest = outputs_.lines(topic);
    for (std::size_t end; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1))
      lines.emplace_back(rest.substr(0, end));
    outputs_.clear();
    return parsed(lines);
  }

  Millis valid = 0;
  std::vector<Model> published;

 private:
  Outputs outputs_;
};

// One customer with an operator of its own, and a clock that fires timers.
class Desk {
 public:
  explicit Desk(Targets targets, std::string customer_id = "c1")
      : customer({&spec()}, kForeign, std::move(customer_id)), targets_(std::move(targets)) {
    keyed = make_keyed(targets_, customer.columns(), 0);
  }

  // The watermark moves; timers fire at their due time.
  void pass(Millis time) {
    while (customer.due() <= time) {
      const Millis due = customer.due();
      customer.arm(kNever);
      customer.set_watermark(due);
      customer.at(due, Cause::Kind::kTimer);
      keyed->timer(customer);
      settle();
    }
    customer.set_watermark(time);
  }
  void sweep(Millis due) {
    pass(due);
    customer.at(due, Cause::Kind::kSweep);
    keyed->sweep(customer);
    settle();
  }
  // A record of the customer that becomes a fact at once.
  void happen(const Event& event) {
    customer.at(event);
    keyed->apply(event, customer);
    settle();
  }
  // A fact that joins the customer later, or holds no more.
  void join(const Event& event, Millis when) {
    customer.at(when, Cause::Kind::kMove);
    keyed->apply(event, customer);
    settle();
  }
  void undo(const Event& event, Millis when) {
    customer.at(when, Cause::Kind::kMove);
    keyed->retract(event, customer);
    settle();
  }
  void sale(Millis at) { happen(sale_event(at)); }
  void undo_sale(Millis at, Millis when) { undo(sale_event(at), when); }
  // What `targets` left for later, at the time of the cause before.
  void enter(const std::string& list) {
    customer.at(customer.now(), Cause::Kind::kSignal);
    customer.signals().of<ListEntered>().push_back({list, customer.now()});
    settle();
  }
  // A page view of a session, with what `sessions` tells of it.
  void touch(const Event& view, std::uint64_t session, std::string session_id) {
    customer.at(view);
    keyed->apply(view, customer);
    customer.signals().of<SessionTouched>().push_back({session, std::move(session_id), view.time(), false});
    settle();
  }
  // A page view of the session, as `sessions` tells of it.
  void touch(Millis at, std::uint64_t session, std::string session_id, bool bought = false) {
    customer.at(view_event(at, session_id));
    customer.signals().of<SessionTouched>().push_back({session, std::move(session_id), at, bought});
    settle();
  }
  // The timer of `sessions`.
  void end(std::uint64_t session, Millis from, Millis until, Millis gap = 30 * kMinute) {
    pass(until + gap);
    customer.at(until + gap, Cause::Kind::kTimer);
    customer.signals().of<SessionEnded>().push_back({session, from, until});
    settle();
  }
  Event sale_event(Millis at) {
    const std::string id = std::to_string(at);
    return events_(Topic::kTransactions,
                   R"({"event_id": "t)" + id + R"(", "event_time": )" + id +
                       R"(, "customer_id": "c1", "transaction_id": "t)" + id +
                       R"(", "kind": "sale", "lines": [{"product_id": "p", "quantity": 1, "unit_price": 5}]})");
  }
  Event view_event(Millis at, const std::string& session_id, const std::string& visitor = "v1") {
    const std::string id = std::to_string(at);
    return events_(Topic::kPageViews, R"({"event_id": "v)" + id + R"(", "event_time": )" + id + R"(, "visitor_id": ")" +
                                          visitor + R"(", "action": "view")" +
                                          (session_id.empty() ? "" : R"(, "session_id": ")" + session_id + "\"") + "}");
  }
  // A record of any topic; `members` are what it has beyond id, time and customer.
  Event record(Topic topic, Millis at, const std::string& id, const std::string& members) {
    return events_(topic, R"({"event_id": ")" + id + R"(", "event_time": )" + std::to_string(at) +
                              R"(, "customer_id": "c1", )" + members + "}");
  }
  Event transaction(Millis at, const std::string& id, const std::string& kind, const std::string& more = {}) {
    return record(Topic::kTransactions, at, id,
                  R"("transaction_id": ")" + id + R"(", "kind": ")" + kind + "\", " + more +
                      R"("lines": [{"product_id": "p", "quantity": 1, "unit_price": 5}])");
  }
  Event message(Millis at, const std::string& id, const std::string& campaign, const std::string& action = "sent") {
    return record(Topic::kCampaignEvents, at, id,
                  R"("campaign_id": ")" + campaign + R"(", "action": ")" + action + "\"");
  }
  const ScoresSection* section() const { return static_cast<const ScoresSection*>(customer.state()); }

  FakeCustomer customer;
  std::shared_ptr<KeyedOperator> keyed;  // of its task
  std::vector<ScoreMade> scores;         // the signals sent

 private:
  void settle() {
    keyed->settle(customer);
    for (const ScoreMade& made : customer.signals().of<ScoreMade>()) scores.push_back(made);
    customer.signals().clear();
  }
  Targets targets_;
  JsonEvents events_;
};

// The rows in a partial: (maturity, label).
struct PartialRows {
  std::uint64_t made = 0;
  std::vector<std::pair<Millis, bool>> rows;
};
// By target.
inline std::vector<PartialRows> read_partials(std::string_view bytes) {
  Decoder in(bytes);
  std::vector<PartialRows> all(in.varint());
  for (PartialRows& read : all) {
    in.fixed32();
    in.fixed64();
    read.made = in.varint();
    ScoreHistogram histogram;
    histogram.decode(in);
    in.varint();
    for (std::size_t left = in.count(); left > 0; --left) {
      MatureRow row;
      row.decode(in);
      read.rows.emplace_back(row.mature_at, row.label);
    }
  }
  EXPECT_TRUE(in.ok() && in.at_end());
  return all;
}
// Of one target.
inline PartialRows read_partial(std::string_view bytes) {
  const std::vector<PartialRows> all = read_partials(bytes);
  EXPECT_EQ(all.size(), 1u);
  return all[0];
}

}  // namespace nudge::scores::testing
