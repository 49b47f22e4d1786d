#include "operators/rfm/columns.h"
#include "operators/rfm/global.h"
#include "operators/rfm/keyed.h"
#include "operators/rfm/section.h"

namespace nudge::rfm {

const OperatorSpec& spec() {
  static constexpr Topic kInputs[] = {Topic::kTransactions};
  static constexpr OutputTopic kOutputs[] = {output::kRfm, output::kModels};
  static const OperatorSpec kSpec = {
      .name = "rfm",
      .summary = "Recency, frequency and monetary value of every customer, exact to the last digit.",
      .on_by_default = true,
      .inputs = kInputs,
      .outputs = kOutputs,
      .parameters = {.name = "rfm", .kind = config::Kind::kObject, .help = "Figures of every customer's orders."},
      .section = SectionSpec{.version = RfmSection::kVersion,
                             .make = []() -> std::unique_ptr<Section> { return std::make_unique<RfmSection>(); },
                             .decode = RfmSection::decode},
      .columns = columns(),
      .features = features(),
      .calls = Call::kApply | Call::kRetract | Call::kRecord | Call::kSettle | Call::kPartial | Call::kAdopt |
               Call::kFinish | Call::kErase | Call::kTaskState,
      .make = make_keyed,
      .make_global = make_global,
  };
  return kSpec;
}

}  // namespace nudge::rfm
