#include "operators/scores/derived.h"
#include "operators/scores/global.h"
#include "operators/scores/keyed.h"
#include "operators/scores/section.h"
#include "operators/scores/target.h"
#include "operators/signals.h"

namespace nudge::scores {

const OperatorSpec& spec() {
  static constexpr Topic kInputs[] = {Topic::kTransactions, Topic::kPageViews, Topic::kCampaignEvents, Topic::kCare};
  static constexpr OutputTopic kOutputs[] = {output::kScores, output::kQuality, output::kModels};
  static constexpr std::string_view kReads[] = {SessionTouched::kName, SessionEnded::kName};
  static constexpr std::string_view kWrites[] = {ScoreMade::kName, LabelKnown::kName};
  static constexpr std::string_view kReadsLater[] = {ListEntered::kName};
  static const OperatorSpec kSpec = {
      .name = "scores",
      .summary = "Probabilities of what customers will do, calibrated, each with its reasons.",
      .inputs = kInputs,
      .outputs = kOutputs,
      .parameters = parameters(),
      .section =
          SectionSpec{.version = ScoresSection::kVersion, .make = ScoresSection::make, .decode = ScoresSection::decode},
      .derived = derived_columns(),
      .reads = kReads,
      .writes = kWrites,
      .reads_later = kReadsLater,
      .reads_timeline = true,
      .calls = Call::kApply | Call::kRetract | Call::kSettle | Call::kTimer | Call::kSweep | Call::kPartial |
               Call::kAdopt | Call::kFinish | Call::kErase | Call::kTaskState | Call::kTaskPieces,
      .check = check_targets,
      .make = [](const OperatorSetup& setup) { return make_keyed(read_targets(setup), setup.columns, setup.slot); },
      .make_global = [](const OperatorSetup& setup) { return make_global(read_targets(setup), setup.columns); },
  };
  return kSpec;
}

}  // namespace nudge::scores
