// Where a round of a live run ends.
//
// Live, records of different partitions arrive in any order, and what has arrived is a matter of chance. So each round
// is cut once, the cut is written to the journal, and whoever reads the same input again obeys it: a restart, or a
// replay of what ran.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/source.h"
#include "engine/runtime/message.h"
#include "engine/status.h"
#include "state/codec.h"

namespace nudge::runtime {

struct Cut {
  std::uint64_t round = 0;              // from 1
  OrderKey bound;                       // what lies beyond it in the order of the input waits
  Millis watermark = kBeforeAll;        // of the event clock after the round
  std::vector<std::uint64_t> horizons;  // by partition of the source: the first offset that is not taken
  // Who wrote it to the journal, in which generation, and a place there that does not lie behind it (journal.h).
  std::string writer;
  std::int64_t generation = 0;
  std::uint64_t place = 0;
};

void encode(Encoder& out, const Cut& cut);
bool decode(Decoder& in, Cut& cut);

// One JSON object; partitions are named, so that a topic may get more of them.
std::string encode(const Cut& cut, const std::vector<connectors::PartitionInfo>& partitions);
// kBadData where it is no cut, or one of partitions that are not there.
Result<Cut> decode_cut(std::string_view json, const std::vector<connectors::PartitionInfo>& partitions);

}  // namespace nudge::runtime
