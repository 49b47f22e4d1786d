// Who the customers of the planted shop are: traits that follow from the seed and the customer's number alone.
#pragma once

#include <cstdint>
#include <string>

#include "tools/nudge/generate/options.h"
#include "tools/nudge/generate/plan.h"

namespace nudge::generate {

struct Traits {
  std::uint64_t number = 0;
  Segment segment;
  Millis joined = 0, gone = 0;                     // alive in [joined, gone)
  double pace = 1;                                 // factor on the segment's rates; mean 1
  double online_per_week = 0, store_per_week = 0;  // the pace included
  bool links_second_device = false;
  bool consents_email = false, consents_sms = false, consents_video = false;
  int birth_year = 0;
};

// What changes in a customer's life. Kept for every customer, so it is small.
struct Shopper {
  Millis next_visit = 0;      // kNever: no further visit
  Millis spell_until = 0;     // of the sequence rule: no new spell starts before
  Millis follow_up = kNever;  // when the later product is due
  std::uint32_t number = 0;
  std::uint32_t drawn = 0;    // words drawn from the customer's stream
  std::uint32_t records = 0;  // of the customer, for event ids
  std::uint16_t orders = 0;   // saturates
  bool joined = false, next_is_online = false, second_device_linked = false, unsubscribed = false;
};

class Population {
 public:
  explicit Population(const GenerateOptions& options);

  Traits traits(std::uint64_t customer) const;
  std::uint64_t stream(std::uint64_t customer) const { return mix(mix(options_.seed, 0xc0), customer); }
  Millis end() const { return end_; }

 private:
  double zipf_weight(std::uint64_t customer) const;

  GenerateOptions options_;
  Millis end_;
  Rate store_;
  double zipf_mean_ = 1;
};

std::string customer_id(std::uint64_t customer);

}  // namespace nudge::generate
