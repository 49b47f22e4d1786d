#include "operators/segments/product_shelf.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "operators/segments/membership.h"
#include "operators/segments/section.h"

namespace nudge::segments {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

enum Place : std::size_t { kPrice, kMarginShare, kPace, kDiscountShare, kNovelty, kPlaces };

constexpr Column kFeatures[] = {
    {"price", ValueType::kReal, "currency", "mean price"},
    {"margin_share", ValueType::kReal, "share", "share of the price that is margin", ColumnUse::kNone, nullptr, true},
    {"pace", ValueType::kReal, "units", "units sold a week"},
    {"discount_share", ValueType::kReal, "share", "share of the list value given as discount"},
    {"novelty_days", ValueType::kReal, "days", "days since the first sale"},
};
static_assert(std::size(kFeatures) == kPlaces);

double share_of(Nano part, Nano whole) { return whole > 0 ? as_double(part) / as_double(whole) : kNaN; }

}  // namespace

std::span<const Column> product_features() { return kFeatures; }

ProductShelf::ProductShelf(const Segmentation& segmentation)
    : segmentation_(segmentation), y_(segmentation.features.size()), z_(y_.size()) {
  if (segmentation.of != Entity::kProducts) return;
  for (const Feature& feature : segmentation.features)
    places_.push_back(static_cast<std::size_t>(feature.column.column - kFeatures));
}

std::size_t ProductShelf::advance(Millis now) {
  sales_.forget_before(now - segmentation_.window);
  return sales_.limit(kProductsMax);
}

bool ProductShelf::read(const ProductSales::Product& product, Millis now) {
  const ProductSums sums = product.sum();
  if (sums.lines <= 0) return false;
  const double units = static_cast<double>(sums.units) / 1e3;
  const Millis since = std::max(product.first() * kWeek, now - segmentation_.window);
  std::array<double, kPlaces> figures;
  figures[kPrice] = units > 0 ? as_double(sums.value) / units : kNaN;
  figures[kMarginShare] = sums.costed_lines > 0 ? share_of(sums.margin, sums.value) : kNaN;
  figures[kPace] = units / std::max(1.0, static_cast<double>(now - since) / static_cast<double>(kWeek));
  figures[kDiscountShare] = sums.listed_lines > 0 ? share_of(sums.discount, sums.list_value) : kNaN;
  figures[kNovelty] = static_cast<double>(now - product.first() * kWeek) / static_cast<double>(kDay);
  point_.y.resize(y_.size());
  for (std::size_t j = 0; j < y_.size(); ++j) {
    y_[j] = transformed(segmentation_.features[j].transform, figures[places_[j]]);
    point_.y[j] = to_fixed(y_[j]);
  }
  point_.value = sums.value;
  point_.has_margin = sums.costed_lines > 0;
  point_.margin = point_.has_margin ? sums.margin : 0;
  return true;
}

MicroClusters ProductShelf::micro_clusters(Millis now, const GridShifts& shifts) {
  MicroClusters clusters(shifts);
  for (const auto& [name, product] : sales_.products())
    if (read(product, now)) clusters.add(point_);
  return clusters;
}

Tally ProductShelf::place(const Published& version, const Centres& means, Millis now, Outputs& outputs) {
  Tally tally(version.model.k(), y_.size());
  std::map<std::string, std::int32_t, std::less<>> segments;
  for (const auto& [name, product] : sales_.products()) {
    if (!read(product, now)) continue;
    const Nearest found = version.model.nearest_of(y_, z_);
    tally.add(found.place, point_, z_, std::sqrt(squared_distance(means.row(found.place), z_)));
    const std::int32_t segment = segments[name] = version.model.numbers[found.place];
    const auto before = segments_.find(name);
    const std::int32_t previous = before == segments_.end() ? kNoSegment : before->second;
    if (segment != previous)
      write_membership(segmentation_, {.entity = name},
                       {segment, previous, std::sqrt(found.squared_distance), version.version}, now, outputs);
  }
  for (const auto& [name, segment] : segments_)
    if (!segments.contains(name))
      write_membership(segmentation_, {.entity = name}, {kNoSegment, segment, 0, version.version}, now, outputs);
  segments_ = std::move(segments);
  return tally;
}

void ProductShelf::encode(Encoder& out) const {
  sales_.encode(out);
  out.varint(segments_.size());
  for (const auto& [name, segment] : segments_) {
    out.text(name);
    out.zigzag(segment);
  }
}

bool ProductShelf::decode(Decoder& in) {
  if (!sales_.decode(in)) return false;
  segments_.clear();
  for (std::size_t left = in.count(2); left > 0 && in.ok(); --left) {
    const std::string name(in.text());
    segments_[name] = static_cast<std::int32_t>(in.zigzag());
  }
  return in.ok();
}

}  // namespace nudge::segments
