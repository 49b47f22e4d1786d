// The figures of one session.
#pragma once

#include <array>
#include <cstdint>

#include <absl/container/inlined_vector.h>

#include "operators/sessions/page_view.h"
#include "state/codec.h"

namespace nudge::sessions {

struct Visit {
  static constexpr std::size_t kProductsMax = 64;

  std::uint64_t id = 0;   // 0: not named yet
  std::uint64_t key = 0;  // as in its touches
  Millis first = 0, last_view = 0;
  Millis last = 0;                                 // the last event, a sale that extends it too
  Micro last_price = -1;                           // of the newest product view that has one
  absl::InlinedVector<std::uint32_t, 4> products;  // distinct, rising, at most kProductsMax
  std::array<std::uint32_t, kPageActions> actions = {};
  std::uint32_t sales = 0;  // of the customer from `first` to `last`
  // After `last` by the gap or more: they belong to it once a page view follows. Only in open sessions, never stored.
  std::uint32_t waiting_sales = 0;
  std::uint32_t earlier_products = 0;      // of before it was last closed
  bool named = false;                      // the key is a session_id's
  Word device = 0, region = 0;             // the newest known
  Referrer referrer = Referrer::kUnknown;  // the first known

  static Visit begun_by(const Touch& touch);
  void add(const Touch& touch);
  // Only the counts; what else the page view left behind stays.
  void take_away(const Touch& touch);
  std::uint32_t count(PageAction action) const { return actions[static_cast<std::size_t>(action)]; }
  std::uint32_t page_views() const;
  std::uint32_t distinct_products() const { return earlier_products + static_cast<std::uint32_t>(products.size()); }
  // Whether a time lies in the session or less than the gap from its ends.
  bool reaches(Millis at, Millis gap) const { return at > first - gap && at < last + gap; }

  void encode(Encoder& out) const;
  static Visit decode(Decoder& in);
  bool operator==(const Visit&) const = default;
};

}  // namespace nudge::sessions
