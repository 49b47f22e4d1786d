#include "operators/scores/section.h"

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
}

std::size_t ScoresSection::memory_bytes() const {
  std::size_t bytes = sizeof *this;
  for (const PendingRow& row : rows) bytes += sizeof row + row.features.capacity();
  for (const Label& label : labels) bytes += sizeof label + label.times.memory_bytes();
  return bytes;
}

std::unique_ptr<Section> ScoresSection::make() { return std::make_unique<ScoresSection>(); }

std::unique_ptr<Section> ScoresSection::decode(std::uint32_t version, std::string_view bytes) {
  if (version != kVersion) return nullptr;
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
  if (!in.ok() || !in.at_end()) return nullptr;
  return section;
}

}  // namespace nudge::scores
