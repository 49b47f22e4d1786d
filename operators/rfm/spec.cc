#include <algorithm>

#include "operators/rfm/columns.h"
#include "operators/rfm/global.h"
#include "operators/rfm/keyed.h"
#include "operators/rfm/section.h"

namespace nudge::rfm {
namespace {

PurchaseModel model_of(const config::Value& config) {
  const std::string& name = config.at("lifetime_model").text();
  const auto place = std::find(std::begin(kPurchaseModelNames), std::end(kPurchaseModelNames), name);
  return static_cast<PurchaseModel>(place - std::begin(kPurchaseModelNames));
}

}  // namespace

const OperatorSpec& spec() {
  static constexpr Topic kInputs[] = {Topic::kTransactions};
  static constexpr OutputTopic kOutputs[] = {output::kRfm, output::kModels};
  static constexpr config::Parameter kParameters[] = {
      {.name = "lifetime_model",
       .kind = config::Kind::kChoice,
       .default_text = "mbg_nbd",
       .help = "How customers stop: mbg_nbd lets them go after any order, bg_nbd only after repeat orders.",
       .choices = kPurchaseModelNames},
  };
  static const OperatorSpec kSpec = {
      .name = "rfm",
      .summary = "Recency, frequency and monetary value of every customer, exact to the last digit; lifetime value.",
      .on_by_default = true,
      .inputs = kInputs,
      .outputs = kOutputs,
      .parameters = {.name = "rfm",
                     .kind = config::Kind::kObject,
                     .help = "Figures of every customer's orders.",
                     .members = kParameters},
      .section = SectionSpec{.version = RfmSection::kVersion,
                             .make = []() -> std::unique_ptr<Section> { return std::make_unique<RfmSection>(); },
                             .decode = RfmSection::decode,
                             .in_pieces = true},
      .columns = columns(),
      .features = features(),
      .calls = Call::kApply | Call::kRetract | Call::kRecord | Call::kSettle | Call::kPartial | Call::kAdopt |
               Call::kFinish | Call::kErase | Call::kTaskState | Call::kRestore,
      .make = make_keyed,
      .make_global = [](const OperatorSetup& setup) { return make_global(model_of(setup.config)); },
  };
  return kSpec;
}

}  // namespace nudge::rfm
