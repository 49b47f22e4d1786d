#include "engine/runtime/keyed_task.h"

#include "engine/runtime/keyed_context.h"

namespace nudge::runtime {

KeyedTask::KeyedTask(std::uint32_t task, const Program& program, const state::Store& store, bool fresh)
    : task_(task),
      program_(program),
      store_(store),
      customers_('c', task, store, fresh, [&program](Customer& customer) { customer.bind(program); }) {
  for (std::size_t slot = 0; slot < program.operators().size(); ++slot)
    operators_.push_back(program.operators()[slot].spec->make(program.setup(slot)));
  next_sweeps_.assign(operators_.size(), kNever);
  context_ = std::make_unique<Context>(*this);
}

KeyedTask::~KeyedTask() = default;

void KeyedTask::start(Millis watermark) {
  watermark_ = watermark;
  for (const std::uint8_t slot : program_.implementing(Call::kSweep))
    next_sweeps_[slot] = operators_[slot]->next_sweep(watermark);
}

Millis KeyedTask::next_sweep() const {
  Millis next = kNever;
  for (const Millis due : next_sweeps_) next = std::min(next, due);
  return next;
}

// ---- messages ----------------------------------------------------------------------------------------

Status KeyedTask::process(std::span<const KeyedMessage* const> messages) {
  wanted_.clear();
  for (const KeyedMessage* message : messages) wanted_.push_back(message->customer);
  NUDGE_TRY(customers_.prefetch(wanted_));
  for (std::size_t begin = 0; begin < messages.size();) {
    std::size_t end = begin + 1;
    while (end < messages.size() && messages[end]->origin.index == messages[begin]->origin.index) ++end;
    NUDGE_TRY(process_origin(messages.subspan(begin, end - begin)));
    begin = end;
  }
  return Status::ok();
}

// All messages of one input record; they may concern several customers.
Status KeyedTask::process_origin(std::span<const KeyedMessage* const> messages) {
  const Millis watermark = std::min(messages.front()->origin.order.seen - program_.settings().disorder, horizon_);
  if (watermark > watermark_) {
    NUDGE_TRY(fire_until(watermark, 0xff));
    watermark_ = watermark;
  }
  if (messages.size() == 1) return process_customer(messages);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Hash128& customer = messages[i]->customer;
    bool done = false;
    for (std::size_t before = 0; before < i && !done; ++before) done = messages[before]->customer == customer;
    if (done) continue;
    group_.clear();
    for (std::size_t j = i; j < messages.size(); ++j)
      if (messages[j]->customer == customer) group_.push_back(messages[j]);
    NUDGE_TRY(process_customer(group_));
  }
  return Status::ok();
}

Status KeyedTask::process_customer(std::span<const KeyedMessage* const> messages) {
  const KeyedMessage& first = *messages.front();
  NUDGE_ASSIGN(Customer* const customer, this->customer(first.customer, first.customer_id));
  customers_.mark_dirty(*customer);
  catch_up(*customer, std::min(first.origin.event_time, horizon_));
  Cause cause;
  cause.kind = Cause::Kind::kMove;
  cause.event_time = first.origin.event_time;
  for (const KeyedMessage* message : messages) {
    if (!message->own) continue;
    cause.kind = Cause::Kind::kRecord;
    cause.record = Event(message->event);
    cause.on_time = cause.record->time() >= watermark_;
  }
  context_->bind(*customer, cause, std::max(cause.event_time, watermark_), watermark_);
  for (const KeyedMessage* message : messages) {
    if (message->op == KeyedMessage::Op::kErase) {
      erase(*message, *customer);
      return Status::ok();
    }
    // A record that became a fact at once is in the timeline already.
    const bool applied = message->op == KeyedMessage::Op::kRecordAdded &&
                         std::any_of(messages.begin(), messages.end(), [&](const KeyedMessage* other) {
                           return other->op == KeyedMessage::Op::kApply && other->event == message->event;
                         });
    deliver(*message, applied, *customer);
  }
  settle();
  return Status::ok();
}

