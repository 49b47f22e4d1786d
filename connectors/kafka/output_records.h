// Output lines (engine/output.h) as records: each under its `key`, a removal as a tombstone. Private to
// connectors/kafka.
#pragma once

#include <string>
#include <string_view>

#include "connectors/kafka/producer.h"
#include "engine/output.h"

namespace nudge::connectors::kafka {

// In their order, until one fails: Status send(OutgoingRecord). `key` is room for a key that must be unescaped.
template <typename Send>
Status each_output_record(std::string_view lines, std::string& key, Send&& send) {
  for (std::size_t size = lines.find('\n'); size != std::string_view::npos; size = lines.find('\n')) {
    const std::string_view line = lines.substr(0, size);
    lines.remove_prefix(size + 1);
    const OutputLine parsed = parse_output_line(line, key);
    NUDGE_TRY(send(OutgoingRecord{.key = parsed.key, .value = parsed.removes ? std::nullopt : std::optional(line)}));
  }
  return Status::ok();
}

}  // namespace nudge::connectors::kafka
