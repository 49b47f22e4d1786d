// A customer, some target lists, and a clock in hours: runs scripts of causes and tells the records as short text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/json_text.h"
#include "operators/targets/keeper.h"
#include "tests/support/fake_customer.h"

namespace nudge::targets {
const OperatorSpec& spec();
}

namespace nudge::targets::testing {

inline constexpr Millis kStart = 1'704'067'200'000;  // 2024-01-01T00:00:00Z

inline constexpr Column kForeignColumns[] = {
    {.name = "orders", .type = ValueType::kInteger},
    {.name = "last_order_at_ms", .type = ValueType::kInteger, .use = ColumnUse::kNone},
    {.name = "consent_email", .type = ValueType::kText},
    {.name = "consent_changes_at", .type = ValueType::kInteger, .use = ColumnUse::kNone},
    {.name = "identities_json", .type = ValueType::kText, .use = ColumnUse::kNone},
};

inline ListSettings list_named(std::string name) {
  ListSettings list;
  list.name = std::move(name);
  list.score = "churn";
  list.lowest_micro = 150'000;
  list.highest_micro = 500'000;
  list.valid = 72 * kHour;
  return list;
}

inline std::string reasons_of(Suppression suppressed) {
  std::string text;
  for (std::size_t i = 0; i < std::size(kSuppressionNames); ++i)
    if ((suppressed & (1u << i)) != 0) text.append(text.empty() ? "" : "+").append(kSuppressionNames[i]);
  return text.empty() ? "ok" : text;
}

// `5 enter a 0.3 ok`: hour, operation, list, probability, why not eligible.
inline std::string brief(const nlohmann::json& record) {
  std::string reasons;
  for (const auto& reason : record.at("suppressed_by"))
    reasons += (reasons.empty() ? "" : "+") + reason.get<std::string>();
  const nlohmann::json& probability = record.at("probability");
  const Millis time = parse_time(record.at("event_time").get<std::string>()).value();
  return std::to_string((time - kStart) / kHour) + " " + record.at("op").get<std::string>() + " " +
         record.at("list_id").get<std::string>() + " " +
         (probability.is_null() ? "null" : nlohmann::json(probability.get<double>()).dump()) + " " +
         (reasons.empty() ? "ok" : reasons);
}

class ListShop {
 public:
  explicit ListShop(TargetingSettings settings, std::string customer_id = "c1")
      : customer({&spec()}, kForeignColumns, std::move(customer_id)), settings_(std::move(settings)) {
    restart();
  }

  // As after a restart: a new operator, the state from its bytes.
  void restart() {
    if (customer.has_section()) customer.reload();
    keeper = std::make_unique<ListKeeper>(settings_, customer.columns());
  }

  static Millis time_of(int hour) { return kStart + hour * kHour; }

  // Timers that are due by the hour fire, each at its own time.
  void wait_until(int hour) {
    while (customer.due() <= time_of(hour)) {
      const Millis due = customer.due();
      customer.arm(kNever);
      customer.set_watermark(due);
      customer.at(due, Cause::Kind::kTimer);
      keeper->timer(customer);
      settle();
    }
    customer.set_watermark(time_of(hour));
  }
  // A cause at the hour, without waiting.
  void cause(int hour, std::vector<ScoreMade> scores = {}) {
    customer.at(time_of(hour));
    customer.signals().of<ScoreMade>() = std::move(scores);
    settle();
  }
  static ScoreMade score(int hour, int micro, std::string_view target = "churn") {
    ScoreMade made;
    made.target = target;
    made.at = time_of(hour);
    made.probability_micro = micro;
    made.percentile_centi = micro < 0 ? -1 : micro / 100;
    made.band = micro < 150'000 ? "unlikely" : micro <= 500'000 ? "hesitant" : "sure";
    made.reasons_json = R"([{"feature":"recency_days","value":)" + std::to_string(hour) + "}]";
    return made;
  }
  std::vector<nlohmann::json> take(OutputTopic topic = output::kTargets) {
    std::vector<nlohmann::json> records;
    for (const std::string& line : customer.take_lines(topic)) records.push_back(connectors::parse_json(line));
    return records;
  }

  nudge::testing::FakeCustomer customer;
  std::unique_ptr<ListKeeper> keeper;

 private:
  void settle() {
    keeper->settle(customer);
    customer.signals().clear();
  }
  TargetingSettings settings_;
};

}  // namespace nudge::targets::testing
