#include "tools/nudge/demo/findings.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "connectors/json_text.h"

namespace nudge::demo {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kShown = 5;

// Members of a list whom a nudge may reach, the newest first.
std::vector<Json> eligible_members(const std::string& path) {
  std::vector<Json> members;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    Json record = connectors::parse_json(line);
    if (record.is_object() && record.value("eligible", false) && record.value("group", "") == "treatment")
      members.push_back(std::move(record));
  }
  std::stable_sort(members.begin(), members.end(), [](const Json& a, const Json& b) {
    return a.at("event_time").get<std::string>() > b.at("event_time").get<std::string>();
  });
  return members;
}

// One of each list in turn, so that every list is seen.
std::vector<Json> a_choice(std::vector<Json> members) {
  std::vector<Json> chosen;
  std::string last;
  while (chosen.size() < kShown && !members.empty()) {
    auto next = std::find_if(members.begin(), members.end(),
                             [&last](const Json& record) { return record.at("list_id") != last; });
    if (next == members.end()) next = members.begin();
    last = next->at("list_id").get<std::string>();
    chosen.push_back(std::move(*next));
    members.erase(next);
  }
  return chosen;
}

std::string target_text(const Json& record) {
  std::string text = fmt::format("  customer {:<8} {:>5.1f} %  list {:<9} by {:<6} since {}\n",
                                 record.at("customer_id").get<std::string>(),
                                 100 * record.at("probability").get<double>(), record.at("list_id").get<std::string>(),
                                 record.at("channel").is_string() ? record.at("channel").get<std::string>() : "any",
                                 record.at("event_time").get<std::string>().substr(0, 16));
  for (const Json& reason : record.at("reasons"))
    text += fmt::format("      {:+.2f}  {}\n", reason.at("contribution").get<double>(),
                        reason.at("text").get<std::string>());
  return text;
}

std::string number(const Json& value, int decimals) {
  return value.is_number() ? fmt::format("{:.{}f}", value.get<double>(), decimals) : std::string("unknown");
}

}  // namespace

Result<std::string> findings(const std::string& output_folder) {
  const std::vector<Json> chosen = a_choice(eligible_members(output_folder + "/targets.state.jsonl"));
  std::ifstream file(output_folder + "/report.json");
  const Json report = connectors::parse_json(std::string(std::istreambuf_iterator<char>(file), {}));
  if (!report.is_object()) return Status::internal(output_folder + "/report.json: cannot be read");
  std::string text =
      fmt::format("\nWorth a nudge now ({} of the lists' members, who may be reached):\n", chosen.size());
  for (const Json& record : chosen) text += target_text(record);
  text += "\nHeld-out quality (every score was made before its outcome was known):\n";
  for (const auto& [name, quality] : report.at("quality").items()) {
    const Json& band = quality.at("band");
    text +=
        fmt::format("  {:<11} {} scores, AUC {}; of the {} between 15 % and 50 %: predicted {}, came true {}\n", name,
                    quality.at("n").get<std::uint64_t>(), number(quality.at("auc"), 3),
                    band.at("n").get<std::uint64_t>(), number(band.at("predicted"), 3), number(band.at("actual"), 3));
  }
  return text;
}

}  // namespace nudge::demo
