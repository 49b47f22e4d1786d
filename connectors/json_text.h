// JSON of a few lines: records of the journal, reports, tokens. Events are decoded by engine/decode.h.
//
// Here, so that the parser is compiled once.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace nudge::connectors {

// Discarded (is_discarded()) where the text is no JSON.
nlohmann::json parse_json(std::string_view text);
// With the members in the order of the text.
nlohmann::ordered_json parse_ordered_json(std::string_view text);

}  // namespace nudge::connectors
