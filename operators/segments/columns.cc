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

}  // namespace

std::shared_ptr<const ConfiguredColumns> columns_of(const config::Value& config) {
  auto made = std::make_shared<ConfiguredColumns>();
  if (config.kind() != config::Kind::kList) return made;
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
