#include "operators/segments/change_log.h"

namespace nudge::segments {
namespace {

constexpr std::size_t kPieceBytes = 4 << 10, kPiecesLeast = 16, kGroupsOfEntry = 8;

enum class Entry : std::uint8_t { kAdd, kRemove, kGroups, kSales, kPurchases };

}  // namespace

std::size_t Changes::bytes() const {
  constexpr std::size_t kGroup = 24, kAxis = 16, kProduct = 64, kPurchase = 8;
  std::size_t bytes = products.products().size() * kProduct + purchases.size() * kPurchase;
  for (const auto& [number, clusters] : panes) bytes += clusters.size() * (kGroup + kAxis * clusters.features());
  return bytes;
}

void Changes::clear() {
  panes.clear();
  products.clear();
  purchases.clear();
}

void ChangeLog::point(std::int64_t pane, const Point& point, int sign, const Changes& changes) {
  if (wants_summary_) return;
  Encoder out(open_);
  out.byte(static_cast<std::uint8_t>(sign > 0 ? Entry::kAdd : Entry::kRemove));
  out.zigzag(pane);
  point.encode(out);
  close_entry(changes);
}

void ChangeLog::sales(const ProductSales& sales, const Changes& changes) {
  if (wants_summary_) return;
  Encoder out(open_);
  out.byte(static_cast<std::uint8_t>(Entry::kSales));
  sales.encode(out);
  close_entry(changes);
}

void ChangeLog::purchases(const Purchases& purchases, const Changes& changes) {
  if (wants_summary_) return;
  Encoder out(open_);
  out.byte(static_cast<std::uint8_t>(Entry::kPurchases));
  purchases.encode(out);
  close_entry(changes);
}

void ChangeLog::close_entry(const Changes& changes) {
  open_changed_ = true;
  if (open_.size() < kPieceBytes) return;
  seal_if_full();
  const std::size_t summary = std::max(changes.bytes() / kPieceBytes, summary_pieces_);
  if (full_ + sealed_.size() > 2 * summary + kPiecesLeast) clear();
}

void ChangeLog::seal_if_full() {
  open_changed_ = true;
  if (open_.size() < kPieceBytes) return;
  sealed_.push_back(std::move(open_));
  open_.clear();
}

void ChangeLog::clear() {
  sealed_.clear();
  open_.clear();
  full_ = 0;
  wants_summary_ = true;
}

void ChangeLog::summarise(const Changes& changes) {
  Encoder out(open_);
  for (const auto& [number, clusters] : changes.panes)
    for (const MicroClusters& part : clusters.parts(kGroupsOfEntry)) {
      out.byte(static_cast<std::uint8_t>(Entry::kGroups));
      out.zigzag(number);
      part.encode(out);
      seal_if_full();
    }
  for (const auto& [name, product] : changes.products.products()) {
    out.byte(static_cast<std::uint8_t>(Entry::kSales));
    changes.products.only(name).encode(out);
    seal_if_full();
  }
  const auto write_purchases = [&](const Purchases& part) {
    out.byte(static_cast<std::uint8_t>(Entry::kPurchases));
    part.encode(out);
    seal_if_full();
  };
  for (const auto& [name, counts] : changes.purchases.by_product()) write_purchases(changes.purchases.only(name));
  if (!changes.purchases.sizes().empty()) write_purchases(changes.purchases.only_sizes());
  summary_pieces_ = sealed_.size();
  wants_summary_ = false;
}

void ChangeLog::write(const Changes& changes, std::uint64_t first, PieceWriter& out) {
  if (wants_summary_) summarise(changes);
  for (const std::string& piece : sealed_) out.put(first + full_++, piece);
  sealed_.clear();
  if (open_changed_ && !open_.empty()) out.put(first + full_, open_);
  open_changed_ = false;
  const std::size_t pieces = full_ + (open_.empty() ? 0 : 1);
  for (std::size_t gone = pieces; gone < stored_; ++gone) out.erase(first + gone);
  stored_ = pieces;
}

bool ChangeLog::read(std::string_view piece, const GridShifts& shifts, Changes& changes) {
  Decoder in(piece);
  while (in.ok() && !in.at_end()) {
    const auto entry = static_cast<Entry>(in.byte());
    if (entry == Entry::kSales) {
      ProductSales sales;
      if (!sales.decode(in)) return false;
      changes.products.merge(sales);
      continue;
    }
    if (entry == Entry::kPurchases) {
      Purchases purchases;
      if (!purchases.decode(in)) return false;
      changes.purchases.merge(purchases);
      continue;
    }
    if (entry > Entry::kPurchases) return false;
    const std::int64_t number = in.zigzag();
    if (entry == Entry::kGroups) {
      MicroClusters part;
      if (!part.decode(in) || part.features() != shifts.size()) return false;
      pane(changes.panes, number, shifts).merge(part);
      continue;
    }
    Point point;
    if (!point.decode(in) || point.y.size() != shifts.size()) return false;
    MicroClusters& clusters = pane(changes.panes, number, shifts);
    entry == Entry::kAdd ? clusters.add(point) : clusters.remove(point);
  }
  ++stored_;
  if (piece.size() >= kPieceBytes)
    ++full_;
  else
    open_ = piece;
  return in.ok();
}

}  // namespace nudge::segments
