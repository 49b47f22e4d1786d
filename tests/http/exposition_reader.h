// Reads Prometheus' text format back, strictly, so that a test sees what a scraper would.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace nudge::connectors::http {

struct Exposition {
  std::map<std::string, std::string> types;  // by family
  std::map<std::string, double> samples;     // by name and labels, as written
  std::set<std::string> label_names;

  double at(const std::string& sample) const {
    const auto found = samples.find(sample);
    if (found == samples.end()) ADD_FAILURE() << sample << " is not there";
    return found == samples.end() ? 0 : found->second;
  }
};

inline Exposition read_exposition(const std::string& text) {
  static const std::regex kComment(R"(# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+))");
  static const std::regex kSample(R"(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+))");
  static const std::regex kLabel(R"re(([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)",?)re");
  Exposition read;
  std::set<std::string> helped;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kComment)) {
      if (match[1] == "HELP") helped.insert(match[2]);
      if (match[1] == "TYPE") EXPECT_TRUE(read.types.emplace(match[2], match[3]).second) << line;
      continue;
    }
    if (!std::regex_match(line, match, kSample)) {
      ADD_FAILURE() << "no line of the format: " << line;
      continue;
    }
    EXPECT_TRUE(read.samples.emplace(match[1].str() + match[2].str(), std::stod(match[3])).second) << line;
    const std::string labels = match[2];
    for (auto label = std::sregex_iterator(labels.begin(), labels.end(), kLabel); label != std::sregex_iterator();
         ++label)
      read.label_names.insert((*label)[1]);
    const std::string family = std::regex_replace(match[1].str(), std::regex("_(bucket|sum|count)$"), "");
    EXPECT_TRUE(read.types.contains(match[1]) || read.types.at(family) == "histogram") << line;
    EXPECT_TRUE(helped.contains(match[1]) || helped.contains(family)) << line;
  }
  EXPECT_TRUE(text.ends_with('\n'));
  return read;
}

}  // namespace nudge::connectors::http
