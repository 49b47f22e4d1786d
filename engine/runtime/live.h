// A live run on Kafka: reads the input topics as records come, and commits outputs, state, journal and offsets in one
// transaction each time.
//
// Instances with one `name` share the tasks. Who has which is written by the group's leader (membership.h), and holds
// for a generation: then everybody drops what is not committed, ends what earlier owners may have left open, restores
// what is new to him, and goes on. So does one who fails.
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
