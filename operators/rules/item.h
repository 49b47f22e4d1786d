// Items by number: what a sale is made of, to rules.
#pragma once

#include <cstdint>

namespace nudge::rules {

using Item = std::uint32_t;

}  // namespace nudge::rules
