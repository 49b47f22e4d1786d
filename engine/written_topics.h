// Which output topics a program writes to.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/operator.h"
#include "engine/output.h"

namespace nudge {

// Those of the operators and those of the engine itself, also where nothing comes to be written.
inline std::set<OutputTopic> written_topics(std::span<const OperatorSpec* const> operators) {
  std::set<OutputTopic> topics{output::kDeadLetters, output::kLateEvents};
  for (const OperatorSpec* spec : operators) topics.insert(spec->outputs.begin(), spec->outputs.end());
  return topics;
}

inline std::vector<std::string> names_of(const std::set<OutputTopic>& topics) {
  std::vector<std::string> names;
  names.reserve(topics.size());
  for (const OutputTopic topic : topics) names.emplace_back(output::kNames[topic]);
  return names;
}

}  // namespace nudge
