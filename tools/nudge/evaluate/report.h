// What an evaluation found, for people and for programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/nudge/evaluate/contest.h"
#include "tools/nudge/evaluate/dataset.h"
#include "tools/nudge/evaluate/segments.h"
#include "tools/nudge/evaluate/uplift.h"

namespace nudge::evaluate {

// A column that alone reaches it is suspected to be known only after the fact.
inline constexpr double kSuspiciousAuc = 0.95;

struct Evaluation {
  std::string data;   // the file
  std::string split;  // as it was asked for
  std::size_t seeds = 1;
  Dataset dataset;
  std::vector<double> lone_aucs;  // by feature
  Contest contest;
  std::optional<Segments> segments;
  std::vector<UpliftArm> arms;  // none without a treatment
};

// Those of the dataset, and a line for each column that tells too much.
std::vector<std::string> warnings_of(const Evaluation& evaluation);

// A table of models, and of the champion what it confuses, how its probabilities hold, and what it goes by; then
// segments and the effects of treatments.
std::string text_report(const Evaluation& evaluation);

// All of it. What is not defined, such as the AUC of rows of one class, is null.
std::string json_report(const Evaluation& evaluation);

}  // namespace nudge::evaluate
