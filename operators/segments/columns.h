// The segments of a customer as columns of SQL: `segment_<name>` for each segmentation, the id of the segment or NULL.
#pragma once

#include <memory>

#include "engine/operator.h"

namespace nudge::segments {

// What is wrong in the configuration is left out.
std::shared_ptr<const ConfiguredColumns> columns_of(const config::Value& config);

}  // namespace nudge::segments
