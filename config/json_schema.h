// The JSON Schema (draft 2020-12) of a configuration, for editors and for checking configurations elsewhere.
//
// What it accepts is accepted by the loader, except for bounds of durations and sizes (told in the descriptions) and
// what keys say of each other. The loader takes more: any scalar where the schema wants text.
#pragma once

#include <nlohmann/json.hpp>

#include "config/parameter.h"

namespace nudge::config {

nlohmann::ordered_json json_schema(const Parameter& root);

}  // namespace nudge::config
