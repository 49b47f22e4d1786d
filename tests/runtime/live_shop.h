// A small shop as its records arrive, and what a run over it has written.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "config/application.h"
#include "connectors/memory/log.h"
#include "engine/operator.h"
#include "engine/output.h"
#include "tests/support/product_reader.h"

namespace nudge::runtime {

inline constexpr Millis kStart = 1'700'000'000'000;
inline const std::vector<std::string> kTopics = {"rfm",    "targets", "targets.state", "dead_letters", "late_events",
                                                 "scores", "models",  "quality",       "segments"};

struct Arrival {
  std::string topic;
  std::uint32_t partition;
  std::string record;
};

// Three months of forty customers by time, each partition in the order of its own disorder: orders, corrections and
// cancels, page views of customers, and of visitors who are nobody's yet or somebody else's by now, tombstones, and
// products that change.
inline std::vector<Arrival> arrivals(std::mt19937_64& random) {
  std::vector<Arrival> all;
  Millis at = kStart;
  for (int i = 0; i < 1'500; ++i) {
    at += static_cast<Millis>(random() % (2 * kHour));
    const Millis time = at - static_cast<Millis>(random() % (random() % 50 == 0 ? 9 * kDay : 30 * kSecond));
    const auto who = random() % 40;
    const std::string id =
        R"({"event_id":")" + std::to_string(random() % 100 == 0 ? 0 : i) + R"(","event_time":)" + std::to_string(time);
    const std::string common = id + R"(,"customer_id":"c)" + std::to_string(who) + '"';
    const auto visitor = R"(,"visitor_id":"v)" + std::to_string(random() % 30 == 0 ? random() % 40 : who) + '"';
    if (random() % 60 == 0) {
      all.push_back({"care", 0, "{"});
    } else if (random() % 150 == 0) {
      all.push_back({"customers", 0, common + R"(,"tombstone":true})"});
    } else if (random() % 12 == 0) {
      all.push_back({"products", 0,
                     id + R"(,"product_id":"p)" + std::to_string(random() % 9) + R"(","category":"c)" +
                         std::to_string(random() % 4) + R"(","list_price":)" + std::to_string(random() % 3) + "}"});
    } else if (random() % 4 == 0) {
      const auto order = random() % 10 == 0 && i > 20 ? i - 1 - static_cast<int>(random() % 20) : i;
      const std::string kind = order == i          ? R"("kind":"sale")"
                               : random() % 2 == 0 ? R"("kind":"sale","version":2)"
                                                   : R"("kind":"return")";
      const bool cancels = random() % 12 == 0 && i > 20;
      all.push_back({"transactions", static_cast<std::uint32_t>(who % 2),
                     common + R"(,"transaction_id":"t)" + std::to_string(order) + R"(",)" +
                         (cancels ? R"("kind":"cancel","original_transaction_id":"t)" +
                                        std::to_string(i - 1 - static_cast<int>(random() % 20)) + R"("})"
                                  : kind + R"(,"lines":[{"product_id":"p)" + std::to_string(order % 9) +
                                        R"(","quantity":1,"unit_price":10}]})")});
    } else {
      all.push_back({"page_views", static_cast<std::uint32_t>(who % 3),
                     (random() % 3 == 0 ? id : common) + visitor + R"(,"action":"view"})"});
    }
  }
  return all;
}

inline config::Application application(std::vector<std::string> overrides) {
  static const std::vector<const OperatorSpec*> known = [] {
    std::vector<const OperatorSpec*> specs(all_operators().begin(), all_operators().end());
    specs.push_back(&testing::product_reader());
    return specs;
  }();
  auto loaded = config::load_application_text(
      "input: {connector: memory}\n"
      "operators:\n  product_reader: {}\n  rfm: {}\n  sessions: {}\n"
      "  scores: [{name: churn, of: customers, label: {none: transactions, where: \"kind = 'sale'\", within: 7d}, "
      "every: "
      "7d}]\n"
      "  segments: [{name: mix, of: transactions, features: [categories, value], k: 2, every: 7d}]\n",
      "live.yaml", overrides, known);
  EXPECT_TRUE(loaded.problems.empty());
  return std::move(loaded.application);
}

// Every output line of every topic, by topic; lines of one key keep their order.
using Written = std::map<std::string, std::vector<std::string>>;
inline Written written(const connectors::MemoryLog& log) {
  Written all;
  for (const std::string& topic : kTopics)
    if (log.partitions(topic) > 0)
      for (const std::string& line : log.content(topic, 0)) {
        std::string buffer;
        all[topic + " " + std::string(parse_output_line(line, buffer).key)].push_back(line);
      }
  return all;
}

}  // namespace nudge::runtime
