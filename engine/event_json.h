// Events back as JSON: the record of the contract that decodes to the same bytes.
#pragma once

#include <string>

#include "engine/event.h"

namespace nudge {

// Appends one JSON object: the present fields in the order of the schema, unknown members between the common fields
// and the topic's own. Times are RFC 3339 in UTC, money is a decimal string, a quantity a number.
void append_event_json(const Event& event, std::string& out);

}  // namespace nudge
