// Where one customer stands in each segmentation: what the micro-clusters count it as, and its segment.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/operator.h"
#include "operators/segments/cluster_feature.h"
#include "operators/segments/sale_categories.h"
#include "operators/segments/settings.h"
#include "operators/segments/spending.h"

namespace nudge::segments {

inline constexpr std::int32_t kNoSegment = -1;

struct Standing {
  std::uint32_t segmentation = 0;  // its id
  std::uint64_t name = 0;          // a hash of its name
  std::optional<Point> counted;    // as what the micro-clusters hold it; nothing: not at all
  std::int32_t segment = kNoSegment;
  std::string segment_id;      // as text, empty for none
  Millis changes_at = kNever;  // when it will lie nearer to another segment, if nothing happens; before the next sweep

  void put_into(std::int32_t number);
};

// Where a sale was counted for links, so that it can be taken back.
struct PlacedSale {
  std::uint32_t segmentation = 0;  // of transactions: its id
  std::uint64_t transaction = 0;   // a hash of its id
  std::int32_t customer = kNoSegment, order = kNoSegment;
};

class SegmentsSection final : public Section {
 public:
  static constexpr std::uint32_t kVersion = 3;
  // Of the newest so many sales of a customer it is known where they were counted.
  static constexpr std::size_t kPlacedMost = 64;

  Standing& of(const Segmentation& segmentation);
  const Standing* find(std::uint32_t segmentation) const;
  // By the hash of the name.
  const Standing* named(std::uint64_t name) const;
  // The earliest change that time alone will bring.
  Millis changes_at() const;

  void keep(const PlacedSale& sale);
  // Forgotten with it. Nothing where it was not counted, or too long ago.
  std::optional<PlacedSale> take(std::uint32_t segmentation, std::uint64_t transaction);

  Spending& spending() { return spending_; }
  const Spending& spending() const { return spending_; }
  SaleCategories& categories() { return categories_; }

  void encode(Encoder& out) const override;
  static std::unique_ptr<Section> make() { return std::make_unique<SegmentsSection>(); }
  static std::unique_ptr<Section> decode(std::uint32_t version, std::string_view bytes);
  std::size_t memory_bytes() const override {
    return sizeof *this + standings_.capacity() * sizeof(Standing) + placed_.capacity() * sizeof(PlacedSale) +
           spending_.memory_bytes() + categories_.memory_bytes();
  }

 private:
  std::vector<Standing> standings_;
  std::vector<PlacedSale> placed_;  // the oldest first
  Spending spending_;
  SaleCategories categories_;
};

}  // namespace nudge::segments
