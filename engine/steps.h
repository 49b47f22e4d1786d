// Named steps of a live run, from the cut of a round to the commit on the disk, so that a test can stop or end the
// process at each of them. The product has no listener.
#pragma once

#include <functional>
#include <string_view>

namespace nudge {

// Called at every passing of a step, by the thread that works and by the one that commits.
using StepObserver = std::function<void(std::string_view step)>;

}  // namespace nudge
