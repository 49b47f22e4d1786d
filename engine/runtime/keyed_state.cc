// What the keyed stage writes and reads back, and its last words.
#include <algorithm>

#include "engine/runtime/keyed_context.h"
#include "engine/runtime/keyed_task.h"
#include "engine/runtime/piece_changes.h"

namespace nudge::runtime {

void KeyedTask::write_timelines(state::ChangeWriter& changes) {
  for (const Hash128& hash : erased_)
    for (const char kind : {key::kPiece, key::kTimeline}) {
      const std::string all = key::entity(kind, task_, hash);
      changes.erase_range(all, key::after(all));
    }
  erased_.clear();
  customers_.for_each_changed(
      [&](Customer& customer) { customer.timeline.write(pending_, changes, task_, customer.key, chunk_bytes_least_); });
  pending_.clear();
}

void KeyedTask::write_changes(state::ChangeWriter& changes) {
  if (!program_.in_pieces().empty())
    customers_.for_each_changed([&](Customer& customer) { customer.write_pieces(changes, task_); });
  write_timelines(changes);
  customers_.write_changes(changes);
  for (const std::uint8_t slot : by_id(program_.implementing(Call::kTaskState))) {
    std::string bytes;
    Encoder out(bytes);
    operators_[slot]->encode_task(out);
    changes.put(key::operator_state(task_, program_.operators()[slot].id), bytes);
  }
  changes.put(key::task_prefix(key::kKeyedClock, task_), own_state());
  for (const std::uint8_t slot : by_id(program_.implementing(Call::kTaskPieces))) {
    PieceChanges pieces(changes, key::task_pieces(task_, program_.operators()[slot].id));
    operators_[slot]->write_task_pieces(pieces);
  }
  if (products_) {
    PieceChanges pieces(changes, key::task_prefix(key::kProducts, task_));
    products_->write_pieces(pieces);
  }
}

// Keys are written in their order.
std::vector<std::uint8_t> KeyedTask::by_id(std::vector<std::uint8_t> slots) const {
  std::sort(slots.begin(), slots.end(), [this](std::uint8_t left, std::uint8_t right) {
    return program_.operators()[left].id < program_.operators()[right].id;
  });
  return slots;
}

void KeyedTask::after_commit(std::size_t cache_bytes_max) {
  customers_.evict(cache_bytes_max);
  if (sweep_ && sweep_->walk) sweep_->walk->renew();
}

std::string KeyedTask::own_state() const {
  std::string bytes;
  Encoder out(bytes);
  out.zigzag(watermark_);
  out.varint(next_sweeps_.size());
  for (const Millis due : next_sweeps_) out.zigzag(due);
  out.boolean(sweep_.has_value());
  if (sweep_) {
    out.byte(sweep_->slot);
    out.zigzag(sweep_->due);
    out.fixed64(sweep_->after ? sweep_->after->high : 0);
    out.fixed64(sweep_->after ? sweep_->after->low : 0);
  }
  out.varint(counts_.size());
  for (const auto& [name, n] : counts_) {
    out.text(name);
    out.varint(n);
  }
  return bytes;
}

Status KeyedTask::decode_own_state(std::string_view bytes) {
  Decoder in(bytes);
  watermark_ = in.zigzag();
  next_sweeps_.assign(in.count(), kNever);
  for (Millis& due : next_sweeps_) due = in.zigzag();
  if (in.boolean()) {
    sweep_.emplace().slot = in.byte();
    sweep_->due = in.zigzag();
    sweep_->after = Hash128{in.fixed64(), in.fixed64()};
    if (sweep_->slot >= operators_.size()) in.fail();
  }
  for (std::size_t left = in.count(); left > 0; --left) {
    const std::string name(in.text());
    counts_[name] = in.varint();
  }
  if (!in.ok() || next_sweeps_.size() != operators_.size())
    return Status::io("the state is damaged: a task's clock cannot be read; replay into a new engine.state_dir");
  return Status::ok();
}

Status KeyedTask::restore_operator(std::uint8_t slot) {
  const ActiveOperator& active = program_.operators()[slot];
  const auto damaged = [&] {
    return Status::io("the state is damaged: the state of operator " + std::string(active.spec->name) +
                      " cannot be read; replay into a new engine.state_dir");
  };
  if (has_call(active.spec->calls, Call::kTaskState)) {
    NUDGE_ASSIGN(const auto bytes, store_.get(key::operator_state(task_, active.id)));
    Decoder in(bytes ? std::string_view(*bytes) : std::string_view());
    if (bytes) operators_[slot]->decode_task(in);
    if (!in.ok()) return damaged();
  }
  if (!has_call(active.spec->calls, Call::kTaskPieces)) return Status::ok();
  const std::string prefix = key::task_pieces(task_, active.id);
  const auto cursor = store_.scan(prefix, key::after(prefix));
  for (; cursor->valid(); cursor->next())
    if (!operators_[slot]->read_task_piece(key::piece_number(cursor->key()), cursor->value())) return damaged();
  return cursor->status();
}

Status KeyedTask::restore_products() {
  const std::string prefix = key::task_prefix(key::kProducts, task_);
  const auto cursor = store_.scan(prefix, key::after(prefix));
  bool is_whole = true;
  for (; cursor->valid() && is_whole; cursor->next())
    is_whole = products_->read_piece(key::piece_number(cursor->key()), cursor->value());
  NUDGE_TRY(cursor->status());
  if (is_whole && products_->end_pieces()) return Status::ok();
  return Status::io("the state is damaged: the products cannot be read; replay into a new engine.state_dir");
}

Status KeyedTask::restore() {
  NUDGE_ASSIGN(const auto own, store_.get(key::task_prefix(key::kKeyedClock, task_)));
  if (!own) return Status::ok();
  NUDGE_TRY(decode_own_state(*own));
  if (products_) NUDGE_TRY(restore_products());
  for (std::uint8_t slot = 0; slot < operators_.size(); ++slot) NUDGE_TRY(restore_operator(slot));
  std::vector<QueuedTimer> timers;
  BaseWalk walk(customers_, store_, task_, std::nullopt);
  for (;;) {
    NUDGE_ASSIGN(Customer* const customer, walk.next());
    if (!customer) break;
    bind_at(*customer, Cause::Kind::kFinish, watermark_);
    for (const std::uint8_t slot : program_.implementing(Call::kRestore)) operators_[slot]->restore(context_->at(slot));
    for (const std::uint8_t slot : program_.timed())
      if (const Millis due = customer->slots.timer(slot).due; due != kNever)
        timers.push_back({due, slot, customer->key});
  }
  std::sort(timers.begin(), timers.end());
  timers_.insert(timers.begin(), timers.end());
  return Status::ok();
}

// ---- the end ----------------------------------------------------------------------------------------------

Status KeyedTask::close(Millis end) {
  const std::vector<std::uint8_t>& slots = program_.implementing(Call::kClose);
  if (slots.empty()) return Status::ok();
  BaseWalk walk(customers_, store_, task_, std::nullopt);
  for (;;) {
    NUDGE_ASSIGN(Customer* const customer, walk.next());
    if (!customer) return Status::ok();
    if (customer->id.empty()) continue;
    bind_at(*customer, Cause::Kind::kFinish, end);
    for (const std::uint8_t slot : slots) operators_[slot]->close(context_->at(slot));
  }
}

Result<bool> KeyedTask::finish(Millis end) {
  const std::vector<std::uint8_t>& slots = program_.implementing(Call::kFinish);
  if (!finish_) {
    const std::string chunks = key::task_prefix(key::kTimeline, task_);
    finish_.emplace(BaseWalk(customers_, store_, task_, std::nullopt), store_.scan(chunks, key::after(chunks)));
  }
  for (std::size_t visited = 0; !pauses(visited); ++visited) {
    NUDGE_ASSIGN(Customer* const customer, finish_->walk.next());
    if (!customer) {
      NUDGE_TRY(finish_->timelines->status());
      finish_.reset();
      return true;
    }
    bind_at(*customer, Cause::Kind::kFinish, end);
    StoredTimeline timeline(*finish_->timelines, task_, customer->key, customer->timeline.open());
    for (const std::uint8_t slot : slots) operators_[slot]->finish(context_->at(slot), timeline);
    signals_.clear();
    if (timeline.damaged())
      return Status::io("the state is damaged: a timeline cannot be read; replay into a new engine.state_dir");
  }
  return false;
}

std::vector<std::string> KeyedTask::conclude() {
  std::vector<std::string> conclusions(operators_.size());
  for (const std::uint8_t slot : program_.implementing(Call::kFinish)) conclusions[slot] = operators_[slot]->conclude();
  return conclusions;
}

}  // namespace nudge::runtime
