// Links as they stand in the record of a version.
#pragma once

#include "engine/json_writer.h"
#include "operators/segments/links.h"

namespace nudge::segments {

// The member `links`: of those that are more than chance (q-value at most .05) the surest 200.
void write_links(const Links& links, JsonWriter& json);

}  // namespace nudge::segments
