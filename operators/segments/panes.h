// Micro-clusters by the week in which their entities count, so that a window moves on by forgetting whole panes.
// Customers count as long as they belong: all of them are in pane 0.
#pragma once

#include <cstdint>
#include <map>

#include "engine/time.h"
#include "operators/segments/micro_clusters.h"

namespace nudge::segments {

using Panes = std::map<std::int64_t, MicroClusters>;

inline std::int64_t pane_of(Millis time) { return time / kWeek; }
// The pane, made where missing.
MicroClusters& pane(Panes& panes, std::int64_t number, const GridShifts& shifts);
void merge(Panes& into, const Panes& from);
void coarsen(Panes& panes, const GridShifts& shifts);
// Forgets panes that ended before `time`.
void forget_before(Panes& panes, Millis time);
MicroClusters sum_of(const Panes& panes, const GridShifts& shifts);

void encode_panes(const Panes& panes, Encoder& out);
bool decode_panes(Decoder& in, Panes& panes);

}  // namespace nudge::segments
