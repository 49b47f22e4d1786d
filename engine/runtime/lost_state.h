// A changelog that is empty while the journal tells of commits: whoever begins then repeats every output.
#pragma once

#include "connectors/kafka/settings.h"
#include "engine/status.h"

namespace nudge::runtime {

// For a run that found no state, neither on its disk nor in the changelog: kInputOutput, with what to do, where one
// must have been there.
Status expect_no_commits(const connectors::kafka::Settings& settings);

}  // namespace nudge::runtime
