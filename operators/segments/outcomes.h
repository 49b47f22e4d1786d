// How often what scores foretell came true for a segment's members: labels that became known, by target and segment.
// Integers, so that parts merge in any order.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "state/codec.h"

namespace nudge::segments {

struct Outcome {
  std::int64_t n = 0, successes = 0;
  bool operator==(const Outcome&) const = default;
};

class Outcomes {
 public:
  // `segment` is the number that stays.
  void add(std::string_view target, std::int32_t segment, bool success);
  void merge(const Outcomes& other);
  bool empty() const { return by_target_.empty(); }
  void clear() { by_target_.clear(); }
  // By target, then segment.
  const std::map<std::string, std::map<std::int32_t, Outcome>, std::less<>>& by_target() const { return by_target_; }

  void encode(Encoder& out) const;
  bool decode(Decoder& in);
  bool operator==(const Outcomes&) const = default;

 private:
  std::map<std::string, std::map<std::int32_t, Outcome>, std::less<>> by_target_;
};

}  // namespace nudge::segments
