// Named steps of a live run, from the cut of a round to the commit on the disk, so that a test can stop or end the
// process at each of them. The product has no listener.
#pragma once

#include <functional>
#include <string_view>

namespace nudge {

// Called by the thread that works, at every passing of a step.
using StepObserver = std::function<void(std::string_view step)>;

}  // namespace nudge
