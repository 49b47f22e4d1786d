#include "engine/runtime/lost_state.h"

#include <fmt/core.h>

#include "connectors/kafka/topics.h"
#include "engine/runtime/journal.h"

namespace nudge::runtime {

namespace kafka = connectors::kafka;

Status expect_no_commits(const kafka::Settings& settings) {
  NUDGE_ASSIGN(const std::string counters, read_counters(settings));
  if (counters.empty()) return Status::ok();
  const std::string& name = settings.application();
  return Status::io(fmt::format(
      "{}: holds no state, but the journal {} tells of commits: beginning with nothing would repeat every output; "
      "restore the topic, import a state (`nudge state import`), or give the run another `name` and other output "
      "topics",
      kafka::changelog_topic(name), kafka::journal_topic(name)));
}

}  // namespace nudge::runtime
