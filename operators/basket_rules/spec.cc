#include "operators/basket_rules/global.h"
#include "operators/basket_rules/keyed.h"
#include "operators/basket_rules/section.h"

namespace nudge::basket_rules {

namespace {

// The configuration may be wrong yet.
bool uses_catalogue(const config::Value& config) {
  if (config.kind() != config::Kind::kList) return false;
  for (const config::Value& set : config.items()) {
    const config::Value* items = set.kind() == config::Kind::kObject ? set.find("items") : nullptr;
    if (!items || items->kind() != config::Kind::kList) continue;
    for (const config::Value& item : items->items()) {
      const auto parsed = Template::parse(item.text());
      if (parsed.is_ok() && parsed.value().uses_catalogue()) return true;
    }
  }
  return false;
}

}  // namespace

const OperatorSpec& spec() {
  static constexpr Topic kInputs[] = {Topic::kTransactions};
  static constexpr OutputTopic kOutputs[] = {output::kRules};
  static const OperatorSpec kSpec = {
      .name = "basket_rules",
      .summary = "What goes together in one basket, for everybody and for segments, tested on later baskets.",
      .inputs = kInputs,
      .outputs = kOutputs,
      .parameters = parameters(),
      .section = SectionSpec{.version = CustomerSegments::kVersion,
                             .make = CustomerSegments::make,
                             .decode = CustomerSegments::decode},
      .reads_products = uses_catalogue,
      .calls = Call::kApply | Call::kRetract | Call::kSweep | Call::kPartial | Call::kFinish | Call::kErase |
               Call::kTaskState | Call::kTaskPieces,
      .check = check,
      .make = [](const OperatorSetup& setup) { return make_keyed(setup); },
      .make_global = [](const OperatorSetup& setup) { return make_global(read_settings(setup)); },
  };
  return kSpec;
}

}  // namespace nudge::basket_rules
