#include "operators/segments/panes.h"

namespace nudge::segments {

MicroClusters& pane(Panes& panes, std::int64_t number, const GridShifts& shifts) {
  return panes.try_emplace(number, shifts).first->second;
}

void merge(Panes& into, const Panes& from) {
  for (const auto& [number, clusters] : from) pane(into, number, clusters.shifts()).merge(clusters);
}

void coarsen(Panes& panes, const GridShifts& shifts) {
  for (auto& [number, clusters] : panes) clusters.coarsen(shifts);
}

void forget_before(Panes& panes, Millis time) {
  std::erase_if(panes, [&](const auto& each) { return (each.first + 1) * kWeek <= time; });
}

MicroClusters sum_of(const Panes& panes, const GridShifts& shifts) {
  MicroClusters sum(shifts);
  for (const auto& [number, clusters] : panes) sum.merge(clusters);
  return sum;
}

void encode_panes(const Panes& panes, Encoder& out) {
  out.varint(panes.size());
  for (const auto& [number, clusters] : panes) {
    out.zigzag(number);
    clusters.encode(out);
  }
}

bool decode_panes(Decoder& in, Panes& panes) {
  panes.clear();
  for (std::size_t left = in.count(3); left > 0; --left) {
    const std::int64_t number = in.zigzag();
    if (!panes[number].decode(in)) return false;
  }
  return in.ok();
}

}  // namespace nudge::segments
