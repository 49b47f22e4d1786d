// Pieces of state on their way to the store: under a common beginning of their keys, the number behind it.
#pragma once

#include <string>
#include <utility>

#include "engine/operator.h"
#include "engine/runtime/state_keys.h"
#include "state/change_writer.h"

namespace nudge::runtime {

class PieceChanges final : public PieceWriter {
 public:
  PieceChanges(state::ChangeWriter& changes, std::string prefix) : changes_(changes), prefix_(std::move(prefix)) {}
  void put(std::uint64_t number, std::string_view bytes) override {
    changes_.put(key::numbered(prefix_, number), bytes);
  }
  void erase(std::uint64_t number) override { changes_.erase(key::numbered(prefix_, number)); }

 private:
  state::ChangeWriter& changes_;
  const std::string prefix_;
};

}  // namespace nudge::runtime
