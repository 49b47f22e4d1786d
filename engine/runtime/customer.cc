#include "engine/runtime/customer.h"

namespace nudge::runtime {

void Customer::encode(std::string& out) const {
  Encoder encoder(out);
  encoder.text(id);
  encoder.varint(timeline.chunks());
  const auto is_kept = [this](std::size_t slot) {
    return sections[slot] || timers[slot].due != kNever || timers[slot].swept != kBeforeAll;
  };
  std::size_t count = foreign.size();
  for (std::size_t slot = 0; slot < sections.size(); ++slot) count += is_kept(slot) ? 1 : 0;
  encoder.varint(count);
  std::string bytes;
  for (std::size_t slot = 0; slot < sections.size(); ++slot) {
    if (!is_kept(slot)) continue;
    const ActiveOperator& active = program->operators()[slot];
    const Timer& timer = timers[slot];
    bytes.clear();
    Encoder section(bytes);
    if (sections[slot]) sections[slot]->encode(section);
    encoder.fixed32(active.id);
    encoder.varint(sections[slot] ? active.spec->section->version : 0);
    encoder.varint(timer.due == kNever ? 0 : static_cast<std::uint64_t>(timer.due) + 1);
    encoder.varint(static_cast<std::uint64_t>(timer.swept + 1));
    encoder.text(bytes);
  }
  for (const Foreign& other : foreign) {
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
      foreign.push_back({section_id, version, std::string(content)});
      continue;
    }
    if (version != 0) {
      sections[*slot] = program->operators()[*slot].spec->section->decode(version, content);
      if (!sections[*slot]) return false;
    }
    timers[*slot].swept = swept;
    if (due != 0) timers[*slot].due = timers[*slot].queued = static_cast<Millis>(due - 1);
  }
  return in.ok() && in.at_end();
}

std::size_t Customer::memory_bytes() const {
  // The object, its slots, its place in the index and what an allocation costs beside.
  std::size_t bytes = sizeof(Customer) + id.capacity() + 48 + sections.size() * (sizeof(void*) + sizeof(Timer)) +
                      timeline.memory_bytes();
  for (const auto& section : sections)
    if (section) bytes += section->memory_bytes() + 16;
  for (const Foreign& other : foreign) bytes += sizeof(Foreign) + other.bytes.size();
  return bytes;
}

}  // namespace nudge::runtime
