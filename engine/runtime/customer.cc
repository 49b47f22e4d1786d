#include "engine/runtime/customer.h"

#include <algorithm>
#include <optional>

#include "engine/runtime/piece_changes.h"

namespace nudge::runtime {

Slots::Slots(const Program& program) : program_(&program) {
  static_assert(sizeof(OwnedSection) % alignof(Timer) == 0);
  memory_ = std::make_unique<std::byte[]>(bytes());
  std::uninitialized_value_construct_n(first_section(), program.operators().size());
  std::uninitialized_default_construct_n(first_timer(), program.timed().size());
}

Slots::~Slots() {
  if (memory_) std::destroy_n(first_section(), program_->operators().size());
}

void Customer::encode(std::string& out) const {
  Encoder encoder(out);
  encoder.text(id);
  encoder.varint(timeline.chunks());
  encoder.text(timeline.open());
  const std::span<Slots::OwnedSection> sections = slots.sections();
  const auto timer_of = [&](std::size_t slot) {
    const Timer* const timer = slots.timer_or_null(slot);
    return timer ? *timer : Timer{};
  };
  const auto is_kept = [&](std::size_t slot) {
    const Timer timer = timer_of(slot);
    return sections[slot] || timer.due != kNever || timer.swept != kBeforeAll;
  };
  std::size_t kept = 0;
  for (std::size_t slot = 0; slot < sections.size(); ++slot) kept += is_kept(slot);
  encoder.varint(kept + (foreign ? foreign->size() : 0));
  std::string bytes;
  for (std::size_t slot = 0; slot < sections.size(); ++slot) {
    if (!is_kept(slot)) continue;
    const ActiveOperator& active = slots.program().operators()[slot];
    const Timer timer = timer_of(slot);
    bytes.clear();
    Encoder section(bytes);
    if (sections[slot]) sections[slot]->encode(section);
    encoder.fixed32(active.id);
    encoder.varint(sections[slot] ? active.spec->section->version : 0);
    encoder.varint(timer.due == kNever ? 0 : static_cast<std::uint64_t>(timer.due) + 1);
    encoder.varint(static_cast<std::uint64_t>(timer.swept + 1));
    encoder.text(bytes);
  }
  if (!foreign) return;
  for (const Foreign& other : *foreign) {
    encoder.fixed32(other.id);
    encoder.varint(other.version);
    encoder.varint(0);
    encoder.varint(0);
    encoder.text(other.bytes);
  }
}

bool Customer::decode(std::string_view bytes) {
  const Program& program = slots.program();
  Decoder in(bytes);
  id = in.text();
  const auto chunks = static_cast<std::uint32_t>(in.varint());
  timeline = TimelineTail(chunks, in.text());
  for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
    const std::uint32_t section_id = in.fixed32();
    const auto version = static_cast<std::uint32_t>(in.varint());
    const std::uint64_t due = in.varint();
    const auto swept = static_cast<Millis>(in.varint()) - 1;
    const std::string_view content = in.text();
    const auto slot = program.slot_of(section_id);
    if (!slot) {
      if (!foreign) foreign = std::make_unique<std::vector<Foreign>>();
      foreign->push_back({section_id, version, std::string(content)});
      continue;
    }
    if (version != 0) {
      slots.section(*slot) = program.operators()[*slot].spec->section->decode(version, content);
      if (!slots.section(*slot)) return false;
    }
    // An operator that once had timers and has none now wants none.
    if (Timer* const timer = slots.timer_or_null(*slot)) {
      timer->swept = swept;
      if (due != 0) timer->due = timer->queued = static_cast<Millis>(due - 1);
    }
  }
  return in.ok() && in.at_end();
}

void Customer::write_pieces(state::ChangeWriter& changes, std::uint32_t task) {
  for (const std::uint8_t slot : slots.program().in_pieces()) {
    if (!slots.section(slot)) continue;
    PieceChanges pieces(changes, key::pieces(task, key, slots.program().operators()[slot].id));
    slots.section(slot)->write_pieces(pieces);
  }
}

Status Customer::read_pieces(const state::Store& store, std::uint32_t task) {
  for (const std::uint8_t slot : slots.program().in_pieces()) {
    if (!slots.section(slot)) continue;
    const PieceRange range = slots.section(slot)->pieces();
    if (range.begin == range.end) continue;
    const std::string prefix = key::pieces(task, key, slots.program().operators()[slot].id);
    std::vector<std::string> keys;
    for (std::uint64_t number = range.begin; number < range.end; ++number)
      keys.push_back(key::numbered(prefix, number));
    std::vector<std::optional<std::string>> values;
    NUDGE_TRY(store.multi_get(keys, values));
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!values[i] || !slots.section(slot)->read_piece(range.begin + i, *values[i]))
        return Status::io(
            "the state is damaged: a part of a customer cannot be read; replay from the input into a new "
            "engine.state_dir");
  }
  return Status::ok();
}

std::size_t Customer::memory_bytes() const {
  // The object, its slots, its place in the index and what an allocation costs beside.
  std::size_t bytes =
      sizeof(Customer) + (id.capacity() > 15 ? id.capacity() : 0) + 48 + slots.bytes() + timeline.memory_bytes();
  for (const Slots::OwnedSection& section : slots.sections())
    if (section) bytes += section->memory_bytes() + 16;
  if (foreign)
    for (const Foreign& other : *foreign) bytes += sizeof(Foreign) + other.bytes.size();
  return bytes;
}

}  // namespace nudge::runtime
