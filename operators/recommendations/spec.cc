#include "operators/recommendations/global.h"
#include "operators/recommendations/history.h"
#include "operators/recommendations/keyed.h"
#include "operators/rules/published_rules.h"

namespace nudge::recommendations {

const OperatorSpec& spec() {
  static constexpr Topic kInputs[] = {Topic::kTransactions};
  static constexpr OutputTopic kOutputs[] = {output::kRecommendations, output::kModels};
  static constexpr std::string_view kAdopts[] = {rules::PublishedRules::kFamily};
  static const OperatorSpec kSpec = {
      .name = "recommendations",
      .summary = "What each customer may want next, why and when.",
      .inputs = kInputs,
      .outputs = kOutputs,
      .parameters = parameters(),
      .section = SectionSpec{.version = History::kVersion, .make = History::make, .decode = History::decode},
      .adopts = kAdopts,
      .reads_products = reads_products,
      .calls = Call::kApply | Call::kRetract | Call::kUnowned | Call::kSettle | Call::kTimer | Call::kSweep |
               Call::kPartial | Call::kAdopt | Call::kErase | Call::kTaskState | Call::kTaskPieces,
      .check = check,
      .make = [](const OperatorSetup& setup) { return make_keyed(read_settings(setup), setup); },
      .make_global = [](const OperatorSetup& setup) { return make_global(read_settings(setup)); },
  };
  return kSpec;
}

}  // namespace nudge::recommendations
