// The ledger against the contract's words: the highest version holds whole, a cancel voids what it names, in whatever
// order they arrive and whoever owns them.
#include "engine/runtime/ledger_task.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "engine/runtime/merge.h"

namespace nudge::runtime {
namespace {

struct Record {
  std::string id, event_id, original, owner;
  int version;
  TransactionKind kind;
};

std::string bytes_of(const Record& record) {
  std::string bytes;
  EventWriter out(bytes, Topic::kTransactions, 1'000);
  out.text(field::kEventId, record.event_id);
  out.text(field::kCustomerId, record.owner.empty() ? "x" : record.owner);
  out.text(field::transactions::kTransactionId, record.id);
  out.byte(field::transactions::kKind, static_cast<std::uint8_t>(record.kind));
  out.number(field::transactions::kVersion, record.version);
  if (!record.original.empty()) out.text(field::transactions::kOriginalTransactionId, record.original);
  return bytes;
}

// Runs ledger tasks over rounds of records and keeps what the customers were told.
class Ledger {
 public:
  explicit Ledger(std::uint32_t tasks) : store_(state::make_memory_store()) {
    for (std::uint32_t i = 0; i < tasks; ++i) tasks_.push_back(std::make_unique<LedgerTask>(i, tasks, *store_, true));
  }

  void add(const Record& record) { add({record, LedgerMessage::Kind::kRecord, ""}); }
  // The record, which was `previous`'s, is record.owner's now.
  void reassign(const Record& record, const std::string& previous) {
    add({record, LedgerMessage::Kind::kReassign, previous});
  }

  // What the keyed stage does at a tombstone: everything of the customer goes, and its timeline names the transactions.
  void erase(const std::string& customer) {
    run_round();
    const auto partitions = static_cast<std::uint32_t>(tasks_.size());
    for (const std::string& id : had_[customer]) {
      const ForgetMessage message{hash128(id), customer};
      ASSERT_TRUE(tasks_[partition_of(id, partitions)]->forget({&message, 1}).is_ok());
    }
    had_.erase(customer);
    facts_.erase(customer);
    records_.erase(customer);
  }

  void run_round() {
    std::vector<std::string> bytes;
    for (const Step& step : steps_) bytes.push_back(bytes_of(step.record));
    std::vector<std::vector<LedgerMessage>> input(tasks_.size());
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Record& record = steps_[i].record;
      LedgerMessage message{{static_cast<std::uint32_t>(i), {}, 0},
                            steps_[i].kind,
                            hash128(record.id),
                            bytes[i],
                            record.owner,
                            steps_[i].previous};
      input[partition_of(record.id, static_cast<std::uint32_t>(tasks_.size()))].push_back(message);
    }
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      Merge<LedgerMessage> merge;
      merge.add(input[i]);
      ASSERT_TRUE(tasks_[i]->decide(merge.in_order()).is_ok());
    }
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      Merge<EffectMessage> merge;
      for (const auto& task : tasks_) merge.add(task->effects()[i]);
      ASSERT_TRUE(tasks_[i]->settle(merge.in_order()).is_ok());
    }
    for (const auto& task : tasks_) {
      for (const auto& list : task->facts())
        for (const KeyedMessage& message : list) tell(message);
      for (const auto* lists : {&task->records(), &task->cancels()})
        for (const auto& list : *lists)
          for (const KeyedMessage& message : list) {
            const std::string customer(message.customer_id);
            const bool added = message.op == KeyedMessage::Op::kRecordAdded;
            records_[customer] += added ? 1 : -1;
            EXPECT_GE(records_[customer], 0) << customer << " loses a record that it did not have";
            if (added) had_[customer].emplace(Event(message.event).text(field::transactions::kTransactionId));
          }
    }
    steps_.clear();
  }

  const std::map<std::string, std::multiset<std::string>>& facts() const { return facts_; }
  const std::map<std::string, int>& records() const { return records_; }

