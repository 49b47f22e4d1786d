// Who is held out: by hash alone, so that a customer's group in a list never changes and needs no state.
#pragma once

#include <string_view>

#include "engine/hash.h"

namespace nudge::targets {

enum class Group : std::uint8_t { kTreatment, kControl, kHoldout };

// `holdout` is by the customer alone and the same in every list; `control` is a share of the rest, drawn for each list.
inline Group group_of(std::string_view list, std::string_view customer, double holdout, double control) {
  constexpr std::uint64_t kHoldoutSeed = 0x686f6c646f7574, kControlSeed = 0x636f6e74726f6c;
  if (unit_interval(hash64(customer, kHoldoutSeed)) < holdout) return Group::kHoldout;
  if (unit_interval(hash64(customer, hash64(list, kControlSeed))) < control) return Group::kControl;
  return Group::kTreatment;
}

constexpr std::string_view name_of(Group group) {
  switch (group) {
    case Group::kTreatment:
      return "treatment";
    case Group::kControl:
      return "control";
    case Group::kHoldout:
      return "holdout";
  }
  return {};
}

}  // namespace nudge::targets
