// One record of `dead_letters`: an input record that was refused, why, and its bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/topic.h"

namespace nudge::dead_letters {

// Where the record lay in the input: `transactions/0/17`.
struct Place {
  Topic topic = Topic::kTransactions;
  std::uint64_t partition = 0, offset = 0;
  auto operator<=>(const Place&) const = default;
};
std::string to_string(const Place& place);
std::optional<Place> parse_place(std::string_view text);

struct DeadLetter {
  Place place;
  std::string event_time;  // as it is written; of the newest good record before it
  std::string error_class, message;
  std::string raw;  // the bytes themselves
};

// Nothing where the line is no dead letter.
std::optional<DeadLetter> parse_dead_letter(std::string_view json);

// Which dead letters are wanted. What is not said does not matter.
struct Filter {
  std::optional<Topic> topic;
  std::string error_class;

  bool takes(const DeadLetter& letter) const {
    return (!topic || letter.place.topic == *topic) && (error_class.empty() || letter.error_class == error_class);
  }
};

}  // namespace nudge::dead_letters
