// Why a score is what it is: the three features that add most to the log-odds, exact for the linear model.
#pragma once

#include <span>
#include <string>

#include "engine/operator.h"
#include "operators/scores/features.h"

namespace nudge::scores {

inline constexpr std::size_t kReasonsMost = 3;

// Replaces `json` by the array of {feature, value, contribution, text}, the largest contribution in size first; equal
// ones by name; features that add nothing are left out. `scratch` is a buffer to reuse.
void write_reasons(const FeatureSet& features, std::span<const double> contributions, const CustomerContext& context,
                   std::string& json, std::string& scratch);

// Appends a sentence such as `3 cart adds in this session raise it`.
void append_reason_text(const Column& column, const Value& value, bool raises, std::string& out);

}  // namespace nudge::scores
