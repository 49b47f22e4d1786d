#include "operators/recommendations/history.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace nudge::recommendations {
namespace {

bool is_before(const Purchase& a, const Purchase& b) {
  return std::tie(a.time, a.transaction) < std::tie(b.time, b.transaction);
}

// What there is no room for any more: the oldest.
std::optional<Purchase> insert(std::vector<Purchase>& all, Purchase one, std::size_t most) {
  all.insert(std::upper_bound(all.begin(), all.end(), one, is_before), std::move(one));
  if (all.size() <= most) return std::nullopt;
  Purchase oldest = std::move(all.front());
  all.erase(all.begin());
  return oldest;
}

void erase(std::vector<Purchase>& all, Millis time, std::uint64_t transaction) {
  const auto found = std::lower_bound(all.begin(), all.end(), Purchase{time, transaction, {}}, is_before);
  if (found != all.end() && found->time == time && found->transaction == transaction) all.erase(found);
}

// Items that occur again and again are written once, and then by their place.
class ItemPlaces {
 public:
  void gather(const std::vector<Purchase>& all) {
    for (const Purchase& each : all) add(each.items);
  }
  void add(const std::vector<ItemHash>& items) { items_.insert(items_.end(), items.begin(), items.end()); }
  void write(Encoder& out) {
    std::sort(items_.begin(), items_.end());
    items_.erase(std::unique(items_.begin(), items_.end()), items_.end());
    out.varint(items_.size());
    for (const ItemHash item : items_) out.fixed64(item);
  }
  void read(Decoder& in) {
    for (std::size_t left = in.count(sizeof(ItemHash)); left > 0; --left) items_.push_back(in.fixed64());
  }

  void write(const std::vector<Purchase>& all, Encoder& out) const {
    out.varint(all.size());
    Millis before = 0;
    for (const Purchase& each : all) {
      out.zigzag(each.time - std::exchange(before, each.time));
      out.fixed64(each.transaction);
      write(each.items, out);
    }
  }
  void write(const std::vector<ItemHash>& items, Encoder& out) const {
    out.varint(items.size());
    for (const ItemHash item : items)
      out.varint(static_cast<std::uint64_t>(std::lower_bound(items_.begin(), items_.end(), item) - items_.begin()));
  }
  std::vector<Purchase> read_purchases(Decoder& in) const {
    std::vector<Purchase> all(in.count(10));
    Millis before = 0;
    for (Purchase& each : all) {
      before = each.time = before + in.zigzag();
      each.transaction = in.fixed64();
      each.items = read_items(in);
    }
    return all;
  }
  std::vector<ItemHash> read_items(Decoder& in) const {
    std::vector<ItemHash> items;
    for (std::size_t left = in.count(); left > 0; --left) {
      const std::uint64_t place = in.varint();
      if (place >= items_.size()) in.fail();
      if (!in.ok()) return {};
      items.push_back(items_[place]);
    }
    return items;
  }

 private:
  std::vector<ItemHash> items_;  // rising
};

}  // namespace

void History::add_purchase(Purchase purchase) {
  if (const auto dropped = insert(purchases_, std::move(purchase), kPurchasesMost)) add_earlier(dropped->items);
}
void History::remove_purchase(Millis time, std::uint64_t transaction) { erase(purchases_, time, transaction); }

void History::add_earlier(const std::vector<ItemHash>& items) {
  for (const ItemHash item : items) {
    const auto place = std::lower_bound(earlier_.begin(), earlier_.end(), item);
    if ((place == earlier_.end() || *place != item) && earlier_.size() < kEarlierMost) earlier_.insert(place, item);
  }
}

void History::add_return(Purchase given_back) { insert(returns_, std::move(given_back), kReturnsMost); }
void History::remove_return(Millis time, std::uint64_t transaction) { erase(returns_, time, transaction); }

void History::encode(Encoder& out) const {
  out.varint(sent.size());
  Millis before = 0;
  for (const Millis time : sent) out.zigzag(time - std::exchange(before, time));
  ItemPlaces places;
  places.gather(purchases_);
  places.gather(returns_);
  places.add(earlier_);
  places.write(out);
  places.write(purchases_, out);
  places.write(returns_, out);
  places.write(earlier_, out);
}

std::size_t History::memory_bytes() const {
  std::size_t bytes = sizeof *this + sent.capacity() * sizeof(Millis) + earlier_.capacity() * sizeof(ItemHash);
  for (const auto* all : {&purchases_, &returns_})
    for (const Purchase& each : *all) bytes += sizeof each + each.items.capacity() * sizeof(ItemHash);
  return bytes;
}

std::unique_ptr<Section> History::decode(std::uint32_t version, std::string_view bytes) {
  if (version != kVersion) return nullptr;
  Decoder in(bytes);
  auto history = std::make_unique<History>();
  Millis before = 0;
  for (std::size_t left = in.count(); left > 0; --left) history->sent.push_back(before += in.zigzag());
  ItemPlaces places;
  places.read(in);
  history->purchases_ = places.read_purchases(in);
  history->returns_ = places.read_purchases(in);
  history->earlier_ = places.read_items(in);
  return in.ok() && in.at_end() ? std::move(history) : nullptr;
}

}  // namespace nudge::recommendations