void KeyedTask::deliver(const KeyedMessage& message, bool applied_too, Customer& customer) {
  const Event event(message.event);
  const std::vector<std::uint8_t>& slots = program_.taking(event.topic());
  switch (message.op) {
    case KeyedMessage::Op::kApply:
      remember(customer, TimelineEntry::Kind::kApply, 0, message.event);
      for (const std::uint8_t slot : slots) operators_[slot]->apply(event, context_->at(slot));
      break;
    case KeyedMessage::Op::kRetract:
      remember(customer, TimelineEntry::Kind::kRetract, 0, message.event);
      for (const std::uint8_t slot : slots) operators_[slot]->retract(event, context_->at(slot));
      break;
    case KeyedMessage::Op::kRecordAdded:
    case KeyedMessage::Op::kRecordLost: {
      const bool added = message.op == KeyedMessage::Op::kRecordAdded;
      if (added && !applied_too) remember(customer, TimelineEntry::Kind::kRecord, 0, message.event);
      for (const std::uint8_t slot : program_.implementing(Call::kRecord))
        operators_[slot]->record(event, added, context_->at(slot));
      break;
    }
    case KeyedMessage::Op::kErase:
      break;
  }
}

void KeyedTask::remember(Customer& customer, TimelineEntry::Kind kind, std::uint8_t slot, std::string_view bytes) {
  customer.timeline.append(kind, slot, bytes);
  pending_bytes_ += bytes.size();
}

void KeyedTask::settle() {
  for (const std::uint8_t slot : program_.implementing(Call::kSettle)) operators_[slot]->settle(context_->at(slot));
  signals_.clear();
}

void KeyedTask::erase(const KeyedMessage& message, Customer& customer) {
  for (const std::uint8_t slot : program_.implementing(Call::kErase)) operators_[slot]->erase(context_->at(slot));
  signals_.clear();
  for (std::size_t slot = 0; slot < customer.timers.size(); ++slot)
    if (customer.timers[slot].queued != kNever)
      timers_.erase({customer.timers[slot].queued, static_cast<std::uint8_t>(slot), customer.key});
  erased_.push_back(customer.key);
  customers_.erase(customer.key);
  Customer& empty = customers_.insert(message.customer);
  empty.id = message.customer_id;
  customers_.mark_dirty(empty);
}

Result<Customer*> KeyedTask::customer(const Hash128& hash, std::string_view id) {
  Customer* customer = customers_.find(hash);
  if (!customer) {
    NUDGE_ASSIGN(customer, customers_.get(hash));
  }
  if (customer->id.empty()) customer->id = id;
  NUDGE_CHECK(id.empty() || customer->id == id, "two customers with one hash");
  return customer;
}

// ---- time -----------------------------------------------------------------------------------------------

void KeyedTask::arm(Customer& customer, std::uint8_t slot, Millis due) {
  Timer& timer = customer.timers[slot];
  timer.due = due;
  if (due >= timer.queued) return;  // the queued one comes first and is then queued anew
  if (timer.queued != kNever) timers_.erase({timer.queued, slot, customer.key});
  timer.queued = due;
  timers_.insert({due, slot, customer.key});
}

Status KeyedTask::advance(Millis watermark) {
  for (;;) {
    const Millis due = next_sweep();
    if (due > watermark) break;
    for (std::uint8_t slot = 0; slot < next_sweeps_.size(); ++slot) {
      if (next_sweeps_[slot] != due) continue;
      NUDGE_TRY(fire_until(due, slot));
      NUDGE_TRY(sweep(slot, due));
      next_sweeps_[slot] = operators_[slot]->next_sweep(due);
    }
  }
  NUDGE_TRY(fire_until(watermark, 0xff));
  watermark_ = std::max(watermark_, watermark);
  return Status::ok();
}

// Timers that are due before (due, slot_before), in the order (due, operator, customer).
Status KeyedTask::fire_until(Millis due, std::uint8_t slot_before) {
  const auto is_due = [&](const QueuedTimer& timer) {
    return timer.due < due || (timer.due == due && timer.slot < slot_before);
  };
  while (!timers_.empty() && is_due(*timers_.begin())) {
    if (!customers_.complete()) {
      constexpr std::size_t kLookAhead = 8'192;
      wanted_.clear();
      for (auto timer = timers_.begin(); timer != timers_.end() && is_due(*timer) && wanted_.size() < kLookAhead;
           ++timer)
        wanted_.push_back(timer->customer);
      NUDGE_TRY(customers_.prefetch(wanted_));
    }
    for (std::size_t fired = 0; fired < 8'192 && !timers_.empty() && is_due(*timers_.begin()); ++fired) {
      const QueuedTimer timer = *timers_.begin();
      timers_.erase(timers_.begin());
      NUDGE_TRY(fire(timer));
    }
  }
  return Status::ok();
}

