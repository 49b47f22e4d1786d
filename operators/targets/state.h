// In which lists a customer is, and when lists made them eligible.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/operator.h"
#include "operators/targets/eligibility.h"

namespace nudge::targets {

// A full section of kListsMax lists stays below 256 KiB.
inline constexpr std::size_t kReasonsBytesMax = 4 << 10;      // of a score's reasons; longer ones are left out
inline constexpr std::size_t kIdentifiersBytesMax = 2 << 10;  // the same of the identifiers
inline constexpr std::size_t kStartsMax = 128;                // of one list; the oldest go
static_assert(kListsMax * (kReasonsBytesMax + kIdentifiersBytesMax + 6 * kStartsMax + 256 + 16) < 256 << 10);
static_assert(kCapMax < kStartsMax);

// What the last record said, so that `targets.state` says the same.
struct Membership {
  bool entered = false;  // the last record was the enter
  std::int32_t probability_micro = 0;
  std::int32_t percentile_centi = -1;  // −1: unknown
  std::string band;
  std::string reasons;      // a JSON array
  std::string identifiers;  // members of a JSON object, without braces
  Suppression suppressed = 0;
  Millis scored_at = 0, valid_until = 0, recorded_at = 0;
  bool operator==(const Membership&) const = default;
};

struct ListState {
  std::string list;
  std::vector<Millis> starts;  // when the customer became eligible, rising; only as far back as a cap looks
  std::optional<Membership> member;
  bool operator==(const ListState&) const = default;
};

// A score that was made ahead of the watermark: an older one of the same target may still come, and is not the latest
// then.
struct EarlyScore {
  std::uint32_t score = 0;  // a hash of the target's name
  Millis at = 0;
  bool operator==(const EarlyScore&) const = default;
};

class TargetsSection final : public Section {
 public:
  std::vector<ListState> lists;
  Millis armed = kNever;                 // the timer
  std::vector<EarlyScore> early_scores;  // the latest of each target, until the watermark has passed it

  const ListState* find(std::string_view list) const;
  ListState& find_or_add(std::string_view list);
  bool has_members() const;
  // Whether a score of `at` is the latest of its target so far; remembers it where that may be asked again.
  bool take_latest(std::uint32_t score, Millis at, Millis watermark);
  // Forgets lists without member and starts.
  void tidy();

  void encode(Encoder& out) const override;
  std::size_t memory_bytes() const override;
  static std::unique_ptr<Section> make();
  static std::unique_ptr<Section> decode(std::uint32_t version, std::string_view bytes);
};

}  // namespace nudge::targets
