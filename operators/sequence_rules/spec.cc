#include "operators/rules/section.h"
#include "operators/sequence_rules/global.h"

namespace nudge::sequence_rules {

const OperatorSpec& spec() {
  static constexpr Topic kInputs[] = {Topic::kTransactions};
  static constexpr OutputTopic kOutputs[] = {output::kRules};
  static const OperatorSpec kSpec = {
      .name = "sequence_rules",
      .summary = "What follows what, and when, for everybody and for segments, tested on later sales.",
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
      .make = [](const OperatorSetup& setup) { return make_sale_teller(read_settings(setup).telling(), setup); },
      .make_global = [](const OperatorSetup& setup) { return make_global(read_settings(setup)); },
  };
  return kSpec;
}

}  // namespace nudge::sequence_rules
