#include "engine/runtime/keyed_task.h"

#include <algorithm>

#include "engine/runtime/keyed_context.h"

namespace nudge::runtime {

KeyedTask::KeyedTask(std::uint32_t task, const Program& program, const state::Store& store, bool fresh)
    : task_(task),
      program_(program),
      store_(store),
      customers_(key::kCustomer, task, store, fresh, [&program](Customer& customer) { customer.bind(program); }),
      traces_(program.settings().partitions) {
  if (program.reads_products()) products_ = std::make_unique<ProductCatalog>(program.settings().products_max);
  for (std::size_t slot = 0; slot < program.operators().size(); ++slot)
    operators_.push_back(program.operators()[slot].spec->make(program.setup(slot, products_.get(), task)));
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

Status KeyedTask::process(std::span<const KeyedMessage* const> messages, std::span<const ProductMessage> products) {
  traces_.clear();
  wanted_.clear();
  for (const KeyedMessage* message : messages) wanted_.push_back(message->customer);
  NUDGE_TRY(customers_.prefetch(wanted_));
  // Looked up together, so that the processor waits for many of them at a time.
  ahead_.clear();
  for (const KeyedMessage* message : messages) ahead_.push_back(customers_.peek(message->customer));
  for (std::size_t begin = 0; begin < messages.size();) {
    std::size_t end = begin + 1;
    const std::size_t later = begin + kPrefetchAhead;
    if (later < ahead_.size() && ahead_[later]) ahead_[later]->prefetch();
    if (later + kPrefetchAhead < ahead_.size()) __builtin_prefetch(ahead_[later + kPrefetchAhead]);
    while (end < messages.size() && messages[end]->origin.index == messages[begin]->origin.index) ++end;
    NUDGE_TRY(take_products(products, messages[begin]->origin.index));
    NUDGE_TRY(process_origin(messages.subspan(begin, end - begin)));
    begin = end;
  }
  return take_products(products, UINT64_MAX);
}

Status KeyedTask::take_products(std::span<const ProductMessage>& products, std::uint64_t before) {
  for (; !products.empty() && products.front().origin.index < before; products = products.subspan(1)) {
    // What is due before the record must not know of it.
    NUDGE_TRY(pass_time(products.front().origin));
    products_->take(Event(products.front().event));
  }
  return Status::ok();
}

Status KeyedTask::pass_time(const Origin& until) {
  const Millis watermark = std::min(until.order.seen - program_.settings().disorder, horizon_);
  if (watermark <= watermark_) return Status::ok();
  NUDGE_TRY(fire_until(watermark, 0xff, false).status());
  watermark_ = watermark;
  return Status::ok();
}

// All messages of one input record; they may concern several customers.
Status KeyedTask::process_origin(std::span<const KeyedMessage* const> messages) {
  NUDGE_TRY(pass_time(messages.front()->origin));
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
    if (message->op == KeyedMessage::Op::kErase) return erase(*message, *customer);
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
      remember(customer, TimelineEntry::Kind::kApply, event);
      for (const std::uint8_t slot : slots) operators_[slot]->apply(event, context_->at(slot));
      break;
    case KeyedMessage::Op::kRetract:
      remember(customer, TimelineEntry::Kind::kRetract, event);
      for (const std::uint8_t slot : slots) operators_[slot]->retract(event, context_->at(slot));
      break;
    case KeyedMessage::Op::kRecordAdded:
    case KeyedMessage::Op::kRecordLost: {
      const bool added = message.op == KeyedMessage::Op::kRecordAdded;
      if (added && !applied_too) remember(customer, TimelineEntry::Kind::kRecord, event);
      for (const std::uint8_t slot : program_.implementing(Call::kRecord))
        operators_[slot]->record(event, added, context_->at(slot));
      break;
    }
    case KeyedMessage::Op::kErase:
      break;
  }
}

void KeyedTask::take_unowned(std::span<const UnownedFact> facts) {
  for (const std::uint8_t slot : program_.implementing(Call::kUnowned))
    for (const UnownedFact& fact : facts) operators_[slot]->unowned(Event(fact.event), fact.holds);
}

void KeyedTask::remember(Customer& customer, TimelineEntry::Kind kind, const Event& event) {
  std::string_view bytes = event.bytes();
  if (!program_.keeps_records(event.topic())) {
    if (!Traces::has(event)) return;
    trace_.clear();
    Traces::reduce(event, trace_);
    bytes = trace_;
  }
  customers_.mark_dirty(customer);
  customer.timeline.append(pending_, kind, 0, bytes);
}

void KeyedTask::note(Customer& customer, std::uint8_t slot, std::string_view bytes) {
  if (program_.keeps_notes(slot)) customer.timeline.append(pending_, TimelineEntry::Kind::kNote, slot, bytes);
}

void KeyedTask::settle() {
  const std::vector<std::uint8_t>& slots = program_.implementing(Call::kSettle);
  for (const std::uint8_t slot : slots) operators_[slot]->settle(context_->at(slot));
  while (signals_.turn()) {
    context_->go_on();
    for (const std::uint8_t slot : slots) operators_[slot]->settle(context_->at(slot));
  }
}

Status KeyedTask::erase(const KeyedMessage& message, Customer& customer) {
  NUDGE_TRY(visit_timeline(customer.timeline, pending_, store_, task_, customer.key, [&](const TimelineEntry& entry) {
    if (entry.kind != TimelineEntry::Kind::kNote) traces_.add(entry.event, message.customer_id);
  }));
  for (const std::uint8_t slot : program_.implementing(Call::kErase)) operators_[slot]->erase(context_->at(slot));
  signals_.clear();
  for (const std::uint8_t slot : program_.timed())
    if (const Millis queued = customer.slots.timer(slot).queued; queued != kNever)
      timers_.erase({queued, slot, customer.key});
  erased_.push_back(customer.key);
  std::fill(ahead_.begin(), ahead_.end(), nullptr);
  customers_.erase(customer.key);
  customers_.mark_dirty(customers_.insert(message.customer));  // without an id, over what the store has
  return Status::ok();
}

Result<Customer*> KeyedTask::customer(const Hash128& hash, std::string_view id) {
  Customer* customer = customers_.find(hash);
  if (!customer) {
    NUDGE_ASSIGN(customer, customers_.get(hash));
  }
  if (customer->id.empty() && !id.empty()) {
    customer->id = id;
    customers_.mark_dirty(*customer);
  }
  NUDGE_CHECK(id.empty() || customer->id == id, "two customers with one hash");
  return customer;
}

// ---- models ---------------------------------------------------------------------------------------------

void KeyedTask::adopt(const Model& model) {
  const std::string_view family = std::string_view(model.name).substr(0, model.name.find('.'));
  for (const std::uint8_t slot : program_.implementing(Call::kAdopt)) {
    const OperatorSpec& spec = *program_.operators()[slot].spec;
    if (family == spec.name || std::find(spec.adopts.begin(), spec.adopts.end(), family) != spec.adopts.end())
      operators_[slot]->adopt(model);
  }
}

std::vector<std::string> KeyedTask::partials(Millis epoch_end) {
  std::vector<std::string> partials(operators_.size());
  for (const std::uint8_t slot : program_.implementing(Call::kPartial))
    partials[slot] = operators_[slot]->partial(epoch_end);
  return partials;
}

}  // namespace nudge::runtime
