// Figures in Prometheus' text format.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/figure.h"

namespace nudge::connectors::http {

inline constexpr std::string_view kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

std::string exposition(std::span<const FigureFamily> families);

}  // namespace nudge::connectors::http
