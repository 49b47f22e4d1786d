// Where records of `targets` are read from: a file that a replay writes, or a topic. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/value.h"
#include "connectors/kafka/settings.h"
#include "engine/status.h"

namespace nudge::connectors::webhook {

// The place before a record.
struct Position {
  std::uint64_t offset = 0;  // of the record in its partition
  std::uint64_t place = 0;   // of its first byte in the file
  bool operator==(const Position&) const = default;
};
using Positions = std::map<int, Position>;  // by partition

struct SourceRecord {
  int partition = 0;
  Position begin, end;
  std::string line;
};

class TargetSource {
 public:
  virtual ~TargetSource() = default;
  // Adds at most `records_max` records; none: there is nothing now. Never waits long.
  virtual Status read(std::vector<SourceRecord>& records, std::size_t records_max) = 0;
  // Everything that was there when the source was opened has been read; never where it follows.
  virtual bool at_end() const = 0;
  // What lies before a position, as far as it tells whether the source is still the same; empty: not known.
  virtual std::string trace_of(int partition, const Position& position) const = 0;
};

struct SourceOptions {
  Positions from;       // partitions that are not named are read from their beginning
  bool follow = false;  // go on with what comes later
};

// Lines without a line end are not there yet. kInputOutput where the file cannot be read; kBadData where it became
// shorter than what was read of it.
Result<std::unique_ptr<TargetSource>> open_target_file(const std::string& path, const SourceOptions& options);
// What is committed. Null values are left out.
Result<std::unique_ptr<TargetSource>> open_target_topic(const kafka::Settings& settings, const std::string& topic,
                                                        const SourceOptions& options);

}  // namespace nudge::connectors::webhook
