// Pieces of work that do not depend on each other, on some threads.
//
// Each has a place of its own for its result, so neither their number nor their order can show.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "engine/status.h"

namespace nudge::evaluate {

// Called after each piece, by one thread at a time: how many are done, of how many.
using Progress = std::function<void(std::size_t done, std::size_t all)>;

// Gives the failure of the first piece that fails, by number; pieces that have not begun by then are left out.
Status run_pieces(const std::vector<std::function<Status()>>& pieces, unsigned threads, const Progress& progress);

}  // namespace nudge::evaluate
