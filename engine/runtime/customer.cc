#include "engine/runtime/customer.h"

#include <algorithm>

namespace nudge::runtime {

void Customer::encode(std::string& out) const {
  Encoder encoder(out);
  encoder.text(id);
  encoder.varint(timeline.chunks());
  const auto is_kept = [](const Slot& slot) {
    return slot.section || slot.timer.due != kNever || slot.timer.swept != kBeforeAll;
  };
  const std::span<const Slot> slots = all();
  encoder.varint(static_cast<std::size_t>(std::count_if(slots.begin(), slots.end(), is_kept)) +
                 (foreign ? foreign->size() : 0));
  std::string bytes;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Slot& slot = slots[i];
    if (!is_kept(slot)) continue;
    const ActiveOperator& active = program->operators()[i];
    bytes.clear();
    Encoder section(bytes);
    if (slot.section) slot.section->encode(section);
    encoder.fixed32(active.id);
    encoder.varint(slot.section ? active.spec->section->version : 0);
    encoder.varint(slot.timer.due == kNever ? 0 : static_cast<std::uint64_t>(slot.timer.due) + 1);
    encoder.varint(static_cast<std::uint64_t>(slot.timer.swept + 1));
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
  Decoder in(bytes);
  id = in.text();
  timeline = TimelineTail(static_cast<std::uint32_t>(in.varint()));
  for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
    const std::uint32_t section_id = in.fixed32();
    const auto version = static_cast<std::uint32_t>(in.varint());
    const std::uint64_t due = in.varint();
    const auto swept = static_cast<Millis>(in.varint()) - 1;
    const std::string_view content = in.text();
    const auto slot = program->slot_of(section_id);
    if (!slot) {
      if (!foreign) foreign = std::make_unique<std::vector<Foreign>>();
      foreign->push_back({section_id, version, std::string(content)});
      continue;
    }
    if (version != 0) {
      slots[*slot].section = program->operators()[*slot].spec->section->decode(version, content);
      if (!slots[*slot].section) return false;
    }
    Timer& timer = slots[*slot].timer;
    timer.swept = swept;
    if (due != 0) timer.due = timer.queued = static_cast<Millis>(due - 1);
  }
  return in.ok() && in.at_end();
}

std::size_t Customer::memory_bytes() const {
  // The object, its slots, its place in the index and what an allocation costs beside.
  std::size_t bytes = sizeof(Customer) + (id.capacity() > 15 ? id.capacity() : 0) + 48 + all().size_bytes();
  for (const Slot& slot : all())
    if (slot.section) bytes += slot.section->memory_bytes() + 16;
  if (foreign)
    for (const Foreign& other : *foreign) bytes += sizeof(Foreign) + other.bytes.size();
  return bytes;
}

}  // namespace nudge::runtime
