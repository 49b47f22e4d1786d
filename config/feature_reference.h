// The reference page of all features: what scores know of a customer and of a session, as the operators declare it.
#pragma once

#include <span>
#include <string>

#include "engine/operator.h"

namespace nudge::config {

// A section for each operator that has features: how it keeps them, then a row for each with name, type, unit, whose it
// is and what it means.
std::string feature_page(std::span<const OperatorSpec* const> operators);

}  // namespace nudge::config
