#include "engine/runtime/sweep_calendar.h"

#include <algorithm>

namespace nudge::runtime {

SweepCalendar::SweepCalendar(const Program& program) {
  for (const std::uint8_t slot : program.implementing(Call::kSweep))
    operators_.push_back({program.operators()[slot].spec->make(program.setup(slot, &no_products_))});
}

void SweepCalendar::start(Millis watermark) {
  for (Operator& each : operators_) each.next = each.keyed->next_sweep(watermark);
}

void SweepCalendar::advance(Millis watermark) {
  for (Operator& each : operators_)
    while (each.next <= watermark) each.next = each.keyed->next_sweep(each.next);
}

Millis SweepCalendar::next() const {
  Millis next = kNever;
  for (const Operator& each : operators_) next = std::min(next, each.next);
  return next;
}

void SweepCalendar::encode(Encoder& out) const {
  out.varint(operators_.size());
  for (const Operator& each : operators_) out.zigzag(each.next);
}

void SweepCalendar::decode(Decoder& in) {
  if (in.count() != operators_.size()) in.fail();
  for (Operator& each : operators_) each.next = in.zigzag();
}

}  // namespace nudge::runtime
