#include "operators/segments/settings.h"

#include <algorithm>

#include "engine/hash.h"
#include "operators/segments/product_shelf.h"
#include "operators/segments/shipped.h"
#include "operators/segments/transaction_reader.h"

namespace nudge::segments {
namespace {

using config::Value;

constexpr Millis kWindow = 90 * kDay;

Transform usual_transform(const Column& column) {
  if (column.may_be_negative) return Transform::kNone;
  for (const std::string_view unit : {"days", "count", "units", "currency", "ratio"})
    if (column.unit == unit) return Transform::kLog1p;
  return Transform::kNone;
}

Transform transform_of(const Value& text) {
  const auto place = std::find(std::begin(kTransformNames), std::end(kTransformNames), text.text());
  return static_cast<Transform>(place - std::begin(kTransformNames));
}

std::uint32_t id_of(const Segmentation& segmentation) {
  std::string text = segmentation.name;
  for (const Feature& feature : segmentation.features)
    text.append("\n").append(feature.name()).append("=").append(kTransformNames[static_cast<int>(feature.transform)]);
  return static_cast<std::uint32_t>(hash64(text));
}

ColumnRef column_of(const Segmentation& segmentation, std::string_view name, const ColumnCatalog& columns) {
  if (segmentation.of == Entity::kCustomers) return *columns.find(name);
  for (const Column& feature : segmentation.of == Entity::kProducts ? product_features() : transaction_features())
    if (feature.name == name) return {0, &feature};
  check_failed("feature", "the configuration is checked", __FILE__, __LINE__);
}

// Those that stand there, else those of the shipped segmentation that is named.
std::vector<std::string_view> feature_names(const Value& item) {
  std::vector<std::string_view> names;
  if (const Value* features = item.find("features")) {
    for (const Value& name : features->items()) names.push_back(name.text());
  } else if (const Value* known = item.find("shipped")) {
    const Shipped& shipped = *find_shipped(known->text());
    names.assign(shipped.features.begin(), shipped.features.end());
  }
  return names;
}

Segmentation read_segmentation(const Value& item, const ColumnCatalog& columns) {
  Segmentation segmentation;
  segmentation.name = item.at("name").text();
  const auto entity = std::find(std::begin(kEntityNames), std::end(kEntityNames), item.at("of").text());
  segmentation.of = static_cast<Entity>(entity - std::begin(kEntityNames));
  if (const Value* shipped = item.find("shipped"))
    if (const std::size_t k = find_shipped(shipped->text())->k; k > 0) segmentation.k = k;
  const Value* weights = item.find("weights");
  const Value* transforms = item.find("transforms");
  for (const std::string_view name : feature_names(item)) {
    Feature& feature = segmentation.features.emplace_back(usual_feature(column_of(segmentation, name, columns)));
    if (const Value* transform = transforms ? transforms->find(name) : nullptr)
      feature.transform = transform_of(*transform);
    if (const Value* weight = weights ? weights->find(name) : nullptr) feature.weight = weight->real();
  }
  segmentation.id = id_of(segmentation);
  if (const Value* k = item.find("k")) {
    segmentation.k.reset();
    if (k->kind() == config::Kind::kInteger) segmentation.k = static_cast<std::size_t>(k->integer());
  }
  segmentation.k_most = static_cast<std::size_t>(item.at("k_most").integer());
  if (const Value* among = item.find("among")) segmentation.among = among->text();
  if (segmentation.of == Entity::kCustomers) segmentation.wait_for = item.at("wait_for").integer();
  segmentation.every = item.at("every").duration();
  segmentation.refresh = item.at("refresh").duration();
  if (const Value* links = item.find("links")) {
    segmentation.linked_customers = links->at("customers").text();
    segmentation.linked_products = links->at("products").text();
  }
  if (segmentation.of != Entity::kCustomers) {
    const Value* window = item.find("window");
    segmentation.window = window ? window->duration() : kWindow;
  }
  segmentation.micro_clusters_max = static_cast<std::size_t>(item.at("micro_clusters_max").integer());
  return segmentation;
}

}  // namespace

std::uint64_t name_hash(std::string_view name) { return hash64(name); }

Feature usual_feature(const ColumnRef& column) { return {column, usual_transform(*column.column), 1}; }

GridShifts Segmentation::first_shifts() const {
  // An eighth of a logarithm, a share of 1/32, else one unit.
  GridShifts shifts;
  for (const Feature& feature : features) {
    const bool is_share = feature.column.column->unit == "share";
    shifts.push_back(feature.transform == Transform::kLog1p ? kFractionBits - 3
                     : is_share                             ? kFractionBits - 5
                                                            : kFractionBits);
  }
  return shifts;
}

bool Segmentation::has_feature(std::string_view feature) const {
  return std::any_of(features.begin(), features.end(), [&](const Feature& each) { return each.name() == feature; });
}

bool Settings::needs_spending() const {
  return std::any_of(all.begin(), all.end(), [](const Segmentation& each) {
    return each.of == Entity::kCustomers && (each.has_feature(kListPriceShare) || each.has_feature(kNewShare));
  });
}

bool Settings::needs_categories() const {
  return std::any_of(all.begin(), all.end(), [](const Segmentation& each) {
    return each.of == Entity::kTransactions && each.has_feature(kCategories);
  });
}

const Segmentation* Settings::of_products() const {
  const auto found =
      std::find_if(all.begin(), all.end(), [](const Segmentation& each) { return each.of == Entity::kProducts; });
  return found == all.end() ? nullptr : &*found;
}

Millis Settings::next_due(const Segmentation& segmentation, Millis after) const {
  if (segmentation.of != Entity::kCustomers) return kNever;
  const auto next = [&](Millis period, Millis offset) {
    const Millis from = after - offset;
    const Millis periods = from >= 0 ? from / period : -1 - (-1 - from) / period;
    return (periods + 1) * period + offset;
  };
  return std::min(next(segmentation.refresh, 0), next(segmentation.every, epoch));
}

bool reads_products(const Value& config) {
  return std::any_of(config.items().begin(), config.items().end(), [](const Value& item) {
    const auto names = feature_names(item);
    return item.at("of").text() == kEntityNames[static_cast<int>(Entity::kTransactions)] &&
           std::find(names.begin(), names.end(), kCategories) != names.end();
  });
}

Settings read_settings(const OperatorSetup& setup) {
  Settings settings;
  settings.epoch = setup.root.at("engine").at("epoch").duration();
  for (const Value& item : setup.config.items()) settings.all.push_back(read_segmentation(item, setup.columns));
  return settings;
}

}  // namespace nudge::segments
