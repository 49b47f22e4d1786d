// What a receiver ends up knowing, against a brute-force reading of the records: with changes of different customers
// settled in any order, commits now and then, and crashes that forget what was not committed.
#include "connectors/webhook/settlement.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <random>
#include <set>

#include "connectors/webhook/lanes.h"
#include "tests/support/temporary_folder.h"

namespace nudge::connectors::webhook {
namespace {

struct Entry {
  std::string list, customer, op, group;
  bool eligible = true;
  int number = 0;

  std::string key() const { return list + "|" + customer; }
  bool is_wanted() const { return op != "exit" && eligible && group == "treatment"; }
  std::string line() const {
    return fmt::format(R"({{"event_time":"{}","list_id":"{}","op":"{}","customer_id":"{}","identifiers":{{"n":"{}"}},)"
                       R"("group":"{}","eligible":{}}})",
                       number, list, op, customer, number, group, eligible);
  }
};

using Told = std::map<std::string, std::vector<std::string>>;  // by list|customer: change and event_time

Told brute_force(const std::vector<Entry>& entries) {
  Told told;
  std::set<std::string> known;
  for (const Entry& entry : entries) {
    const bool is_known = known.contains(entry.key());
    if (!entry.is_wanted() && !is_known) continue;
    told[entry.key()].push_back((!entry.is_wanted() ? "exit "
                                 : is_known         ? "update "
                                                    : "enter ") +
                                std::to_string(entry.number));
    entry.is_wanted() ? (void)known.insert(entry.key()) : (void)known.erase(entry.key());
  }
  return told;
}

std::vector<Entry> random_entries(std::mt19937& random, int count) {
  const auto below = [&](int n) { return std::uniform_int_distribution<>(0, n - 1)(random); };
  std::vector<Entry> entries;
  for (int number = 0; number < count; ++number) {
    const int customer = below(12);
    constexpr const char* kOperations[] = {"enter", "update", "update", "exit"};
    entries.push_back({below(2) == 0 ? "a" : "b", "c" + std::to_string(customer), kOperations[below(4)],
                       customer < 2 ? "control" : "treatment", below(3) > 0, number});
  }
  return entries;
}

// One life of a webhook: until all is settled, or a crash.
class Life {
 public:
  Life(const Settings& settings, const std::string& file) : lanes_(6, 30) {
    auto state = DeliveryState::open(settings.state_folder, "files");
    EXPECT_TRUE(state) << state.status().message();
    source_ = open_target_file(file, {(*state)->positions(), false}).value();
    settlement_ = Settlement::make(settings, std::move(state).value(), *source_, figures_).value();
  }

  // Gives false where it crashed after `steps`.
  bool run(std::mt19937& random, int steps, Told& told, std::set<std::string>& ids) {
    const auto below = [&](int n) { return std::uniform_int_distribution<>(0, n - 1)(random); };
    for (; steps > 0; --steps) {
      read();
      if (lanes_.empty()) break;
      const auto customer = lanes_.take({});
      if (customer) under_way_.push_back(*customer);
      if (!under_way_.empty() && below(2) == 0) {
        const auto one = under_way_.begin() + below(static_cast<int>(under_way_.size()));
        settle(*one, told, ids);
        under_way_.erase(one);
      }
      if (below(10) == 0) commit();
    }
    if (steps > 0) commit();
    return steps > 0;
  }

 private:
  void read() {
    std::vector<SourceRecord> records;
    if (const std::size_t room = lanes_.room(); room > 0) {
      EXPECT_TRUE(source_->read(records, room));
    }
    for (SourceRecord& record : records) {
      const auto customer = settlement_->admit(record);
      EXPECT_TRUE(customer);
      if (*customer) lanes_.add(**customer, std::move(record));
    }
  }

  void commit() { EXPECT_TRUE(settlement_->commit()); }

  void settle(const std::string& customer, Told& told, std::set<std::string>& ids) {
    const SourceRecord& record = lanes_.first(customer);
    const auto plan = settlement_->plan(record);
    ASSERT_TRUE(plan);
    if (plan->requests.empty()) {
      EXPECT_TRUE(settlement_->not_needed(record, *plan));
    } else {
      const auto target = parse_target_record(record.line);
      if (ids.insert(plan->id).second)  // a receiver drops repeats
        told[plan->key].push_back(fmt::format("{} {}", name_of(plan->change), target->event_time));
      EXPECT_TRUE(settlement_->delivered(record, *plan));
    }
    lanes_.done(customer);
  }

  Figures figures_;
  std::unique_ptr<TargetSource> source_;
  std::unique_ptr<Settlement> settlement_;
  Lanes<SourceRecord> lanes_;
  std::vector<std::string> under_way_;
};

TEST(Settlement, AReceiverKnowsWhatTheRecordsSayWhateverCrashed) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const TemporaryFolder folder;
    const std::vector<Entry> entries = random_entries(random, 200);
    {
      std::ofstream file(folder / "targets.jsonl");
      for (const Entry& entry : entries) file << entry.line() << "\n";
    }
    Settings settings;
    settings.name = "hook";
    settings.map = map_standard;
    settings.state_folder = folder / "state";
    Told told;
    std::set<std::string> ids;
    for (int lives = 0; lives < 100; ++lives) {
      const int steps = lives < 20 ? std::uniform_int_distribution<>(1, 60)(random) : 100'000;
      if (Life(settings, folder / "targets.jsonl").run(random, steps, told, ids)) break;
    }
    EXPECT_EQ(told, brute_force(entries));
  }
}

TEST(DeliveryState, HoldsWhatWasCommittedAndForgetsWhoIsGone) {
  const TemporaryFolder folder;
  std::ofstream(folder / "targets.jsonl") << "{}\n{}\n{}\n";
  const auto source = open_target_file(folder / "targets.jsonl", {}).value();
  {
    const auto state = DeliveryState::open(folder / "state", "files").value();
    EXPECT_TRUE(state->settle("l|a", {true, 0, 0, R"({"email":"a"})"}));
    EXPECT_TRUE(state->settle("l|b", {false, 0, 1, {}}));
    EXPECT_TRUE(state->commit({{0, {1, 3}}}, *source));
    EXPECT_TRUE(state->settle("l|a", {false, 0, 2, {}}));  // not committed
    const auto refused = DeliveryState::open(folder / "state", "files");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.status().error_class(), ErrorClass::kConfig);
  }
  const auto state = DeliveryState::open(folder / "state", "files").value();
  EXPECT_EQ(state->positions(), (Positions{{0, {1, 3}}}));
  EXPECT_TRUE((*state->member("l|a"))->is_known);
  EXPECT_EQ((*state->member("l|a"))->identifiers, R"({"email":"a"})");
  EXPECT_TRUE(state->member("l|b").value().has_value()) << "its record lies behind the position";
  EXPECT_TRUE(state->commit({{0, {3, 9}}}, *source));
  EXPECT_FALSE(state->member("l|b").value().has_value());
  EXPECT_TRUE(state->member("l|a").value().has_value());
}

TEST(DeliveryState, AnotherSourceIsRefused) {
  const TemporaryFolder folder;
  { ASSERT_TRUE(DeliveryState::open(folder / "state", "files")); }
  const auto other = DeliveryState::open(folder / "state", "the topic targets");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.status().error_class(), ErrorClass::kConfig);
  EXPECT_NE(other.status().message().find("state_dir"), std::string::npos);
}

}  // namespace
}  // namespace nudge::connectors::webhook