 private:
  struct Step {
    Record record;
    LedgerMessage::Kind kind;
    std::string previous;
  };
  void add(Step step) { steps_.push_back(std::move(step)); }
  void tell(const KeyedMessage& message) {
    auto& held = facts_[std::string(message.customer_id)];
    const std::string event(Event(message.event).event_id());
    if (message.op == KeyedMessage::Op::kApply) {
      held.insert(event);
    } else {
      const auto found = held.find(event);
      ASSERT_TRUE(found != held.end()) << "retracted without an apply: " << event;
      held.erase(found);
    }
    if (held.empty()) facts_.erase(std::string(message.customer_id));
  }

  std::unique_ptr<state::Store> store_;
  std::vector<std::unique_ptr<LedgerTask>> tasks_;
  std::vector<Step> steps_;
  std::map<std::string, std::multiset<std::string>> facts_;
  std::map<std::string, int> records_;
  std::map<std::string, std::set<std::string>> had_;  // transactions
};

constexpr auto kSale = TransactionKind::kSale, kReturn = TransactionKind::kReturn, kCancel = TransactionKind::kCancel;
using Facts = std::map<std::string, std::multiset<std::string>>;

TEST(Ledger, HandWorkedCases) {
  const struct {
    const char* name;
    std::vector<Record> records;
    Facts facts;
  } rows[] = {
      {"a sale holds", {{"t1", "e1", "", "ann", 1, kSale}}, {{"ann", {"e1"}}}},
      {"the higher version holds whole",
       {{"t1", "e1", "", "ann", 1, kSale}, {"t1", "e2", "", "ann", 2, kSale}},
       {{"ann", {"e2"}}}},
      {"a lower version comes late",
       {{"t1", "e2", "", "ann", 2, kSale}, {"t1", "e1", "", "ann", 1, kSale}},
       {{"ann", {"e2"}}}},
      {"of equal versions the first",
       {{"t1", "e1", "", "ann", 1, kSale}, {"t1", "e2", "", "ann", 1, kSale}},
       {{"ann", {"e1"}}}},
      {"a correction gives it to another",
       {{"t1", "e1", "", "ann", 1, kSale}, {"t1", "e2", "", "ben", 2, kSale}},
       {{"ben", {"e2"}}}},
      {"cancelled", {{"t1", "e1", "", "ann", 1, kSale}, {"x1", "e2", "t1", "ann", 1, kCancel}}, {}},
      {"cancelled before it came", {{"x1", "e2", "t1", "ben", 1, kCancel}, {"t1", "e1", "", "ann", 1, kSale}}, {}},
      {"cancelled by its own higher version",
       {{"t1", "e1", "", "ann", 1, kSale}, {"t1", "e2", "", "ann", 2, kCancel}},
       {}},
      {"the cancel became something else",
       {{"t1", "e1", "", "ann", 1, kSale}, {"x1", "e2", "t1", "ann", 1, kCancel}, {"x1", "e3", "", "ann", 2, kReturn}},
       {{"ann", {"e1", "e3"}}}},
      {"one of two cancels is taken back",
       {{"t1", "e1", "", "ann", 1, kSale},
        {"x1", "e2", "t1", "ann", 1, kCancel},
        {"x2", "e3", "t1", "ann", 1, kCancel},
        {"x1", "e4", "", "ann", 2, kSale}},
       {{"ann", {"e4"}}}},
      {"a sale of nobody is told to nobody", {{"t1", "e1", "", "", 1, kSale}}, {}},
  };
  for (const auto& row : rows) {
    for (const std::uint32_t tasks : {1u, 4u}) {
      SCOPED_TRACE(row.name);
      Ledger ledger(tasks);
      for (const Record& record : row.records) {
        ledger.add(record);
        ledger.run_round();
      }
      EXPECT_EQ(ledger.facts(), row.facts);
    }
  }
}

TEST(Ledger, ALinkGivesASaleToItsCustomer) {
  Ledger ledger(2);
  const Record anonymous{"t1", "e1", "", "", 1, kSale}, found{"t1", "e1", "", "ann", 1, kSale};
  ledger.add(anonymous);
  ledger.run_round();
  ledger.reassign(found, "");
  ledger.run_round();
  EXPECT_EQ(ledger.facts(), (Facts{{"ann", {"e1"}}}));
  EXPECT_EQ(ledger.records().at("ann"), 1);
}

