// One instance's share of a live run in one generation: from taking its tasks over to letting them go.
//
// Whatever is not committed dies with it. It begins with ending what earlier owners may have left open: from then on
// nobody else writes for these tasks, and what they have committed is all there is.
#pragma once

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <vector>

#include "connectors/kafka/changelog.h"
#include "connectors/kafka/membership.h"
#include "connectors/kafka/source.h"
#include "connectors/kafka/transaction.h"
#include "engine/runtime/changelog.h"
#include "engine/runtime/exchange.h"
#include "engine/runtime/journal.h"
#include "engine/runtime/kafka_exchange.h"
#include "engine/runtime/live.h"
#include "engine/runtime/pipeline.h"

namespace nudge::runtime {

// What an instance has as long as it lives.
struct LiveInstance {
  const config::Value& root;
  const Program& program;
  const connectors::kafka::Settings& settings;
  const connectors::kafka::Admin& admin;
  const connectors::kafka::Changelog& changelog;
  const connectors::kafka::Membership& membership;
  state::Store& store;
  const LiveOptions& options;
};

class LiveShare {
 public:
  // `view`: as the membership is now; this instance owns a task at least.
  LiveShare(const LiveInstance& instance, connectors::kafka::Membership::View view);
  ~LiveShare();

  // Returns when it is told to stop, or when the tasks are placed anew; kUnavailable where it is to be tried again.
  Status run();
  bool has_worked() const { return has_worked_; }  // got as far as to take records

  // Of the changelog: what `instance` owns, and what it stands by for.
  static std::vector<int> owned_partitions(const connectors::kafka::Assignment& assignment,
                                           const std::string& instance);
  static std::vector<int> standby_partitions(const connectors::kafka::Assignment& assignment,
                                             const std::string& instance);

 private:
  Status goes_on() const;
  bool is_over() const { return !goes_on(); }
  void enter(Phase phase) const;
  std::vector<std::future<Status>> end_earlier_writers() const;
  Status restore() const;
  Status open();
  Status open_sink();
  Status take_missed_rounds();
  Status lead();
  Status follow();
  Status commit_when_due();
  Status let_go();
  Result<LoggedStore::Consumed> before_commit();
  void trim_exchange();
  void tell_lag();

  const LiveInstance& instance_;
  const connectors::kafka::Membership::View view_;
  std::vector<std::uint32_t> tasks_;
  const bool has_spine_, is_alone_;
  std::unique_ptr<connectors::kafka::Transaction> transaction_;
  std::unique_ptr<KafkaExchangeLog> exchange_log_;
  std::unique_ptr<Exchange> exchange_;
  std::unique_ptr<connectors::kafka::LiveSource> source_;
  std::unique_ptr<connectors::kafka::Producer> outputs_;  // where they do not wait for the commit
  std::unique_ptr<connectors::Sink> sink_;
  std::unique_ptr<LoggedStore> store_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Pipeline> pipeline_;
  bool uncommitted_ = false, has_worked_ = false;
  std::map<connectors::kafka::TopicPartition, std::uint64_t> committed_;  // offsets, as the last commits told them
  std::chrono::steady_clock::time_point trimmed_ = std::chrono::steady_clock::now(), told_lag_, committed_all_;
};

}  // namespace nudge::runtime
