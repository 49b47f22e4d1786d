// The record of one customer in `rfm`.
#pragma once

#include <optional>
#include <string_view>

#include "engine/operator.h"
#include "operators/rfm/lifetime_model.h"
#include "operators/rfm/section.h"

namespace nudge::rfm {

// `trigger` is the id of the transaction record that caused it, `move` or `final`. The event time is the cause's.
void write_record(const RfmSection& section, const std::optional<Lifetime>& lifetime, Millis as_of,
                  std::string_view trigger, CustomerContext& customer);

}  // namespace nudge::rfm
