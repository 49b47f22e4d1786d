#include "tools/nudge/dead_letters/dead_letter.h"

#include <absl/strings/escaping.h>

#include <charconv>

#include "connectors/json_text.h"

namespace nudge::dead_letters {
namespace {

using Json = nlohmann::json;

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

const std::string* text_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() ? nullptr : found->get_ptr<const std::string*>();
}

std::optional<std::uint64_t> number_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

}  // namespace

std::string to_string(const Place& place) {
  return std::string(name_of(place.topic)) + "/" + std::to_string(place.partition) + "/" + std::to_string(place.offset);
}

std::optional<Place> parse_place(std::string_view text) {
  const std::size_t first = text.find('/'), second = text.rfind('/');
  if (first == second) return std::nullopt;
  const auto topic = topic_named(text.substr(0, first));
  const auto partition = parse_number(text.substr(first + 1, second - first - 1));
  const auto offset = parse_number(text.substr(second + 1));
  if (!topic || !partition || !offset) return std::nullopt;
  return Place{*topic, *partition, *offset};
}

std::optional<DeadLetter> parse_dead_letter(std::string_view text) {
  const Json json = connectors::parse_json(text);
  if (!json.is_object()) return std::nullopt;
  const std::string* const name = text_of(json, "topic");
  const std::string* const error_class = text_of(json, "error_class");
  const std::string* const message = text_of(json, "message");
  const std::string* const raw = text_of(json, "raw");
  const auto partition = number_of(json, "partition"), offset = number_of(json, "offset");
  const auto topic = name ? topic_named(*name) : std::nullopt;
  if (!topic || !error_class || !message || !raw || !partition || !offset) return std::nullopt;
  DeadLetter letter{{*topic, *partition, *offset}, {}, *error_class, *message, {}};
  if (const std::string* const time = text_of(json, "event_time")) letter.event_time = *time;
  if (!absl::Base64Unescape({raw->data(), raw->size()}, &letter.raw)) return std::nullopt;
  return letter;
}

}  // namespace nudge::dead_letters
