// The figures of one customer's sales and returns (contract, section 3, `rfm`), under apply and retract of whole
// transactions in any order. Sums are exact integers; quotients are formed when asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/event.h"
#include "engine/operator.h"
#include "operators/rfm/cut_points.h"
#include "operators/rfm/order_history.h"
#include "operators/rfm/purchases.h"

namespace nudge::rfm {

class RfmSection final : public Section {
 public:
  static constexpr std::uint32_t kVersion = 2;

  // A sale or return that holds from now on, or no more. False where the intervals could not follow exactly.
  bool apply(const Event& transaction) { return change(transaction, +1); }
  bool retract(const Event& transaction) { return change(transaction, -1); }
  void count_record(bool added) { records_ += added ? 1 : -1; }

  std::int64_t records() const { return records_; }  // transaction records of any version and kind
  std::uint64_t orders() const { return history_.count(); }
  const OrderHistory& history() const { return history_; }
  // Nothing without an order.
  std::optional<Standing> standing() const;
  std::optional<Purchases> purchases() const;

  Int128 items_milli() const { return items_; }
  Nano gross() const { return gross_; }
  Nano returns_net() const { return returns_net_; }
  Nano net() const { return gross_ - returns_net_; }
  std::optional<Nano> margin() const;
  std::optional<double> mean_order_value() const;
  std::optional<double> discount_share() const;
  std::optional<double> online_share() const;
  std::optional<double> return_rate() const;

  // The classes that the last record said; nothing before any.
  const std::optional<Classes>& classes() const { return classes_; }
  void set_classes(const std::optional<Classes>& classes) { classes_ = classes; }

  // What has changed since the last take: what was before, and whether this is the first order ever.
  struct Change {
    std::optional<Standing> before;
    std::optional<Purchases> purchases;
    bool is_new = false;
  };
  bool has_changed() const { return change_ != nullptr; }
  Change take_change();

  void encode(Encoder& out) const override;
  static std::unique_ptr<Section> decode(std::uint32_t version, std::string_view bytes);
  void write_pieces(PieceWriter& out) override { history_.write_pieces(out); }
  PieceRange pieces() const override { return history_.pieces(); }
  bool read_piece(std::uint64_t number, std::string_view bytes) override { return history_.read_piece(number, bytes); }
  std::size_t memory_bytes() const override { return sizeof *this + history_.memory_bytes(); }

 private:
  bool change(const Event& transaction, int sign);

  OrderHistory history_;
  std::int64_t records_ = 0;
  Int128 items_ = 0, returned_items_ = 0;  // milli
  Nano gross_ = 0, returns_net_ = 0, margin_ = 0;
  Nano discounts_ = 0, list_value_ = 0;  // of the sale lines that know either
  std::int64_t costed_lines_ = 0;        // sales and returns
  std::int64_t online_orders_ = 0, channel_orders_ = 0;
  std::optional<Classes> classes_;
  bool ever_ordered_ = false;

  std::unique_ptr<Change> change_;  // within one cause, never stored
};

}  // namespace nudge::rfm
