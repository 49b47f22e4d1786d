// Where input records come from: partitions that can be read from any position again.
//
// The same interface serves files, the in-process log and Kafka. A partition is read by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/status.h"
#include "engine/time.h"
#include "engine/topic.h"

namespace nudge::connectors {

// Where reading goes on: the number of the next record and a place that is the connector's own business.
struct Position {
  std::uint64_t offset = 0;
  std::uint64_t place = 0;
};

struct PartitionInfo {
  Topic topic = Topic::kTransactions;
  std::uint32_t partition = 0;
  std::string name;         // for messages: a file's path
  std::uint64_t bytes = 0;  // for progress; 0 unknown
  std::string fingerprint;  // differs when the content that was there may have changed (name and size of a file)
};

// Lines of one partition in one buffer; every line is followed by at least kInputPadding readable bytes.
struct RawBatch {
  struct Line {
    std::uint64_t offset;
    std::uint32_t begin, size;            // what a dead letter keeps
    std::uint32_t json_begin, json_size;  // what is decoded; the same bytes for JSON
    std::uint64_t place_after;            // the position after this record is {offset + 1, place_after}
    // What only a log has: a file's lines have no broker timestamp, key, headers or null values.
    Millis timestamp = kNoTimestamp;
    std::uint32_t key_begin = 0, key_size = 0;
    std::uint32_t headers_begin = 0, headers_size = 0;  // as connectors/record_headers.h writes them
    bool has_key = false;                               // an empty key is one
    bool tombstone = false;                             // the value is null
  };
  static constexpr Millis kNoTimestamp = -1;
  std::string bytes;
  std::vector<Line> lines;
  std::string_view raw(const Line& line) const { return {bytes.data() + line.begin, line.size}; }
  std::string_view json(const Line& line) const { return {bytes.data() + line.json_begin, line.json_size}; }
  std::string_view key(const Line& line) const { return {bytes.data() + line.key_begin, line.key_size}; }
  std::string_view headers(const Line& line) const { return {bytes.data() + line.headers_begin, line.headers_size}; }
};

class PartitionReader {
 public:
  virtual ~PartitionReader() = default;
  // Replaces the batch's content by the next records, at most `records_max` and about `bytes_max`. No line: the end, or
  // of an endless source: nothing yet.
  virtual Status read(RawBatch& batch, std::size_t records_max, std::size_t bytes_max) = 0;
  // How many of PartitionInfo::bytes are behind; for progress.
  virtual std::uint64_t bytes_read() const = 0;
  // Of an endless source: whether more is known to be there than was read.
  virtual bool behind() const { return false; }
};

class Source {
 public:
  virtual ~Source() = default;
  virtual const std::vector<PartitionInfo>& partitions() const = 0;  // by topic, then partition
  virtual Result<std::unique_ptr<PartitionReader>> open(const PartitionInfo& partition, Position from) const = 0;
  virtual const std::vector<std::string>& warnings() const = 0;  // files that are no topic
  // Whether more records may come at any time; then a read does not wait.
  virtual bool endless() const { return false; }
};

}  // namespace nudge::connectors
