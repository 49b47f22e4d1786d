// Runs the text scripts of tests/scripts: input, config and the expected output (format: tests/scripts/README.md).
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "config/application.h"
#include "connectors/json_text.h"
#include "engine/operator.h"
#include "engine/runtime/replay.h"

namespace nudge {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Script {
  std::string config;
  std::map<std::string, std::string> files;                  // of the input folder
  std::map<std::string, std::vector<std::string>> expected;  // by topic, or `report`
  std::map<std::string, std::string> options;                // until, from
  std::string error;                                         // expected instead of output
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line[0] != '#') lines.push_back(line);
  return lines;
}

Script read(const fs::path& path) {
  std::ifstream in(path);
  Script script;
  std::string line, what, body;
  const auto finish = [&] {
    std::istringstream words(what);
    std::string kind, name;
    words >> kind >> name;
    if (kind == "config") script.config = body;
    if (kind == "input") script.files[name.find('.') == std::string::npos ? name + ".jsonl" : name] = body;
    if (kind == "expect") script.expected[name] = lines_of(body);
    if (kind == "option") script.options[name] = lines_of(body).at(0);
    if (kind == "error") script.error = lines_of(body).at(0);
    body.clear();
  };
  while (std::getline(in, line)) {
    if (line.starts_with("== ")) {
      finish();
      what = line.substr(3);
    } else {
      body += line + "\n";
    }
  }
  finish();
  return script;
}

// Every member that the expected value names is there and equal; objects inside likewise, arrays whole.
bool matches(const Json& expected, const Json& found) {
  if (!expected.is_object()) return expected == found;
  if (!found.is_object()) return false;
  for (const auto& [name, value] : expected.items())
    if (!found.contains(name) || !matches(value, found[name])) return false;
  return true;
}

// The order between keys is free.
std::vector<std::string> by_key(std::vector<std::string> lines) {
  std::stable_sort(lines.begin(), lines.end(), [](const std::string& a, const std::string& b) {
    return connectors::parse_ordered_json(a).value("key", "") < connectors::parse_ordered_json(b).value("key", "");
  });
  return lines;
}

class ScriptTest : public testing::TestWithParam<fs::path> {};

TEST_P(ScriptTest, GivesTheExpectedOutput) {
  const Script script = read(GetParam());
  char pattern[] = "/tmp/nudge_script_XXXXXX";
  const fs::path folder = mkdtemp(pattern);
  fs::create_directories(folder / "in");
  for (const auto& [name, content] : script.files) std::ofstream(folder / "in" / name) << content;
  const std::string overrides[] = {"input.path=" + (folder / "in").string(),
                                   "engine.state_dir=" + (folder / "state").string()};
  auto loaded = config::load_application_text(script.config, "script.yaml", overrides, all_operators());
  std::string problems;
  for (const auto& problem : loaded.problems) problems += to_string(problem) + "\n";
  if (!problems.empty()) {
    ASSERT_FALSE(script.error.empty()) << problems;
    EXPECT_NE(problems.find(script.error), std::string::npos) << problems;
    return;
  }
  ReplayOptions options;
  options.output_dir = (folder / "out").string();
  if (script.options.contains("until")) options.until = parse_time(script.options.at("until"));
  if (script.options.contains("from")) options.from = parse_time(script.options.at("from"));
  const auto summary = replay(loaded.application, options);
  if (!script.error.empty()) {
    ASSERT_FALSE(summary.is_ok());
    EXPECT_NE(summary.status().message().find(script.error), std::string::npos) << summary.status().message();
    fs::remove_all(folder);
    return;
  }
  ASSERT_TRUE(summary.is_ok()) << summary.status().message();
  for (const auto& [topic, lines] : script.expected) {
    SCOPED_TRACE(topic);
    const std::vector<std::string> expected = by_key(lines);
    std::ifstream file(folder / "out" / (topic + (topic == "report" ? ".json" : ".jsonl")));
    std::stringstream content;
    content << file.rdbuf();
    const std::vector<std::string> found = by_key(lines_of(content.str()));
    ASSERT_EQ(found.size(), expected.size()) << content.str();
    for (std::size_t i = 0; i < found.size(); ++i)
      EXPECT_TRUE(matches(connectors::parse_ordered_json(expected[i]), connectors::parse_ordered_json(found[i])))
          << "expected " << expected[i] << "\n   found " << found[i];
  }
  fs::remove_all(folder);
}

std::vector<fs::path> scripts() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(NUDGE_SOURCE_DIR) / "tests" / "scripts"))
    if (entry.path().extension() == ".script") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

INSTANTIATE_TEST_SUITE_P(Scripts, ScriptTest, testing::ValuesIn(scripts()), [](const auto& info) {
  std::string name = info.param.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

}  // namespace
}  // namespace nudge
