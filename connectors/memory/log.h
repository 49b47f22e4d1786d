// A partitioned log in memory: topics of partitions of records, each numbered from 0.
//
// It can be read as a Source and written as a Sink while others append. Safe for many threads; the log must outlive the
// sources, readers and sinks made from it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sink.h"
#include "connectors/source.h"

namespace nudge::connectors {

class MemoryLog {
 public:
  // Makes the topic and the partitions up to this one where they are missing; gives the record's offset.
  std::uint64_t append(std::string_view topic, std::uint32_t partition, std::string record);
  void make_topic(std::string_view topic, std::uint32_t partitions);

  std::uint32_t partitions(std::string_view topic) const;                        // 0: no such topic
  std::uint64_t records(std::string_view topic, std::uint32_t partition) const;  // how many
  std::vector<std::string> content(std::string_view topic, std::uint32_t partition) const;

  // The input topics that exist now, with their partitions; topics of other names are not read, nor warned about. A
  // reader that has come to the end gives what was appended since when it reads again. `place` is not used.
  std::unique_ptr<Source> source(bool endless = false) const;
  // Appends to partition 0 of the topics, one record a line; a position counts records. `reset` empties them.
  std::unique_ptr<Sink> sink(std::vector<std::string> topics);

 private:
  friend class MemoryReader;
  friend class MemorySink;
  using Partition = std::vector<std::string>;

  mutable std::mutex mutex_;
  std::map<std::string, std::vector<Partition>, std::less<>> topics_;
};

}  // namespace nudge::connectors
