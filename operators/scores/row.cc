#include "operators/scores/row.h"

#include <algorithm>
#include <tuple>

#include "engine/check.h"

namespace nudge::scores {
namespace {

constexpr std::uint8_t kHasTrigger = 0x80;  // beside the shift

}  // namespace

void PendingRow::set_trigger(std::string_view trigger) {
  NUDGE_CHECK(trigger_bytes == 0 && trigger.size() <= kTriggerBytesMax, "one trigger of a limited size");
  packed.append(trigger);
  trigger_bytes = static_cast<std::uint16_t>(trigger.size());
}

void PendingRow::encode(Encoder& out) const {
  out.fixed32(target);
  out.fixed32(schema);
  out.zigzag(at);
  out.varint(until == kNever ? 0 : static_cast<std::uint64_t>(until - at) + 1);
  out.fixed64(session);
  out.fixed64(score_id);
  out.zigzag(probability_micro);
  out.byte(trigger_bytes > 0 ? shift | kHasTrigger : shift);
  out.text(features());
  if (trigger_bytes > 0) out.text(trigger());
}

void PendingRow::decode(Decoder& in) {
  target = in.fixed32();
  schema = in.fixed32();
  at = in.zigzag();
  const std::uint64_t span = in.varint();
  until = span == 0 ? kNever : at + static_cast<Millis>(span - 1);
  session = in.fixed64();
  score_id = in.fixed64();
  probability_micro = static_cast<std::int32_t>(in.zigzag());
  const std::uint8_t flags = in.byte();
  shift = flags & ~kHasTrigger;
  packed = in.text();
  trigger_bytes = 0;
  const std::string_view trigger = (flags & kHasTrigger) != 0 ? in.text() : std::string_view();
  if (shift > kShiftMost || trigger.size() > kTriggerBytesMax) return in.fail();
  set_trigger(trigger);
}

void MatureRow::encode(Encoder& out) const {
  out.zigzag(mature_at);
  out.zigzag(mature_at - scored_at);
  out.text(customer);
  out.fixed64(score_id);
  out.byte(static_cast<std::uint8_t>(shift * 2 + (label ? 1 : 0)));
  out.zigzag(probability_micro);
  out.text(features);
}

void MatureRow::decode(Decoder& in) {
  mature_at = in.zigzag();
  scored_at = mature_at - in.zigzag();
  customer = in.text();
  score_id = in.fixed64();
  const std::uint8_t flags = in.byte();
  shift = flags / 2;
  label = flags % 2;
  probability_micro = static_cast<std::int32_t>(in.zigzag());
  features = in.text();
  if (shift > kShiftMost) in.fail();
}

void choose_rows(std::vector<MatureRow>& rows, std::size_t most) {
  if (rows.size() > most) {
    std::nth_element(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(most), rows.end(),
                     [](const MatureRow& left, const MatureRow& right) {
                       return std::tuple(left.priority(), left.score_id, left.customer) <
                              std::tuple(right.priority(), right.score_id, right.customer);
                     });
    rows.resize(most);
  }
  std::sort(rows.begin(), rows.end(), [](const MatureRow& left, const MatureRow& right) {
    return std::tuple(left.mature_at, left.customer, left.score_id) <
           std::tuple(right.mature_at, right.customer, right.score_id);
  });
}

std::vector<MatureRow> RowBuffer::rows(std::string_view bytes) const {
  std::vector<MatureRow> rows(count_);
  Decoder in(bytes);
  for (MatureRow& row : rows) row.decode(in);
  NUDGE_CHECK(in.ok() && in.at_end(), "rows as they were added");
  return rows;
}

void RowBuffer::replace(const std::vector<MatureRow>& rows) {
  std::string bytes;
  Encoder out(bytes);
  for (const MatureRow& row : rows) row.encode(out);
  bytes_ = std::move(bytes);
  stored_.replaced();
  count_ = rows.size();
}

void RowBuffer::add(const MatureRow& row, std::size_t most) {
  Encoder out(bytes_);
  row.encode(out);
  if (++count_ < 2 * most) return;
  std::vector<MatureRow> kept = rows(bytes_);
  dropped_ += kept.size() - most;
  choose_rows(kept, most);
  replace(kept);
}

void RowBuffer::take(Millis until, std::size_t most, Encoder& out) {
  const std::string bytes = std::move(bytes_);
  std::vector<MatureRow> due = rows(bytes);
  bytes_.clear();
  const auto later =
      std::stable_partition(due.begin(), due.end(), [until](const MatureRow& row) { return row.mature_at <= until; });
  const std::vector<MatureRow> rest(later, due.end());
  due.erase(later, due.end());
  out.varint(due.size() + dropped_);
  dropped_ = 0;
  choose_rows(due, most);
  out.varint(due.size());
  for (const MatureRow& row : due) row.encode(out);
  replace(rest);
}

void RowBuffer::erase(std::string_view customer) {
  const std::string bytes = std::move(bytes_);
  std::vector<MatureRow> kept = rows(bytes);
  std::erase_if(kept, [customer](const MatureRow& row) { return row.customer == customer; });
  replace(kept);
}

void RowBuffer::encode(Encoder& out) const {
  out.varint(count_);
  out.varint(dropped_);
}

void RowBuffer::decode(Decoder& in) {
  count_ = in.varint();
  dropped_ = in.varint();
}

}  // namespace nudge::scores
