#include "operators/segments/columns.h"
#include "operators/segments/global.h"
#include "operators/segments/keyed.h"
#include "operators/segments/section.h"
#include "operators/signals.h"

namespace nudge::segments {

const OperatorSpec& spec() {
  static constexpr Topic kInputs[] = {Topic::kTransactions, Topic::kPageViews, Topic::kCampaignEvents,
                                      Topic::kCustomers, Topic::kCare};
  static constexpr OutputTopic kOutputs[] = {output::kSegments};
  static constexpr std::string_view kReads[] = {LabelKnown::kName};
  static const OperatorSpec kSpec = {
      .name = "segments",
      .summary = "Groups of customers who are alike: learnt each week, explained, with ids that stay.",
      .inputs = kInputs,
      .outputs = kOutputs,
      .parameters = parameters(),
      .section =
          SectionSpec{
              .version = SegmentsSection::kVersion, .make = SegmentsSection::make, .decode = SegmentsSection::decode},
      .columns_of = columns_of,
      .reads = kReads,
      .reads_products = reads_products,
      .calls = Call::kApply | Call::kRetract | Call::kSettle | Call::kTimer | Call::kSweep | Call::kPartial |
               Call::kAdopt | Call::kClose | Call::kFinish | Call::kErase | Call::kTaskState | Call::kTaskPieces,
      .check = check,
      .make =
          [](const OperatorSetup& setup) { return make_keyed(read_settings(setup), setup.columns, setup.products); },
      .make_global = [](const OperatorSetup& setup) { return make_global(read_settings(setup)); },
  };
  return kSpec;
}

}  // namespace nudge::segments
