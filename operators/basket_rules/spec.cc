#include "operators/basket_rules/global.h"
#include "operators/basket_rules/settings.h"
#include "operators/rules/section.h"

namespace nudge::basket_rules {

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
               Call::kTaskState | Call::kTaskPieces | Call::kUnowned,
      .check = check,
      .make = [](const OperatorSetup& setup) { return make_sale_teller(read_settings(setup).telling(), setup); },
      .make_global = [](const OperatorSetup& setup) { return make_global(read_settings(setup)); },
  };
  return kSpec;
}

}  // namespace nudge::basket_rules
