// A warm standby: follows partitions of a changelog into the store while others own their tasks, so that whoever takes
// one over has little left to read.
//
// It has a thread of its own, which writes what it has read a second at a time, sorted, with the places (changelog.h).
// Large values stay in parts: restore() joins them. A failure is tried again until it heals, and is kept in status()
// meanwhile. No partition may be followed that this process writes to or restores.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "connectors/kafka/changelog.h"
#include "connectors/kafka/consumer.h"
#include "connectors/kafka/latest_changes.h"

namespace nudge::connectors::kafka {

struct StandbyOptions {
  std::size_t memory_bytes_max = 32 << 20;  // about: half for what was fetched, half for what is sorted
  Milliseconds write_every{1'000};
  Millis tombstones_kept = kTombstonesKept;
};

class Standby {
 public:
  // The store outlives it. Follows nothing at first.
  Standby(Settings settings, Changelog changelog, state::Store& store, const StandbyOptions& options);
  // What was read is written.
  ~Standby();

  // These and no others from now on. Returns when the store has what was read of those that are let go and nobody
  // writes to them any more: restore() goes on where this has stopped.
  void follow(std::vector<int> partitions);

  // The store has all that was committed when it began to follow these partitions.
  bool caught_up() const { return caught_up_; }
  std::uint64_t records() const { return records_; }  // read so far
  // The last failure; ok as soon as it goes on.
  Status status() const;

 private:
  struct Followed {
    TopicPartition source;
    std::int64_t goal = 0;  // the end when it began
    ChangelogPlace place, written;
    bool at_end = false;
  };

  void serve(const std::stop_token& stop);
  Status follow_while(const std::vector<int>& partitions, const std::function<bool()>& goes_on);
  Status read(Consumer& consumer, const Admin& admin, Followed& followed, LatestChanges& changes);
  Status write(std::vector<Followed>& all, LatestChanges& changes);

  const Settings settings_;
  const Changelog changelog_;
  state::Store& store_;
  const StandbyOptions options_;
  std::atomic<std::uint64_t> records_ = 0;
  std::atomic<bool> caught_up_ = false;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<int> wanted_;
  std::uint64_t version_ = 0, served_ = 0;  // of wanted_: the last one, and the last one that was begun with
  Status status_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace nudge::connectors::kafka
