// A live run on Kafka: reads the input topics as records come, and commits outputs, state, journal and offsets in one
// transaction each time.
//
// Of several instances with one `name` one works, the one that leads the group; the others stand by and go on where it
// has stopped. Whatever fails on the way is dropped and done again from what is committed.
#pragma once

#include <functional>

#include "config/application.h"
#include "engine/metrics.h"
#include "engine/status.h"
#include "engine/steps.h"

namespace nudge {

struct LiveOptions {
  std::function<bool()> stops;  // asked often; true: commit, leave, and return
  Metrics* metrics = nullptr;   // is told how it gets on; outlives the call
  StepObserver at_step;         // of tests
};

// Returns when it is told to stop, or with a failure that trying again does not mend.
Status run_live(const config::Application& application, const LiveOptions& options);

}  // namespace nudge
