// Event time in the keyed stage: timers and sweeps.
#include <algorithm>

#include "engine/runtime/keyed_context.h"
#include "engine/runtime/keyed_task.h"

namespace nudge::runtime {

void KeyedTask::arm(Customer& customer, std::uint8_t slot, Millis due) {
  Timer* const own = customer.slots.timer_or_null(slot);
  NUDGE_CHECK(own, "an operator that arms timers has them in its spec");
  Timer& timer = *own;
  timer.due = due;
  if (due >= timer.queued) return;  // the queued one comes first and is then queued anew
  if (timer.queued != kNever) timers_.erase({timer.queued, slot, customer.key});
  timer.queued = due;
  timers_.insert({due, slot, customer.key});
}

Result<bool> KeyedTask::advance(Millis watermark) {
  for (Millis due = next_sweep(); due <= watermark; due = next_sweep()) {
    const auto slot =
        static_cast<std::uint8_t>(std::find(next_sweeps_.begin(), next_sweeps_.end(), due) - next_sweeps_.begin());
    if (!sweep_) {
      NUDGE_ASSIGN(const bool fired, fire_until(due, slot, true));
      if (!fired) return false;
      sweep_.emplace().slot = slot;
      sweep_->due = due;
    }
    NUDGE_ASSIGN(const bool swept, go_on_sweeping());
    if (!swept) return false;
    next_sweeps_[slot] = operators_[slot]->next_sweep(due);
  }
  NUDGE_ASSIGN(const bool fired, fire_until(watermark, 0xff, true));
  if (!fired) return false;
  watermark_ = std::max(watermark_, watermark);
  return true;
}

Result<bool> KeyedTask::fire_until(Millis due, std::uint8_t slot_before, bool may_pause) {
  const auto is_due = [&](const QueuedTimer& timer) {
    return timer.due < due || (timer.due == due && timer.slot < slot_before);
  };
  while (!timers_.empty() && is_due(*timers_.begin())) {
    if (!customers_.complete()) {
      wanted_.clear();
      for (auto timer = timers_.begin(); timer != timers_.end() && is_due(*timer) && wanted_.size() < kPauseCalls;
           ++timer)
        wanted_.push_back(timer->customer);
      NUDGE_TRY(customers_.prefetch(wanted_));
    }
    for (std::size_t fired = 0; !timers_.empty() && is_due(*timers_.begin()); ++fired) {
      if (may_pause && pauses(fired)) return false;
      if (fired == kPauseCalls) break;
      const QueuedTimer timer = *timers_.begin();
      timers_.erase(timers_.begin());
      NUDGE_TRY(fire(timer));
    }
  }
  return true;
}

Status KeyedTask::fire(const QueuedTimer& queued) {
  NUDGE_ASSIGN(Customer* const customer, this->customer(queued.customer, {}));
  Timer& timer = customer->slots.timer(queued.slot);
  timer.queued = kNever;
  if (timer.due > queued.due) {
    if (timer.due != kNever) arm(*customer, queued.slot, timer.due);
    return Status::ok();
  }
  run_timer(*customer, queued.slot, queued.due);
  return Status::ok();
}

void KeyedTask::bind_at(Customer& customer, Cause::Kind kind, Millis time) {
  Cause cause;
  cause.kind = kind;
  cause.event_time = time;
  context_->bind(customer, cause, time, time);
}

void KeyedTask::run_timer(Customer& customer, std::uint8_t slot, Millis due) {
  customer.slots.timer(slot).due = kNever;
  customers_.mark_dirty(customer);
  bind_at(customer, Cause::Kind::kTimer, due);
  operators_[slot]->timer(context_->at(slot));
  settle();
}

void KeyedTask::catch_up(Customer& customer, Millis until) {
  while (until > watermark_) {
    Millis due = until;
    std::optional<std::uint8_t> next;
    bool is_sweep = false;
    for (const std::uint8_t slot : program_.timed()) {
      const Timer& timer = customer.slots.timer(slot);
      if (timer.due < due || (timer.due == due && !next)) {
        due = timer.due;
        next = slot;
        is_sweep = false;
      }
      Millis sweep = next_sweeps_[slot];
      if (sweep != kNever && timer.swept >= sweep) sweep = operators_[slot]->next_sweep(timer.swept);
      if (sweep < due || (sweep == due && !next)) {
        due = sweep;
        next = slot;
        is_sweep = true;
      }
    }
    if (!next) return;
    if (is_sweep) {
      customers_.mark_dirty(customer);  // it is ahead of the sweep now
      visit(customer, *next, due);
      continue;
    }
    Timer& timer = customer.slots.timer(*next);
    if (timer.queued != kNever) timers_.erase({timer.queued, *next, customer.key});
    timer.queued = kNever;
    run_timer(customer, *next, due);
  }
}

void KeyedTask::visit(Customer& customer, std::uint8_t slot, Millis due) {
  Millis& swept = customer.slots.timer(slot).swept;
  if (swept >= due) return;
  swept = due;
  bind_at(customer, Cause::Kind::kSweep, due);
  operators_[slot]->sweep(context_->at(slot));
  settle();
}

Result<bool> KeyedTask::go_on_sweeping() {
  if (!sweep_->walk) sweep_->walk = std::make_unique<BaseWalk>(customers_, store_, task_, sweep_->after);
  for (std::size_t visited = 0; !pauses(visited); ++visited) {
    NUDGE_ASSIGN(Customer* const customer, sweep_->walk->next());
    if (!customer) {
      sweep_.reset();
      return true;
    }
    sweep_->after = customer->key;
    if (!customer->id.empty()) visit(*customer, sweep_->slot, sweep_->due);
  }
  return false;
}

}  // namespace nudge::runtime