TEST(Ledger, AnErasedCustomerIsNobodyToItsTransactions) {
  for (const std::uint32_t tasks : {1u, 4u}) {
    Ledger ledger(tasks);
    ledger.add(Record{"t1", "e1", "", "ann", 1, kSale});
    ledger.add(Record{"t2", "e2", "", "ann", 1, kSale});
    ledger.add(Record{"t3", "e3", "", "ben", 1, kSale});
    ledger.add(Record{"x3", "e4", "t3", "ann", 1, kCancel});
    ledger.erase("ann");
    EXPECT_EQ(ledger.facts(), Facts{});
    // Neither a version nor a cancel of hers brings her back, and nobody is told of what is gone.
    ledger.add(Record{"t1", "e5", "", "ann", 2, kSale});
    ledger.add(Record{"x2", "e6", "t2", "ann", 1, kCancel});
    ledger.add(Record{"x4", "e7", "t1", "ben", 1, kCancel});
    ledger.run_round();
    EXPECT_EQ(ledger.facts(), Facts{});
    EXPECT_EQ(ledger.records().count("ann"), 0u);
    // Others' versions hold as always, what her cancels did stays done, and what is new is hers.
    ledger.add(Record{"x4", "e8", "", "ben", 2, kReturn});
    ledger.add(Record{"t1", "e9", "", "ben", 3, kSale});
    ledger.add(Record{"t4", "e10", "", "ann", 1, kSale});
    ledger.run_round();
    EXPECT_EQ(ledger.facts(), (Facts{{"ann", {"e10"}}, {"ben", {"e8", "e9"}}}));
    ledger.add(Record{"x3", "e11", "", "ann", 2, kSale});
    ledger.run_round();
    EXPECT_EQ(ledger.facts(), (Facts{{"ann", {"e10"}}, {"ben", {"e3", "e8", "e9"}}}));
  }
}

// The facts by the contract's definition, from all records at once, without those that were erased.
using Erased = std::set<std::pair<std::string, std::string>>;  // owner, transaction
Facts reference(const std::vector<Record>& records, const Erased& erased) {
  std::map<std::string, Record> latest;
  for (const Record& record : records) {
    const auto held = latest.find(record.id);
    if (held == latest.end() || record.version > held->second.version) latest[record.id] = record;
  }
  std::set<std::string> voided;
  for (const auto& [id, record] : latest)
    if (record.kind == kCancel) voided.insert(record.original);
  Facts facts;
  for (const auto& [id, record] : latest)
    if (record.kind != kCancel && !voided.contains(id) && !record.owner.empty() && !erased.contains({record.owner, id}))
      facts[record.owner].insert(record.event_id);
  return facts;
}

TEST(Ledger, RandomRecordsInAnyRoundsAndTasksGiveTheFactsOfTheDefinition) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Ledger ledger(1 + seed % 5);
    std::vector<Record> records;
    Erased erased;
    const char* const owners[] = {"ann", "ben", "cyd", ""};
    for (int i = 0; i < 40; ++i) {
      Record record;
      record.id = "t" + std::to_string(random() % 6);
      record.event_id = "e" + std::to_string(i);
      record.owner = owners[random() % 4];
      record.version = 1 + static_cast<int>(random() % 4);
      record.kind = static_cast<TransactionKind>(random() % 3);
      if (record.kind == kCancel && random() % 4) record.original = "t" + std::to_string(random() % 6);
      ledger.add(record);
      records.push_back(record);
      if (random() % 3 == 0) {
        // Somebody turns out to be somebody else: a record of nobody finds its owner.
        for (Record& past : records) {
          if (!past.owner.empty() || random() % 8) continue;
          past.owner = owners[random() % 3];
          ledger.reassign(past, "");
        }
      }
      if (random() % 4 == 0) ledger.run_round();
      if (seed % 2 == 0 && random() % 12 == 0) {
        const std::string customer = owners[random() % 3];
        for (const Record& past : records)
          if (past.owner == customer) erased.insert({customer, past.id});
        ledger.erase(customer);
      }
    }
    ledger.run_round();
    EXPECT_EQ(ledger.facts(), reference(records, erased));
  }
}

}  // namespace
}  // namespace nudge::runtime
