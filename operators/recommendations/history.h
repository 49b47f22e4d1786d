// What one customer bought and gave back, as far as recommendations look back: the items of its newest purchases.
//
// An item is known by a hash of its text, as it was when the purchase came. A sale that is voided or corrected leaves
// no trace, unless it is older than the newest kPurchasesMost: of those only the items are known.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/operator.h"

namespace nudge::recommendations {

using ItemHash = std::uint64_t;

struct Purchase {
  Millis time = 0;
  std::uint64_t transaction = 0;  // a hash of its id
  std::vector<ItemHash> items;    // rising, each once
};

class History final : public Section {
 public:
  static constexpr std::uint32_t kVersion = 1;
  static constexpr std::size_t kPurchasesMost = 100, kReturnsMost = 20, kItemsMost = 128, kEarlierMost = 1'000;

  // By time, then transaction.
  const std::vector<Purchase>& purchases() const { return purchases_; }
  const std::vector<Purchase>& returns() const { return returns_; }
  // What was bought in purchases that are too old to be kept; rising.
  const std::vector<ItemHash>& earlier() const { return earlier_; }

  // Of at most kItemsMost items.
  void add_purchase(Purchase purchase);
  void remove_purchase(Millis time, std::uint64_t transaction);
  void add_return(Purchase given_back);
  void remove_return(Millis time, std::uint64_t transaction);

  // When reminders were sent, rising; those that no limit looks at any more are forgotten.
  std::vector<Millis> sent;

  void encode(Encoder& out) const override;
  std::size_t memory_bytes() const override;
  static std::unique_ptr<Section> make() { return std::make_unique<History>(); }
  static std::unique_ptr<Section> decode(std::uint32_t version, std::string_view bytes);

 private:
  void add_earlier(const std::vector<ItemHash>& items);

  std::vector<Purchase> purchases_, returns_;
  std::vector<ItemHash> earlier_;
};

}  // namespace nudge::recommendations
