// The record of one entity's change of segment in `segments`.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/operator.h"
#include "operators/segments/settings.h"

namespace nudge::segments {

struct Membership {
  std::int32_t segment, previous;  // kNoSegment: none
  double distance = 0;             // from the segment's centre, in z; of none: not told
  std::int64_t version = 0;        // of the model
};

struct Member {
  std::string_view entity;    // its id
  std::string_view customer;  // the id of whom it is or belongs to; empty: nobody
};
void write_membership(const Segmentation& segmentation, const Member& member, const Membership& membership, Millis at,
                      Outputs& outputs);

}  // namespace nudge::segments
