#include "operators/targets/keeper.h"

namespace nudge::targets {
namespace {

constexpr OutputTopic kOutputs[] = {output::kTargets, output::kTargetsState};
constexpr std::string_view kReads[] = {ScoreMade::kName};
constexpr std::string_view kWrites[] = {ListEntered::kName};

}  // namespace

const OperatorSpec& spec() {
  static const OperatorSpec made = {
      .name = "targets",
      .summary = "Lists of customers whose score lies in a band: enter, update, exit, and who may be contacted.",
      .outputs = kOutputs,
      .parameters = parameters(),
      .section =
          SectionSpec{
              .version = 1, .bytes_max = 256 << 10, .make = &TargetsSection::make, .decode = &TargetsSection::decode},
      .reads = kReads,
      .writes = kWrites,
      .calls = Call::kSettle | Call::kTimer | Call::kFinish | Call::kErase,
      .check = &check,
      .make = [](const OperatorSetup& setup) -> std::unique_ptr<KeyedOperator> {
        return std::make_unique<ListKeeper>(read_settings(setup.config, setup.root), setup.columns);
      },
  };
  return made;
}

}  // namespace nudge::targets
