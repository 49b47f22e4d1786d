// Reads whole partitions as text, for tests of sources.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "connectors/source.h"

namespace nudge::connectors {

struct ReadRecord {
  std::uint64_t offset = 0;
  std::string raw, json;
  Position after;
};

// Everything from `from` on, `records_max` and `bytes_max` at a time.
inline Result<std::vector<ReadRecord>> read_all(const Source& source, const PartitionInfo& partition,
                                                Position from = {}, std::size_t records_max = 1000,
                                                std::size_t bytes_max = 1 << 20) {
  NUDGE_ASSIGN(const auto reader, source.open(partition, from));
  std::vector<ReadRecord> records;
  RawBatch batch;
  for (;;) {
    NUDGE_TRY(reader->read(batch, records_max, bytes_max));
    if (batch.lines.empty()) return records;
    EXPECT_LE(batch.lines.size(), records_max);
    for (const RawBatch::Line& line : batch.lines)
      records.push_back({line.offset,
                         std::string(batch.raw(line)),
                         std::string(batch.json(line)),
                         {line.offset + 1, line.place_after}});
  }
}

// `offset:raw` of every record, with blanks between.
inline std::string summary(const Source& source, const PartitionInfo& partition) {
  const auto records = read_all(source, partition);
  if (!records) return records.status().message();
  std::string out;
  for (const ReadRecord& record : *records) out += std::to_string(record.offset) + ":" + record.raw + " ";
  return out;
}

}  // namespace nudge::connectors