Status KeyedTask::fire(const QueuedTimer& queued) {
  NUDGE_ASSIGN(Customer* const customer, this->customer(queued.customer, {}));
  Timer& timer = customer->timers[queued.slot];
  timer.queued = kNever;
  if (timer.due > queued.due) {
    if (timer.due != kNever) arm(*customer, queued.slot, timer.due);
    return Status::ok();
  }
  run_timer(*customer, queued.slot, queued.due);
  return Status::ok();
}

void KeyedTask::run_timer(Customer& customer, std::uint8_t slot, Millis due) {
  customer.timers[slot].due = kNever;
  customers_.mark_dirty(customer);
  Cause cause;
  cause.kind = Cause::Kind::kTimer;
  cause.event_time = due;
  context_->bind(customer, cause, due, due);
  operators_[slot]->timer(context_->at(slot));
  settle();
}

void KeyedTask::catch_up(Customer& customer, Millis until) {
  while (until > watermark_) {
    Millis due = until;
    std::optional<std::uint8_t> next;
    bool is_sweep = false;
    for (std::uint8_t slot = 0; slot < customer.timers.size(); ++slot) {
      const Timer& timer = customer.timers[slot];
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
      visit(customer, *next, due);
      continue;
    }
    Timer& timer = customer.timers[*next];
    if (timer.queued != kNever) timers_.erase({timer.queued, *next, customer.key});
    timer.queued = kNever;
    run_timer(customer, *next, due);
  }
}

void KeyedTask::visit(Customer& customer, std::uint8_t slot, Millis due) {
  if (customer.timers[slot].swept >= due) return;
  customer.timers[slot].swept = due;
  Cause cause;
  cause.kind = Cause::Kind::kSweep;
  cause.event_time = due;
  context_->bind(customer, cause, due, due);
  operators_[slot]->sweep(context_->at(slot));
  settle();
}

Status KeyedTask::sweep(std::uint8_t slot, Millis due) {
  std::vector<Hash128> cached;
  cached.reserve(customers_.size());
  customers_.for_each([&](const Customer& customer) { cached.push_back(customer.key); });
  std::sort(cached.begin(), cached.end());
  if (!customers_.complete()) {
    const std::string prefix = key::task_prefix('c', task_);
    for (const auto cursor = store_.scan(prefix, key::after(prefix)); cursor->valid(); cursor->next()) {
      const Hash128 hash = key::hash_in(cursor->key());
      if (std::binary_search(cached.begin(), cached.end(), hash)) continue;
      NUDGE_ASSIGN(Customer* const customer, customers_.load(hash, cursor->value()));
      visit(*customer, slot, due);
      if (!customer->dirty) customers_.erase(hash);
    }
  }
  for (const Hash128& hash : cached)
    if (Customer* const customer = customers_.find(hash); customer && !customer->id.empty())
      visit(*customer, slot, due);
  return Status::ok();
}

void KeyedTask::adopt(const Model& model) {
  for (const std::uint8_t slot : program_.implementing(Call::kAdopt)) {
    const std::string_view name = program_.operators()[slot].spec->name;
    if (model.name.size() > name.size() && model.name.starts_with(name) && model.name[name.size()] == '.')
      operators_[slot]->adopt(model);
  }
}

std::vector<std::string> KeyedTask::partials(Millis epoch_end) {
  std::vector<std::string> partials(operators_.size());
  for (const std::uint8_t slot : program_.implementing(Call::kPartial))
    partials[slot] = operators_[slot]->partial(epoch_end);
  return partials;
}

// ---- the end ----------------------------------------------------------------------------------------------

