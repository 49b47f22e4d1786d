// Tombstones among random records of shared visitors and transactions: where rounds, tasks and commits are cut does not
// show, and nothing brings an erased customer back.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "config/application.h"
#include "connectors/json_text.h"
#include "engine/operator.h"
#include "engine/runtime/replay.h"
#include "tests/support/temporary_folder.h"

namespace nudge {
namespace {

using Json = nlohmann::json;
using Lines = std::map<std::string, std::vector<std::string>>;

constexpr Millis kStart = 1'704'067'200'000;
constexpr int kRecords = 400, kTransactions = 60;

class Input {
 public:
  Input(const std::string& folder, unsigned seed)
      : orders_(folder + "/transactions.jsonl"),
        views_(folder + "/page_views.jsonl"),
        profiles_(folder + "/customers.jsonl"),
        random_(seed) {}

  void write() {
    for (int i = 0; i < kRecords; ++i) {
      switch (pick(10)) {
        case 0:
          line(profiles_) << own(customer()) << R"(,"tombstone":true})" << '\n';
          break;
        case 1:
          line(profiles_) << own(customer()) << R"(,"identities":[{"type":"visitor","value":")" << visitor()
                          << R"("}]})" << '\n';
          break;
        case 2:
        case 3:
          line(views_) << R"("visitor_id":")" << visitor() << "\"," << own(customer()) << R"(,"action":"view"})"
                       << '\n';
          break;
        default:
          order(pick(2) ? own(customer()) : R"("visitor_id":")" + visitor() + '"', "t" + number(kTransactions));
      }
    }
    // The last word on c0, and what still comes of its transactions.
    late_ = false;
    at_ += kDay;
    line(profiles_) << own("c0") << R"(,"tombstone":true})" << '\n';
    at_ += kDay;
    for (int i = 0; i < kTransactions; ++i) transaction_of_c0("t" + std::to_string(i));
  }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  std::string number(int n) { return std::to_string(pick(n)); }
  std::string customer() { return "c" + number(4); }
  std::string visitor() { return "v" + number(5); }
  static std::string own(const std::string& customer) { return R"("customer_id":")" + customer + '"'; }

  std::ofstream& line(std::ofstream& to) {
    at_ += 30 * kMinute;
    // Some come late.
    const Millis time = at_ - (late_ && pick(5) == 0 ? pick(100) * kHour : 0);
    to << R"({"event_id":")" << next_++ << R"(","event_time":)" << time << ',';
    return to;
  }
  void order(const std::string& who, const std::string& id) {
    line(orders_) << who << R"(,"transaction_id":")" << id << R"(","version":)" << 1 + pick(3);
    if (pick(5) == 0) {
      orders_ << R"(,"kind":"cancel","original_transaction_id":"t)" << pick(kTransactions) << "\"}\n";
    } else {
      orders_ << R"(,"kind":"sale","lines":[{"product_id":"p","quantity":1,"unit_price":)" << 1 + pick(9) << "}]}\n";
      if (who == own("c0")) had_.push_back(id);
    }
  }
  // Versions and cancels by c0 of what it bought before.
  void transaction_of_c0(const std::string& id) {
    if (std::find(had_.begin(), had_.end(), id) == had_.end()) return;
    line(orders_) << own("c0") << R"(,"transaction_id":")" << id
                  << R"(","version":9,"kind":"sale","lines":[{"product_id":"p","quantity":1,"unit_price":100}]})"
                  << '\n';
    line(orders_) << own("c0") << R"(,"transaction_id":"x)" << id << R"(","kind":"cancel","original_transaction_id":")"
                  << id << "\"}\n";
  }

  std::ofstream orders_, views_, profiles_;
  std::mt19937 random_;
  Millis at_ = kStart;
  int next_ = 0;
  bool late_ = true;
  std::vector<std::string> had_;
};

// The records of each key in order, and the report.
Lines run(const TemporaryFolder& folder, const std::string& variant, std::vector<std::string> overrides) {
  overrides.push_back("input.path=" + folder / "in");
  overrides.push_back("engine.state_dir=" + folder / (variant + "_state"));
  const auto loaded = config::load_application_text(
      "input: {path: x}\nengine: {allowed_lateness: 30d, disorder: 1h}\noperators: {rfm: {}}\n", "shop.yaml", overrides,
      all_operators());
  EXPECT_TRUE(loaded.problems.empty());
  ReplayOptions options;
  options.output_dir = folder / variant;
  const auto summary = replay(loaded.application, options);
  EXPECT_TRUE(summary.is_ok()) << summary.status().message();
  Lines lines;
  if (!summary.is_ok()) return lines;
  std::ifstream in(options.output_dir + "/rfm.jsonl");
  for (std::string line; std::getline(in, line);) lines[connectors::parse_json(line).at("key")].push_back(line);
  lines["report"] = {summary->report};
  return lines;
}

TEST(Erasure, NothingButTheInputShowsAndNothingComesBack) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "in");
    Input(folder / "in", seed).write();
    const Lines first = run(folder, "one", {"engine.partitions=1", "engine.threads=1"});
    const Lines cut = run(folder, "cut",
                          {"engine.partitions=3", "engine.threads=2", "engine.batch_events_max=16",
                           "engine.replay_commit_interval=1ms", "engine.memory_budget=64MiB"});
    EXPECT_EQ(first, cut);
    // What an erasure must find is kept whatever else is not.
    Lines least = run(folder, "least",
                      {"engine.partitions=2", "engine.history=needed", "engine.replay_commit_interval=1ms",
                       "operators.sessions=false", "operators.profile=false"});
    least["report"] = first.at("report");
    EXPECT_EQ(first, least);
    ASSERT_TRUE(first.contains("c0"));
    const Json last = connectors::parse_json(first.at("c0").back());
    EXPECT_NE(last.at("trigger"), "final");
    EXPECT_LT(*parse_time(last.at("event_time").get<std::string>()), kStart + kRecords * 30 * kMinute + kDay);
  }
}

}  // namespace
}  // namespace nudge
