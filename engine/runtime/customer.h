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

// What the operators of a program have of a customer, in one allocation: a section each, and a timer for those that
// have timers or sweeps.
class Slots {
 public:
  Slots() = default;
  explicit Slots(const Program& program);
  Slots(Slots&& other) noexcept : program_(other.program_), memory_(std::move(other.memory_)) {}
  Slots& operator=(Slots&& other) noexcept {
    std::swap(program_, other.program_);
    std::swap(memory_, other.memory_);
    return *this;
  }
  ~Slots();

  using OwnedSection = std::unique_ptr<Section>;  // null: none yet
  std::span<OwnedSection> sections() const { return {first_section(), program_ ? program_->operators().size() : 0}; }
  std::span<Timer> timers() const { return {first_timer(), program_ ? program_->timed().size() : 0}; }
  OwnedSection& section(std::size_t slot) const { return first_section()[slot]; }
  // Null where the operator has neither timers nor sweeps.
  Timer* timer_or_null(std::size_t slot) const {
    const auto place = program_->timer_of(slot);
    return place ? first_timer() + *place : nullptr;
  }
  Timer& timer(std::size_t slot) const { return *timer_or_null(slot); }

  const Program& program() const { return *program_; }
  std::size_t bytes() const { return sections().size_bytes() + timers().size_bytes(); }

 private:
  OwnedSection* first_section() const { return reinterpret_cast<OwnedSection*>(memory_.get()); }
  Timer* first_timer() const {
    return reinterpret_cast<Timer*>(memory_.get() +
                                    (program_ ? program_->operators().size() : 0) * sizeof(OwnedSection));
  }

  const Program* program_ = nullptr;
  std::unique_ptr<std::byte[]> memory_;
};

struct Customer : CachedEntity {
  static constexpr std::size_t kBytesGuess = 1'500;
  std::string id;
  Slots slots;
  TimelineTail timeline;
  // Sections of operators that this program does not run are kept as they are: id, version, bytes.
  struct Foreign {
    std::uint32_t id;
    std::uint32_t version;
    std::string bytes;
  };
  std::unique_ptr<std::vector<Foreign>> foreign;

  void bind(const Program& program) { slots = Slots(program); }

  // Format: id, chunks of the timeline, then per operator: its id, its section's version (0: no section), due + 1 (0:
  // no timer), swept + 1, bytes.
  void encode(std::string& out) const;
  bool decode(std::string_view bytes);
  // What sections have in pieces: as entries of their own, written before the rest, and read after decode().
  void write_pieces(state::ChangeWriter& changes, std::uint32_t task);
  Status read_pieces(const state::Store& store, std::uint32_t task);
  std::size_t memory_bytes() const;
  void prefetch() const {
    for (const Slots::OwnedSection& section : slots.sections()) {
      const char* const bytes = reinterpret_cast<const char*>(section.get());
      for (std::size_t line = 0; line < 4; ++line) __builtin_prefetch(bytes + 64 * line);
    }
  }
};

}  // namespace nudge::runtime