Status KeyedTask::finish(Millis end) {
  const std::vector<std::uint8_t>& slots = program_.implementing(Call::kFinish);
  const std::string customers = key::task_prefix('c', task_), chunks = key::task_prefix('h', task_);
  const auto cursor = store_.scan(customers, key::after(customers));
  const auto timelines = store_.scan(chunks, key::after(chunks));
  for (; cursor->valid(); cursor->next()) {
    const Hash128 hash = key::hash_in(cursor->key());
    Customer customer;
    customer.key = hash;
    customer.bind(program_);
    if (!customer.decode(cursor->value()))
      return Status::io("the state is damaged: a customer cannot be read; replay into a new engine.state_dir");
    Cause cause;
    cause.kind = Cause::Kind::kFinish;
    cause.event_time = end;
    context_->bind(customer, cause, end, end);
    StoredTimeline timeline(*timelines, task_, hash);
    for (std::size_t i = 0; i < slots.size(); ++i) operators_[slots[i]]->finish(context_->at(slots[i]), timeline);
    signals_.clear();
    if (timeline.damaged())
      return Status::io("the state is damaged: a timeline cannot be read; replay into a new engine.state_dir");
  }
  NUDGE_TRY(timelines->status());
  return cursor->status();
}

std::vector<std::string> KeyedTask::conclude() {
  std::vector<std::string> conclusions(operators_.size());
  for (const std::uint8_t slot : program_.implementing(Call::kFinish)) conclusions[slot] = operators_[slot]->conclude();
  return conclusions;
}

// ---- durability -------------------------------------------------------------------------------------------

void KeyedTask::write_changes(state::Batch& batch) {
  for (const Hash128& hash : erased_)
    batch.erase_range(key::chunk('h', task_, hash, 0), key::chunk('h', task_, hash, ~0u));
  erased_.clear();
  pending_bytes_ = 0;
  customers_.write_changes(batch, [&](Customer& customer) { customer.timeline.write(batch, task_, customer.key); });
  for (const std::uint8_t slot : program_.implementing(Call::kTaskState)) {
    std::string bytes;
    Encoder out(bytes);
    operators_[slot]->encode_task(out);
    batch.put(key::task_prefix('o', task_) + std::to_string(program_.operators()[slot].id), bytes);
  }
  batch.put(key::task_prefix('k', task_), own_state());
}

std::string KeyedTask::own_state() const {
  std::string bytes;
  Encoder out(bytes);
  out.zigzag(watermark_);
  out.varint(next_sweeps_.size());
  for (const Millis due : next_sweeps_) out.zigzag(due);
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
  for (std::size_t left = in.count(); left > 0; --left) {
    const std::string name(in.text());
    counts_[name] = in.varint();
  }
  if (!in.ok() || next_sweeps_.size() != operators_.size())
    return Status::io("the state is damaged: a task's clock cannot be read; replay into a new engine.state_dir");
  return Status::ok();
}

Status KeyedTask::restore() {
  NUDGE_ASSIGN(const auto own, store_.get(key::task_prefix('k', task_)));
  if (!own) return Status::ok();
  NUDGE_TRY(decode_own_state(*own));
  for (const std::uint8_t slot : program_.implementing(Call::kTaskState)) {
    NUDGE_ASSIGN(const auto bytes,
                 store_.get(key::task_prefix('o', task_) + std::to_string(program_.operators()[slot].id)));
    if (!bytes) continue;
    Decoder in(*bytes);
    operators_[slot]->decode_task(in);
    if (!in.ok())
      return Status::io("the state is damaged: the state of operator " +
                        std::string(program_.operators()[slot].spec->name) +
                        " cannot be read; replay into a new engine.state_dir");
  }
  const std::string prefix = key::task_prefix('c', task_);
  const auto cursor = store_.scan(prefix, key::after(prefix));
  for (; cursor->valid(); cursor->next()) {
    Customer customer;
    customer.bind(program_);
    if (!customer.decode(cursor->value()))
      return Status::io("the state is damaged: a customer cannot be read; replay into a new engine.state_dir");
    const Hash128 hash = key::hash_in(cursor->key());
    for (std::size_t slot = 0; slot < customer.timers.size(); ++slot)
      if (customer.timers[slot].due != kNever)
        timers_.insert({customer.timers[slot].due, static_cast<std::uint8_t>(slot), hash});
  }
  return cursor->status();
}

}  // namespace nudge::runtime
