// One customer in the cache of its keyed task: the sections of all operators, their timers, and the end of the
// timeline.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runtime/entity_cache.h"
#include "engine/runtime/program.h"
#include "engine/runtime/timeline.h"

namespace nudge::runtime {

struct Timer {
  Millis due = kNever;        // as the operator wants it
  Millis queued = kNever;     // as the task's queue has it: not later than due
  Millis swept = kBeforeAll;  // the last sweep that this customer has behind it, ahead of the others
};

// What one operator has of a customer.
struct Slot {
  std::unique_ptr<Section> section;  // null: none yet
  Timer timer;
};

struct Customer : CachedEntity {
  static constexpr std::size_t kBytesGuess = 1'500;
  std::string id;
  std::unique_ptr<Slot[]> slots;  // of the program's operators
  TimelineTail timeline;
  // Sections of operators that this program does not run are kept as they are: id, version, bytes.
  struct Foreign {
    std::uint32_t id;
    std::uint32_t version;
    std::string bytes;
  };
  std::unique_ptr<std::vector<Foreign>> foreign;
  const Program* program = nullptr;

  void bind(const Program& with) {
    program = &with;
    slots = std::make_unique<Slot[]>(with.operators().size());
  }
  std::span<Slot> all() { return {slots.get(), program->operators().size()}; }
  std::span<const Slot> all() const { return {slots.get(), program->operators().size()}; }

  // Format: id, chunks of the timeline, then per operator: its id, its section's version (0: no section), due + 1 (0:
  // no timer), swept + 1, bytes.
  void encode(std::string& out) const;
  bool decode(std::string_view bytes);
  std::size_t memory_bytes() const;
  void prefetch() const {
    for (const Slot& slot : all()) {
      const char* const bytes = reinterpret_cast<const char*>(slot.section.get());
      for (std::size_t line = 0; line < 4; ++line) __builtin_prefetch(bytes + 64 * line);
    }
  }
};

}  // namespace nudge::runtime
