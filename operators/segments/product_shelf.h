// The global part's products in one segmentation: what is known of each, and in which segment it is.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/operator.h"
#include "operators/segments/new_products.h"
#include "operators/segments/product_sales.h"
#include "operators/segments/published.h"
#include "operators/segments/settings.h"
#include "operators/segments/tally.h"

namespace nudge::segments {

inline constexpr std::size_t kProductsMax = 65'536;

// The features that there are, as columns without a reader.
std::span<const Column> product_features();

class ProductShelf {
 public:
  // `segmentation` must outlive the shelf.
  explicit ProductShelf(const Segmentation& segmentation);

  void merge(const ProductSales& changes) { sales_.merge(changes); }
  // Moves the window; products sold in it are the population. How many were too many.
  std::size_t advance(Millis now);
  MicroClusters micro_clusters(Millis now, const GridShifts& shifts);
  // Each product's segment as of now: who changed is told. Distances of the tally are from `means`.
  Tally place(const Published& version, const Centres& means, Millis now, Outputs& outputs);

  // What is new as of now; nothing as long as everything is.
  std::optional<NewProducts> new_products(Millis now) const { return NewProducts::of(sales_, now); }
  // Of the products that are in a segment, its number.
  const std::map<std::string, std::int32_t, std::less<>>& segments() const { return segments_; }

  void encode(Encoder& out) const;
  bool decode(Decoder& in);

 private:
  // False where it was not sold in the window. Else point_ and y_.
  bool read(const ProductSales::Product& product, Millis now);

  const Segmentation& segmentation_;
  std::vector<std::size_t> places_;  // of the features among product_features()
  ProductSales sales_;
  std::map<std::string, std::int32_t, std::less<>> segments_;  // of those that are in one
  Point point_;
  std::vector<double> y_, z_;
};

}  // namespace nudge::segments
