// When a customer ordered and for how much: the intervals between orders and the orders of the last days.
//
// The newest orders are kept one by one, so that a late order splits a gap and a cancelled one joins two, exactly and
// in whatever order they come. Of what lies before them only the number, the ends and the squared gaps remain.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/compact_vector.h"
#include "engine/decimal.h"
#include "engine/operator.h"
#include "engine/time.h"
#include "state/codec.h"

namespace nudge::rfm {

struct Order {
  Millis at = 0;
  Micro value = 0;  // cut to what 64 bits hold
  auto operator<=>(const Order&) const = default;
};

class OrderHistory {
 public:
  // At least so many of the newest orders are kept one by one.
  static constexpr std::size_t kKept = 8'192;

  // Both say whether the intervals are still exact: not where the order is older than all that is kept.
  bool add(const Order& order);
  bool remove(const Order& order);  // It was added before.

  std::uint64_t count() const { return older_ + kept_.size(); }
  // The next four need an order.
  Millis first() const { return older_ > 0 ? oldest_ : kept_.front().at; }
  Millis last() const { return kept_.empty() ? newest_older_ : kept_.back().at; }
  Micro last_value() const { return kept_.empty() ? 0 : kept_.back().value; }
  // Nothing where the first order is not kept.
  std::optional<Micro> first_value() const {
    return older_ > 0 || kept_.empty() ? std::nullopt : std::optional(kept_.front().value);
  }

  // Days between consecutive orders; the deviation divides by one less than the number of gaps. Nothing without a gap,
  // or two for the deviation.
  std::optional<double> interval_mean_days() const;
  std::optional<double> interval_deviation_days() const;
  std::optional<double> last_interval_days() const;

  // Orders after a time, and what they are worth in units of currency; of those kept.
  std::size_t count_after(Millis time) const;
  double value_after(Millis time) const;

  // The kept orders in pieces of kPiece, but for the last ones that fill none. decode() is for an empty object, and
  // read_piece() for each of the pieces() after it.
  void encode(Encoder& out) const;
  bool decode(Decoder& in);
  void write_pieces(PieceWriter& out);
  PieceRange pieces() const { return {dropped_ / kPiece, (dropped_ + kept_.size()) / kPiece}; }
  bool read_piece(std::uint64_t number, std::string_view bytes);
  std::size_t memory_bytes() const {
    return kept_.capacity() * sizeof(Order) + (sums_ ? sums_->upto.capacity() * sizeof(Int128) : 0);
  }
  bool operator==(const OrderHistory& other) const;

 private:
  // The squared gaps that the kept order at `place` has to its neighbours, less the one that they had without it.
  Int128 squares_at(std::size_t place) const;
  Int128 squares_of_kept() const;
  void trim();
  void changed_at(std::size_t place) {
    if (sums_) sums_->known = std::min(sums_->known, place);
    changed_from_ = std::min(changed_from_, static_cast<std::uint32_t>((dropped_ + place) / kPiece));
  }
  void encode_orders(std::size_t first, std::size_t last, Encoder& out) const;
  bool decode_orders(std::size_t first, std::size_t last, Decoder& in);

  static constexpr std::uint32_t kPiece = 32;

  CompactVector<Order> kept_;  // rising
  std::uint32_t dropped_ = 0;  // that were kept once; whole pieces
  PieceRange stored_;          // pieces, and from which of them on they differ from what is stored
  std::uint32_t changed_from_ = ~0u;
  // Values of the first orders summed up, as far as a long window has asked for: upto[i] is that of the first i + 1;
  // `known` of them hold. Follows from kept_.
  struct Sums {
    std::vector<Int128> upto;
    std::size_t known = 0;
  };
  mutable std::unique_ptr<Sums> sums_;  // none before anybody asked
  Int128 squared_gaps_ = 0;             // ms², over all consecutive orders
  std::uint64_t older_ = 0;             // orders before the kept ones
  Millis oldest_ = 0, newest_older_ = 0;
};

}  // namespace nudge::rfm
