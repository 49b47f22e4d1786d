// What each record of a webhook means to its receiver, and how it is settled: delivered, not needed, or dead.
//
// It knows nothing of networks, threads or clocks. What is settled becomes durable with commit(); after a crash records
// that were settled since then are met again. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/webhook/dead_letter_file.h"
#include "connectors/webhook/delivery_state.h"
#include "connectors/webhook/figures.h"
#include "connectors/webhook/progress.h"
#include "connectors/webhook/settings.h"
#include "connectors/webhook/target_source.h"

namespace nudge::connectors::webhook {

class Settlement {
 public:
  // `settings`, `source` and `figures` outlive it. kConfig where the source is not the one that was delivered from.
  static Result<std::unique_ptr<Settlement>> make(const Settings& settings, std::unique_ptr<DeliveryState> state,
                                                  const TargetSource& source, Figures& figures);

  // Takes note of a record that was read. Gives the customer whose lane it belongs to; nothing where it is settled
  // at once: of a list or group that the receiver never hears of, or no record of `targets` at all.
  Result<std::optional<std::string>> admit(const SourceRecord& record);

  struct Plan {
    std::string key = {}, id = {}, list = {}, customer = {}, identifiers = {};
    Change change = Change::kNone;
    std::vector<HttpRequest> requests = {};  // none: not needed
    std::string impossible = {};             // why it cannot be told; empty: it can
  };
  // What is to be sent for a record, now that all earlier ones of its customer are settled.
  Result<Plan> plan(const SourceRecord& record) const;

  Status delivered(const SourceRecord& record, const Plan& plan);
  // An update that says nothing new to the receiver still tells how to name the member when it goes.
  Status not_needed(const SourceRecord& record, const Plan& plan);
  Status dead(const SourceRecord& record, const Plan& plan, const std::string& reason, int status, int attempts);

  std::size_t uncommitted() const { return uncommitted_; }  // records that were settled since the last commit
  std::size_t uncommitted_deliveries() const { return uncommitted_deliveries_; }
  Status commit();

 private:
  Settlement(const Settings& settings, std::unique_ptr<DeliveryState> state, const TargetSource& source,
             Figures& figures);
  void settled(const SourceRecord& record);

  const Settings& settings_;
  const std::unique_ptr<DeliveryState> state_;
  const TargetSource& source_;
  Figures& figures_;
  std::unique_ptr<DeadLetterFile> letters_;
  Progress progress_;
  std::size_t uncommitted_ = 0, uncommitted_deliveries_ = 0;
};

}  // namespace nudge::connectors::webhook
