// A replay of a folder of input by an operator that only the test knows: its records of `quality` by key, in order.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "config/application.h"
#include "connectors/json_text.h"
#include "engine/operator.h"
#include "engine/runtime/replay.h"

namespace nudge::runtime {

// Reads `folder`/in and writes `folder`/`variant`. Under `report`: report.json. Nothing where the replay fails, which
// the test is told.
inline std::map<std::string, std::vector<std::string>> replayed(const OperatorSpec& spec, const std::string& folder,
                                                                const std::string& variant,
                                                                std::vector<std::string> overrides) {
  overrides.push_back("engine.state_dir=" + folder + "/" + variant + "_state");
  const OperatorSpec* const known[] = {&spec};
  const auto loaded = config::load_application_text(
      "input: {path: " + folder + "/in}\noperators: {" + std::string(spec.name) + ": {}}\n", "replayed.yaml", overrides,
      known);
  EXPECT_TRUE(loaded.problems.empty());
  ReplayOptions options;
  options.output_dir = folder + "/" + variant;
  const auto summary = replay(loaded.application, options);
  EXPECT_TRUE(summary.is_ok()) << summary.status().message();
  std::map<std::string, std::vector<std::string>> lines;
  if (!summary.is_ok()) return lines;
  std::ifstream in(options.output_dir + "/quality.jsonl");
  for (std::string line; std::getline(in, line);) lines[connectors::parse_json(line).at("key")].push_back(line);
  lines["report"] = {summary->report};
  return lines;
}

}  // namespace nudge::runtime
