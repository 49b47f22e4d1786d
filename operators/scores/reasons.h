// Why a score is what it is: the three features that add most to the log-odds, exact for the linear model.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/operator.h"
#include "operators/scores/features.h"

namespace nudge::scores {

inline constexpr std::size_t kReasonsMost = 3;

// Writes the reasons of scores over one set of features.
class ReasonWriter {
 public:
  explicit ReasonWriter(const FeatureSet& features);

  // Replaces `json` by the array of {feature, value, contribution, text}, the largest contribution in size first; equal
  // ones by name; features that add nothing are left out.
  void write(std::span<const double> contributions, const CustomerContext& context, std::string& json);
  // Of values that are given, one for each feature.
  void write(std::span<const double> contributions, std::span<const Value> values, std::string& json);

 private:
  template <typename ValueOf>
  void write_top(std::span<const double> contributions, ValueOf value_of, std::string& json);

  struct Feature {
    ColumnRef column;
    std::optional<std::size_t> derived;
    std::string until_value;  // `"feature":"…","value":`
  };
  std::vector<Feature> features_;
  SignColumns signs_;
  std::string text_;
};

// Appends a sentence such as `3 cart adds in this session raise it`.
void append_reason_text(const Column& column, const Value& value, bool raises, std::string& out);

}  // namespace nudge::scores
