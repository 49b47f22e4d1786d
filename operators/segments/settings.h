// What is segmented: the items of `operators.segments`, checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/operator.h"
#include "operators/segments/feature_space.h"
#include "operators/segments/micro_clusters.h"

namespace nudge::segments {

inline constexpr std::size_t kSegmentationsMax = 16, kSegmentsMax = 64;

struct Feature {
  ColumnRef column;
  Transform transform = Transform::kNone;
  double weight = 1;

  std::string_view name() const { return column.column->name; }
};

// How a column is usually taken: counts, days and money that cannot be negative by their logarithms.
Feature usual_feature(const ColumnRef& column);

std::uint64_t name_hash(std::string_view name);

enum class Entity : std::uint8_t { kCustomers, kProducts, kTransactions };  // in the order of kEntityNames
inline constexpr std::string_view kEntityNames[] = {"customers", "products", "transactions"};

struct Segmentation {
  std::string name;
  std::uint32_t id = 0;  // a hash of the name and of what its points are: what state is filed under
  Entity of = Entity::kCustomers;
  std::vector<Feature> features;
  std::optional<std::size_t> k;  // nothing: chosen
  std::size_t k_most = 10;
  std::int64_t wait_for = 0;  // customers a segment, before the first version
  std::string among;          // SQL over customers; empty: those with an order
  Millis every = 7 * kDay, refresh = kDay;
  std::size_t micro_clusters_max = 4096;
  // Of transactions: the segmentations of customers and of products with which it is linked, by name; empty: none.
  std::string linked_customers, linked_products;
  Millis window = 0;  // of transactions and products: how long a sale counts

  bool has_feature(std::string_view feature) const;
  std::string model_name() const { return "segments." + name; }
  // Of products: the model that says which are new.
  std::string novelty_name() const { return model_name() + ".new"; }
  // Before anything is known of how wide features are.
  GridShifts first_shifts() const;
};

// A feature of transactions that follows from the catalogue of products.
inline constexpr std::string_view kCategories = "categories";

// Columns of customers that this operator keeps where a segmentation of customers has one of them as a feature.
inline constexpr std::string_view kListPriceShare = "list_price_share", kNewShare = "new_share";

struct Settings {
  std::vector<Segmentation> all;
  // Whether a feature asks for what money was spent on.
  bool needs_spending() const;
  // Whether a segmentation of transactions asks for the categories of what was bought.
  bool needs_categories() const;
  // The first segmentation of products: it says what is new. Null without any.
  const Segmentation* of_products() const;
  Millis epoch = kDay;

  // When the base is looked at: at each `refresh`, and when what was learnt comes into force.
  Millis next_due(const Segmentation& segmentation, Millis after) const;
  bool is_due(const Segmentation& segmentation, Millis time) const { return next_due(segmentation, time - 1) == time; }
};

config::Parameter parameters();
void check(const OperatorSetup& setup, std::vector<config::Problem>& problems);
// The configuration is checked.
Settings read_settings(const OperatorSetup& setup);
bool reads_products(const config::Value& config);

}  // namespace nudge::segments
