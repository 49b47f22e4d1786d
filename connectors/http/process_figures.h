// What the system says of this process, under the names that Prometheus' clients agree on.
#pragma once

#include <vector>

#include "engine/figure.h"

namespace nudge::connectors::http {

// Resident memory, processor time, start time, open files. What cannot be read is left out.
std::vector<FigureFamily> process_figures();

}  // namespace nudge::connectors::http
