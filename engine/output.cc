#include "engine/output.h"

namespace nudge {
namespace {

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

std::size_t Outputs::bytes() const {
  std::size_t bytes = 0;
  for (const std::string& lines : lines_) bytes += lines.size();
  return bytes;
}

void Outputs::clear() {
  for (std::string& lines : lines_) lines.clear();
}

}  // namespace nudge
