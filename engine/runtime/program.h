// What a configuration makes of the program: which operators run, in which order, with which columns, and the settings
// of the engine.
//
// Immutable after make(); shared by all threads.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "config/application.h"
#include "engine/operator.h"

namespace nudge::runtime {

struct EngineSettings {
  std::uint32_t partitions = 8;
  int threads = 2;
  Millis epoch = kDay;
  Millis disorder = kMinute;
  Millis allowed_lateness = 7 * kDay;
  Millis future_max = kDay;
  Millis silence_max = 400 * kDay;
  Millis identity_retention = 730 * kDay;
  Millis repeat_retention = kNever;  // of event ids
  Millis commit_interval = 100;
  Millis replay_commit_interval = 5 * kSecond;
  Millis merge_wait = kSecond;
  std::size_t standbys = 1;  // of each task
  std::uint64_t memory_budget = 2ull << 30;
  std::uint64_t batch_events_max = 65'536;
  bool fail_on_bad_record = false;
  std::uint64_t products_max = 200'000;
  bool keeps_whole_history = true;
  bool delivers_once = true;  // outputs belong to the commit; else they come before it, and again after a failure
};

struct ActiveOperator {
  const OperatorSpec* spec = nullptr;
  const config::Value* config = nullptr;
  std::uint32_t id = 0;  // a hash of the name: what stored sections are filed under
  bool reads_products = false;
};

class Program {
 public:
  // The application must outlive the program. Fails (kConfig) where signals go in a circle.
  static Result<std::unique_ptr<Program>> make(const config::Application& application);

  const EngineSettings& settings() const { return settings_; }
  // In the order of calls; the index is the operator's slot.
  const std::vector<ActiveOperator>& operators() const { return operators_; }
  const ColumnCatalog& columns() const { return columns_; }
  // `products`: the task's, if it has any.
  OperatorSetup setup(std::size_t slot, const ProductCatalog* products = nullptr, std::uint32_t task = 0) const {
    return {*operators_[slot].config, *root_, columns_, static_cast<std::uint8_t>(slot),
            operators_[slot].reads_products ? products : nullptr, task, settings_.partitions};
  }
  // Whether any operator reads the catalogue of products.
  bool reads_products() const;
  // Slots that take facts of the topic, and those that implement a call.
  const std::vector<std::uint8_t>& taking(Topic topic) const { return taking_[static_cast<std::size_t>(topic)]; }
  const std::vector<std::uint8_t>& implementing(Call call) const;
  // Whether timelines hold all records of the topic, and the operator's notes.
  bool keeps_records(Topic topic) const { return kept_[static_cast<std::size_t>(topic)]; }
  bool keeps_notes(std::size_t slot) const {
    return settings_.keeps_whole_history || operators_[slot].spec->reads_timeline;
  }
  // The slots whose operators have timers or sweeps, rising, and a slot's place among them.
  const std::vector<std::uint8_t>& timed() const { return timed_; }
  std::optional<std::size_t> timer_of(std::size_t slot) const {
    return timer_places_[slot] == kUntimed ? std::nullopt : std::optional<std::size_t>(timer_places_[slot]);
  }
  // The slots whose operators keep parts of their sections in pieces.
  const std::vector<std::uint8_t>& in_pieces() const { return in_pieces_; }
  std::optional<std::size_t> slot_of(std::uint32_t id) const;
  // Equal for configurations that give equal output from equal input.
  std::uint64_t fingerprint() const { return fingerprint_; }

 private:
  Program() = default;

  static constexpr std::uint8_t kUntimed = 0xff;

  EngineSettings settings_;
  std::vector<ActiveOperator> operators_;
  std::vector<std::uint8_t> timed_, timer_places_, in_pieces_;
  ColumnCatalog columns_;
  const config::Value* root_ = nullptr;
  std::array<std::vector<std::uint8_t>, kTopicCount> taking_;
  std::array<bool, kTopicCount> kept_{};
  std::array<std::vector<std::uint8_t>, 16> implementing_;
  std::uint64_t fingerprint_ = 0;
};

}  // namespace nudge::runtime
