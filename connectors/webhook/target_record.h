// One record of `targets`, and what it means for a receiver.
//
// What a receiver knows is the set of members whom it may contact: eligible ones of the group treatment. Everybody else
// it never hears of, and who stops being one of them leaves it, whatever the list says.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace nudge::connectors::webhook {

struct TargetRecord {
  std::string key;  // list|customer
  std::string list, customer;
  std::string event_time;  // as it is written
  bool is_treated = false;
  bool is_wanted = false;  // the receiver is to have this member from now on
  nlohmann::ordered_json json;
};

// Nothing where the line is no such record.
std::optional<TargetRecord> parse_target_record(std::string_view line);

enum class Change : std::uint8_t { kNone, kEnter, kUpdate, kExit };
std::string_view name_of(Change change);  // enter

// `is_known` says whether the receiver has this member.
constexpr Change change_of(bool is_wanted, bool is_known) {
  if (is_wanted) return is_known ? Change::kUpdate : Change::kEnter;
  return is_known ? Change::kExit : Change::kNone;
}

// The id of what a receiver is told by a record: the same for the same bytes, whenever and however often they are read.
std::string message_id(std::string_view webhook, std::string_view line);

}  // namespace nudge::connectors::webhook
