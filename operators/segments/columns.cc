#include "operators/segments/columns.h"

#include <algorithm>

#include "operators/segments/section.h"
#include "operators/segments/settings.h"

namespace nudge::segments {
namespace {

Value segment_of(const Section* section, Millis, std::uint64_t name) {
  if (!section) return {};
  const Standing* standing = static_cast<const SegmentsSection&>(*section).named(name);
  return standing && standing->segment != kNoSegment ? Value(std::string_view(standing->segment_id)) : Value();
}

template <std::optional<double> (Spending::*kShare)() const>
Value share_of(const Section* section, Millis) {
  if (!section) return {};
  const std::optional<double> share = (static_cast<const SegmentsSection&>(*section).spending().*kShare)();
  return share ? Value(*share) : Value();
}

}  // namespace

std::shared_ptr<const ConfiguredColumns> columns_of(const config::Value& config) {
  auto made = std::make_shared<ConfiguredColumns>();
  if (config.kind() != config::Kind::kList) return made;
  made->columns.push_back({.name = kListPriceShare,
                           .unit = "share",
                           .meaning = "share of the value bought at list price",
                           .get = share_of<&Spending::list_price_share>});
  made->columns.push_back({.name = kNewShare,
                           .unit = "share",
                           .meaning = "share of the value that went to new products",
                           .get = share_of<&Spending::new_share>});
  for (const config::Value& item : config.items()) {
    const config::Value* name = item.kind() == config::Kind::kObject ? item.find("name") : nullptr;
    const config::Value* of = name ? item.find("of") : nullptr;
    if (!of || of->text() != "customers") continue;
    const std::string text = "segment_" + name->text();
    if (std::find(made->texts.begin(), made->texts.end(), text) != made->texts.end()) continue;
    made->texts.push_back(text);
    made->columns.push_back({.name = made->texts.back(),
                             .type = ValueType::kText,
                             .meaning = "segment",
                             .get_by = segment_of,
                             .argument = name_hash(name->text())});
  }
  return made;
}

}  // namespace nudge::segments
