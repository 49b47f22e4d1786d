// The records in `targets` and `targets.state`.
#pragma once

#include <string>
#include <string_view>

#include "engine/output.h"
#include "operators/targets/groups.h"
#include "operators/targets/state.h"

namespace nudge::targets {

enum class Operation : std::uint8_t { kEnter, kUpdate, kExit };

class RecordWriter {
 public:
  // Live, `targets.state` follows `targets`.
  // `probability_known` is false where the score that makes the member leave is withheld.
  void write(Outputs& outputs, OutputTopic topic, Operation operation, const ListSettings& list,
             std::string_view customer, Group group, const Membership& member, bool probability_known = true);

 private:
  std::string key_;
};

}  // namespace nudge::targets
