// How far a stream of records is settled, where records are settled in another order than they are read in.
//
// The position of a partition is the place before its first record that is read and not settled. One thread.
#pragma once

#include <map>

#include "connectors/webhook/target_source.h"

namespace nudge::connectors::webhook {

class Progress {
 public:
  explicit Progress(Positions from) : read_(std::move(from)) {}

  void read(const SourceRecord& record) {
    open_[record.partition].emplace(record.begin.offset, record.begin);
    read_[record.partition] = record.end;
  }
  void settle(int partition, std::uint64_t offset) { open_[partition].erase(offset); }

  Positions positions() const {
    Positions positions = read_;
    for (const auto& [partition, records] : open_)
      if (!records.empty()) positions[partition] = records.begin()->second;
    return positions;
  }

 private:
  std::map<int, std::map<std::uint64_t, Position>> open_;
  Positions read_;
};

}  // namespace nudge::connectors::webhook
