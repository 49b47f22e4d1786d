// Errors as `application/problem+json` (RFC 9457).
#pragma once

#include <string_view>

#include "connectors/http/message.h"

namespace nudge::connectors::http {

// The phrase of a status code: Not Found.
std::string_view phrase_of(int status);

// `detail` is for people: what is wrong with this request and what would be right. It must hold nothing personal.
Response problem(int status, std::string_view detail);

}  // namespace nudge::connectors::http
