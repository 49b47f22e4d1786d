#include "operators/sessions/columns.h"
#include "operators/sessions/keyed.h"
#include "operators/sessions/section.h"

namespace nudge::sessions {

const OperatorSpec& spec() {
  static constexpr Topic kInputs[] = {Topic::kTransactions, Topic::kPageViews};
  static constexpr std::string_view kWrites[] = {SessionTouched::kName, SessionEnded::kName};
  static constexpr config::Parameter kParameters[] = {
      {.name = "gap",
       .kind = config::Kind::kDuration,
       .default_text = "30m",
       .help = "How long a silence ends a session.",
       .least = 1'000,
       .most = 7 * 86'400'000.0},
  };
  static const OperatorSpec kSpec = {
      .name = "sessions",
      .summary = "Sessions of every customer: page views and the sales in them.",
      .on_by_default = true,
      .inputs = kInputs,
      .parameters = {.name = "sessions",
                     .kind = config::Kind::kObject,
                     .help = "How page views form sessions.",
                     .members = kParameters},
      .section = SectionSpec{.version = SessionsSection::kVersion,
                             .make = []() -> std::unique_ptr<Section> { return std::make_unique<SessionsSection>(); },
                             .decode = SessionsSection::decode},
      .columns = columns(),
      .features = features(),
      .writes = kWrites,
      .calls = Call::kApply | Call::kRetract | Call::kSettle | Call::kTimer | Call::kFinish | Call::kErase,
      .make = make_keyed,
  };
  return kSpec;
}

}  // namespace nudge::sessions
