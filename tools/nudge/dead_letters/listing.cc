#include "tools/nudge/dead_letters/listing.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace nudge::dead_letters {

Result<program::Table> count(Source& source, const Filter& filter, std::size_t rows_max) {
  struct Kind {
    std::uint64_t records = 0;
    std::string latest, example, message;
  };
  std::map<std::pair<Topic, std::string>, Kind> kinds;
  NUDGE_TRY(source.walk([&](DeadLetter&& letter) {
    if (!filter.takes(letter)) return true;
    Kind& kind = kinds[{letter.place.topic, letter.error_class}];
    if (kind.records++ == 0) {
      kind.example = to_string(letter.place);
      kind.message = std::move(letter.message);
    }
    kind.latest = std::max(kind.latest, letter.event_time);
    return true;
  }));
  program::Table table{{"topic", "error_class", "records", "latest", "example", "message"}, {}};
  for (auto& [name, kind] : kinds)
    table.rows.push_back({std::string(name_of(name.first)), name.second, kind.records, std::move(kind.latest),
                          std::move(kind.example), std::move(kind.message)});
  std::ranges::stable_sort(table.rows, std::greater(), [](const auto& row) { return std::get<std::uint64_t>(row[2]); });
  if (table.rows.size() > rows_max) table.rows.resize(rows_max);
  return table;
}

Result<program::Table> list(Source& source, const Filter& filter, std::size_t rows_max) {
  program::Table table{{"place", "event_time", "error_class", "bytes", "message"}, {}};
  NUDGE_TRY(source.walk([&](DeadLetter&& letter) {
    if (filter.takes(letter))
      table.rows.push_back({to_string(letter.place), std::move(letter.event_time), std::move(letter.error_class),
                            std::uint64_t{letter.raw.size()}, std::move(letter.message)});
    return table.rows.size() < rows_max;
  }));
  return table;
}

}  // namespace nudge::dead_letters
