// The reference page of all configuration keys, in Markdown: one section for each object, one row for each key.
#pragma once

#include <string>

#include "config/parameter.h"

namespace nudge::config {

std::string reference_page(const Parameter& root);

}  // namespace nudge::config
