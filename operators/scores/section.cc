#include "operators/scores/section.h"

#include <algorithm>

namespace nudge::scores {

LabelTimes& ScoresSection::times(std::uint32_t label) {
  for (Label& each : labels)
    if (each.id == label) return each.times;
  labels.push_back({label, {}});
  return labels.back().times;
}

const LabelTimes* ScoresSection::find_times(std::uint32_t label) const {
  for (const Label& each : labels)
    if (each.id == label) return &each.times;
  return nullptr;
}

LabelEvents& ScoresSection::events(std::uint32_t label) {
  if (!seldom) seldom = std::make_unique<Seldom>();
  for (EventLabel& each : seldom->labels)
    if (each.id == label) return each.events;
  seldom->labels.push_back({label, {}});
  return seldom->labels.back().events;
}

const LabelEvents* ScoresSection::find_events(std::uint32_t label) const {
  if (!seldom) return nullptr;
  for (const EventLabel& each : seldom->labels)
    if (each.id == label) return &each.events;
  return nullptr;
}

bool ScoresSection::enter(std::uint32_t target) {
  if (!seldom) seldom = std::make_unique<Seldom>();
  CompactVector<std::uint32_t>& entered = seldom->entered;
  if (std::find(entered.begin(), entered.end(), target) != entered.end()) return false;
  entered.push_back(target);
  return true;
}

std::size_t ScoresSection::rows_bytes() const {
  std::size_t bytes = 0;
  for (const PendingRow& row : rows) bytes += row.bytes();
  return bytes;
}

void ScoresSection::encode(Encoder& out) const {
  out.varint(rows.size());
  for (const PendingRow& row : rows) row.encode(out);
  out.varint(labels.size());
  for (const Label& label : labels) {
    out.fixed32(label.id);
    label.times.encode(out);
  }
  out.varint(armed == kNever ? 0 : static_cast<std::uint64_t>(armed) + 1);
  out.varint(seldom ? seldom->labels.size() : 0);
  if (seldom) {
    for (const EventLabel& label : seldom->labels) {
      out.fixed32(label.id);
      label.events.encode(out);
    }
  }
  out.varint(seldom ? seldom->entered.size() : 0);
  if (seldom)
    for (const std::uint32_t target : seldom->entered) out.fixed32(target);
}

std::size_t ScoresSection::memory_bytes() const {
  std::size_t bytes = sizeof *this;
  for (const PendingRow& row : rows) bytes += sizeof row + row.packed.capacity();
  for (const Label& label : labels) bytes += sizeof label + label.times.memory_bytes();
  if (!seldom) return bytes;
  bytes += sizeof *seldom + seldom->entered.capacity() * sizeof(std::uint32_t);
  for (const EventLabel& label : seldom->labels) bytes += sizeof label + label.events.memory_bytes();
  return bytes;
}

void ScoresSection::decode_seldom(Decoder& in) {
  auto read = std::make_unique<Seldom>();
  read->labels.resize(in.count(5));
  for (EventLabel& label : read->labels) {
    label.id = in.fixed32();
    label.events.decode(in);
  }
  read->entered.resize(in.count(4));
  for (std::uint32_t& target : read->entered) target = in.fixed32();
  if (!read->labels.empty() || !read->entered.empty()) seldom = std::move(read);
}

std::unique_ptr<Section> ScoresSection::make() { return std::make_unique<ScoresSection>(); }

std::unique_ptr<Section> ScoresSection::decode(std::uint32_t version, std::string_view bytes) {
  if (version == 0 || version > kVersion) return nullptr;
  Decoder in(bytes);
  auto section = std::make_unique<ScoresSection>();
  section->rows.resize(in.count(28));
  for (PendingRow& row : section->rows) row.decode(in);
  section->labels.resize(in.count(5));
  for (Label& label : section->labels) {
    label.id = in.fixed32();
    label.times.decode(in);
  }
  const std::uint64_t armed = in.varint();
  section->armed = armed == 0 ? kNever : static_cast<Millis>(armed - 1);
  if (version > 1) section->decode_seldom(in);
  if (!in.ok() || !in.at_end()) return nullptr;
  return section;
}

}  // namespace nudge::scores
