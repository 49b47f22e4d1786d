#include "engine/output.h"

#include <simdjson.h>

#include "engine/check.h"

namespace nudge {
namespace {

constexpr std::string_view kRemoved = R"("removed":true)";

// The member `engine`. The version is plain: no escapes.
std::string engine_json() {
  return std::string(R"("engine":{"name":"nudge","version":")").append(kEngineVersion).append("\"}");
}

}  // namespace

JsonWriter Outputs::begin(OutputTopic topic, std::string_view key, Millis event_time) {
  static const std::string kEngine = engine_json();
  JsonWriter writer(lines_[topic]);
  writer.begin_object();
  writer.member<"key">(key);
  writer.member_time<"event_time">(event_time);
  writer.members(kEngine);
  return writer;
}

void Outputs::end(JsonWriter& writer, OutputTopic topic) {
  writer.end_object();
  lines_[topic].push_back('\n');
}

void Outputs::remove(OutputTopic topic, std::string_view key) {
  JsonWriter writer(lines_[topic]);
  writer.begin_object();
  writer.member("key", key);
  writer.members(kRemoved);
  end(writer, topic);
}

OutputLine parse_output_line(std::string_view line, std::string& buffer) {
  constexpr std::string_view kBegin = R"({"key":)";
  NUDGE_CHECK(line.starts_with(kBegin), "every output line begins with its key");
  const std::size_t begin = kBegin.size() + 1;
  std::size_t end = begin;
  bool escaped = false;
  for (; line[end] != '"'; ++end) {
    if (line[end] != '\\') continue;
    escaped = true;
    ++end;
  }
  OutputLine parsed{line.substr(begin, end - begin),
                    line.substr(end + 1) == std::string(",").append(kRemoved).append("}")};
  if (!escaped) return parsed;
  simdjson::ondemand::parser parser;
  const simdjson::padded_string text(line.substr(begin - 1, end + 2 - begin));
  std::string_view key;
  NUDGE_CHECK(parser.iterate(text).get_string().get(key) == simdjson::SUCCESS, "a key is a string of JSON");
  buffer.assign(key);
  parsed.key = buffer;
  return parsed;
}

std::size_t Outputs::bytes() const {
  std::size_t bytes = 0;
  for (const std::string& lines : lines_) bytes += lines.size();
  return bytes;
}

void Outputs::keep_only(OutputTopic kept) {
  for (OutputTopic topic = 0; topic < output::kCount; ++topic)
    if (topic != kept) lines_[topic].clear();
}

void Outputs::clear() {
  for (std::string& lines : lines_) lines.clear();
}

}  // namespace nudge
