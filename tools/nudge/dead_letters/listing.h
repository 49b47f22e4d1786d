// What `nudge dlq list` shows: how many dead letters there are of each kind, or the dead letters themselves.
#pragma once

#include <cstddef>

#include "tools/nudge/dead_letters/dead_letter.h"
#include "tools/nudge/dead_letters/source.h"
#include "tools/nudge/table.h"

namespace nudge::dead_letters {

// One row for each topic and error class, the most frequent first: how many, the latest time, and one to begin with.
Result<program::Table> count(Source& source, const Filter& filter, std::size_t rows_max);
// One row for each dead letter, without its bytes; the first ones.
Result<program::Table> list(Source& source, const Filter& filter, std::size_t rows_max);

}  // namespace nudge::dead_letters
