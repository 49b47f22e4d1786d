// What a customer's money went to: goods at list price, and goods that were new to the shop when they were bought.
//
// Integers. Prices follow from the sale alone, so they leave exactly as they came. What was new does not: it is kept of
// the newest sales, so that they can be taken back.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/decimal.h"
#include "engine/event.h"
#include "operators/segments/new_products.h"
#include "state/codec.h"

namespace nudge::segments {

class Spending {
 public:
  static constexpr std::size_t kJudgedMost = 64;

  // The sale holds from now on. `known`: what is new now; nothing before it is known.
  void apply(const Event& sale, const std::optional<NewProducts>& known);
  // And no more. False where it was judged too long ago: then what was new of it stays.
  bool retract(const Event& sale);

  // Of the value of lines with a known list price; of that of sales made since it is known what is new. Nothing without
  // any.
  std::optional<double> list_price_share() const;
  std::optional<double> new_share() const;

  std::size_t memory_bytes() const { return sales_.capacity() * sizeof(Judged); }
  void encode(Encoder& out) const;
  bool decode(Decoder& in);

 private:
  struct Judged {
    std::uint64_t transaction = 0;  // a hash of its id
    Nano value = 0, fresh = 0;
  };
  void add_prices(const Event& sale, int sign);

  Nano listed_ = 0, at_list_price_ = 0, judged_ = 0, fresh_ = 0;
  std::vector<Judged> sales_;  // the oldest first
  bool forgot_ = false;        // a sale that was judged is no longer among them
};

}  // namespace nudge::segments
