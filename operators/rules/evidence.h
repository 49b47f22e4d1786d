// What baskets that came after a rule's candidacy say of it: an e-value that grows with them, and with nothing else.
//
// Within each epoch, and among baskets of like size in it, how many have both sides is given the margins hypergeometric
// if the sides have nothing to do with each other; its likelihood under an odds ratio above 1 over that is an e-value,
// also against every odds ratio below 1. The product over strata is one again, and so is the mean over several odds
// ratios, of which none need be right. By strata, since large baskets, and days on which both sides are in demand, make
// things go together that have nothing to do with each other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/time.h"
#include "operators/rules/hypergeometric.h"
#include "state/codec.h"

namespace nudge::rules {

// Baskets of as many items are of one class: 2 to 3, 4 to 7, 8 to 15 …
std::size_t size_class(std::size_t items);
inline constexpr std::size_t kSizeClasses = 8;

class Evidence {
 public:
  Evidence() = default;
  // Of baskets after `since`.
  explicit Evidence(Millis since) : since_(since), until_(since) {}

  // A stratum of baskets after until().
  void add(const Table& table);
  // Of a stratum that was added: another antecedent's, among the baskets with none of those that were added before.
  void add_rest(const Table& table);
  // All baskets until then were added.
  void close(Millis until) { until_ = until; }

  Millis since() const { return since_; }
  Millis until() const { return until_; }
  std::int64_t baskets() const { return baskets_; }          // that were added
  std::int64_t antecedents() const { return antecedents_; }  // of them, with the antecedent
  double log_e() const;

  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  void weigh(const Table& table);

  static constexpr std::size_t kOddsRatios = 6;

  Millis since_ = 0, until_ = 0;
  std::int64_t baskets_ = 0, antecedents_ = 0;
  std::array<double, kOddsRatios> logs_{};  // by odds ratio
};

}  // namespace nudge::rules
