#include "engine/runtime/ledger_task.h"

#include <algorithm>

#include "engine/check.h"

namespace nudge::runtime {

void LedgerEntry::encode(std::string& out) const {
  Encoder encoder(out);
  encoder.byte(static_cast<std::uint8_t>((seen ? 1 : 0) | static_cast<int>(kind) << 1));
  encoder.zigzag(version);
  encoder.fixed64(identity);
  encoder.text(original);
  encoder.text(owner);
  encoder.varint(voids);
  encoder.text(fact);
  for (const Hash128& customer : erased) {
    encoder.fixed64(customer.high);
    encoder.fixed64(customer.low);
  }
}

bool LedgerEntry::decode(std::string_view bytes) {
  Decoder in(bytes);
  const std::uint8_t flags = in.byte();
  seen = flags & 1;
  kind = static_cast<TransactionKind>(flags >> 1);
  version = in.zigzag();
  identity = in.fixed64();
  original = in.text();
  owner = in.text();
  voids = static_cast<std::uint32_t>(in.varint());
  fact = in.text();
  while (in.ok() && !in.at_end()) {
    const std::uint64_t high = in.fixed64(), low = in.fixed64();
    erased.push_back({high, low});
  }
  return in.ok() && in.at_end() && kind <= TransactionKind::kCancel;
}

bool LedgerEntry::is_erased_for(std::string_view customer) const {
  return !erased.empty() && std::find(erased.begin(), erased.end(), hash128(customer)) != erased.end();
}

namespace {

// Of a cancel: the transaction that it names.
std::string_view named_by(const Event& event, TransactionKind kind) {
  return kind == TransactionKind::kCancel ? event.text(field::transactions::kOriginalTransactionId)
                                          : std::string_view{};
}

std::uint64_t identity_of(const Event& event) { return hash64(event.source(), hash64(event.event_id())); }

TransactionKind kind_of(const Event& event) {
  return event.choice(field::transactions::kKind, TransactionKind::kCancel);
}

}  // namespace

LedgerTask::LedgerTask(std::uint32_t task, std::uint32_t partitions, const state::Store& store, bool fresh)
    : task_(task),
      partitions_(partitions),
      store_(store),
      entries_(key::kTransaction, task, store, fresh),
      effects_(partitions),
      records_(partitions),
      facts_(partitions),
      cancels_(partitions) {}

Status LedgerTask::decide(std::span<const LedgerMessage* const> messages) {
  arena_.clear();
  for (auto& list : effects_) list.clear();
  for (auto& list : records_) list.clear();
  wanted_.clear();
  for (const LedgerMessage* message : messages) wanted_.push_back(message->transaction);
  NUDGE_TRY(entries_.prefetch(wanted_));
  for (const LedgerMessage* const each : messages) {
    const LedgerMessage& message = *each;
    NUDGE_ASSIGN(LedgerEntry* const entry, entries_.get(message.transaction));
    if (message.kind == LedgerMessage::Kind::kRecord) {
      entries_.mark_dirty(*entry);
      decide_record(message, *entry);
    } else {
      decide_reassignment(message, *entry);
    }
  }
  return Status::ok();
}

void LedgerTask::decide_record(const LedgerMessage& message, LedgerEntry& entry) {
  const Event event(message.event);
  const std::string_view id = event.text(field::transactions::kTransactionId);
  const std::int64_t version = event.number(field::transactions::kVersion).value_or(1);
  const bool erased = entry.is_erased_for(message.owner);
  if (!erased) record_to(message, event, {}, message.owner);
  if (entry.seen && version <= entry.version) {
    ++outdated_;
    return;
  }
  const TransactionKind kind = kind_of(event);
  const std::string_view original = named_by(event, kind);
  if (entry.seen && !entry.original.empty()) effect(message, EffectMessage::Kind::kUnvoid, arena_.copy(entry.original));
  if (kind != TransactionKind::kCancel && !erased) {
    effect(message, EffectMessage::Kind::kHold, id, message.owner);
  } else if (entry.seen && entry.kind != TransactionKind::kCancel) {
    effect(message, EffectMessage::Kind::kDrop, id);
  }
  if (!original.empty()) effect(message, EffectMessage::Kind::kVoid, original);
  entry.seen = true;
  entry.version = version;
  entry.identity = identity_of(event);
  entry.kind = kind;
  entry.original = original;
}

void LedgerTask::decide_reassignment(const LedgerMessage& message, const LedgerEntry& entry) {
  const Event event(message.event);
  const bool erased = entry.is_erased_for(message.owner);
  record_to(message, event, entry.is_erased_for(message.previous_owner) ? std::string_view{} : message.previous_owner,
            erased ? std::string_view{} : message.owner);
  const std::int64_t version = event.number(field::transactions::kVersion).value_or(1);
  if (version != entry.version || entry.identity != identity_of(event) || entry.kind == TransactionKind::kCancel)
    return;
  const std::string_view id = event.text(field::transactions::kTransactionId);
  if (erased) {
    effect(message, EffectMessage::Kind::kDrop, id);
  } else {
    effect(message, EffectMessage::Kind::kHold, id, message.owner);
  }
}

Status LedgerTask::settle(std::span<const EffectMessage* const> effects) {
  for (auto& list : facts_) list.clear();
  for (auto& list : cancels_) list.clear();
  unowned_.clear();
  wanted_.clear();
  for (const EffectMessage* effect : effects) wanted_.push_back(effect->transaction);
  NUDGE_TRY(entries_.prefetch(wanted_));
  for (const EffectMessage* const each : effects) {
    const EffectMessage& effect = *each;
    NUDGE_ASSIGN(LedgerEntry* const entry, entries_.get(effect.transaction));
    if (effect.kind == EffectMessage::Kind::kTell) {
      cancel_to(effect, *entry);
      continue;
    }
    entries_.mark_dirty(*entry);
    const bool held = !entry->fact.empty() && entry->voids == 0;
    switch (effect.kind) {
      case EffectMessage::Kind::kHold:
        if (held) fact_to(effect.origin, KeyedMessage::Op::kRetract, *entry);
        entry->fact = effect.event;
        entry->owner = effect.owner;
        if (entry->voids == 0) fact_to(effect.origin, KeyedMessage::Op::kApply, *entry);
        break;
      case EffectMessage::Kind::kDrop:
        if (held) fact_to(effect.origin, KeyedMessage::Op::kRetract, *entry);
        entry->fact.clear();
        entry->owner.clear();
        break;
      case EffectMessage::Kind::kVoid:
        ++entry->voids;
        if (held) fact_to(effect.origin, KeyedMessage::Op::kRetract, *entry);
        break;
      case EffectMessage::Kind::kUnvoid:
        NUDGE_CHECK(entry->voids > 0, "every unvoid follows its void");
        --entry->voids;
        if (entry->voids == 0 && !entry->fact.empty()) fact_to(effect.origin, KeyedMessage::Op::kApply, *entry);
        break;
      case EffectMessage::Kind::kTell:
        break;
    }
  }
  return Status::ok();
}

Status LedgerTask::forget(std::span<const ForgetMessage> messages) {
  wanted_.clear();
  for (const ForgetMessage& message : messages) wanted_.push_back(message.entity);
  NUDGE_TRY(entries_.prefetch(wanted_));
  for (const ForgetMessage& message : messages) {
    NUDGE_ASSIGN(LedgerEntry* const entry, entries_.get(message.entity));
    entries_.mark_dirty(*entry);
    if (!entry->is_erased_for(message.customer_id)) entry->erased.push_back(hash128(message.customer_id));
    if (entry->owner != message.customer_id) continue;
    entry->fact.clear();
    entry->owner.clear();
  }
  return Status::ok();
}

void LedgerTask::write_changes(state::ChangeWriter& changes) {
  entries_.write_changes(changes);
  std::string bytes;
  Encoder(bytes).varint(outdated_);
  changes.put(key::task_prefix(key::kLedgerCounts, task_), bytes);
}

Status LedgerTask::restore() {
  NUDGE_ASSIGN(const auto bytes, store_.get(key::task_prefix(key::kLedgerCounts, task_)));
  if (bytes) outdated_ = Decoder(*bytes).varint();
  return Status::ok();
}

void LedgerTask::effect(const LedgerMessage& cause, EffectMessage::Kind kind, std::string_view transaction,
                        std::string_view owner) {
  effects_[partition_of(transaction, partitions_)].push_back(
      {cause.origin, kind, hash128(transaction), cause.event, owner, {}, false});
}

// What a cancel names may be erased for its owner: there it is decided whether the owner is told.
void LedgerTask::record_to(const LedgerMessage& message, const Event& event, std::string_view previous,
                           std::string_view owner) {
  const bool own = message.kind == LedgerMessage::Kind::kRecord;
  if (const std::string_view named = named_by(event, kind_of(event)); !named.empty()) {
    effects_[partition_of(named, partitions_)].push_back(
        {message.origin, EffectMessage::Kind::kTell, hash128(named), message.event, owner, previous, own});
    return;
  }
  if (!previous.empty()) send(records_, message.origin, KeyedMessage::Op::kRecordLost, false, previous, message.event);
  if (!owner.empty()) send(records_, message.origin, KeyedMessage::Op::kRecordAdded, own, owner, message.event);
}

void LedgerTask::cancel_to(const EffectMessage& told, const LedgerEntry& named) {
  if (!told.previous_owner.empty() && !named.is_erased_for(told.previous_owner))
    send(cancels_, told.origin, KeyedMessage::Op::kRecordLost, false, told.previous_owner, told.event);
  if (!told.owner.empty() && !named.is_erased_for(told.owner))
    send(cancels_, told.origin, KeyedMessage::Op::kRecordAdded, told.own, told.owner, told.event);
}

// A fact without an owner is nobody's: the visitor may be linked later.
void LedgerTask::fact_to(const Origin& origin, KeyedMessage::Op op, const LedgerEntry& entry) {
  if (entry.owner.empty())
    unowned_.push_back({arena_.copy(entry.fact), op == KeyedMessage::Op::kApply});
  else
    send(facts_, origin, op, false, arena_.copy(entry.owner), arena_.copy(entry.fact));
}

void LedgerTask::send(std::vector<std::vector<KeyedMessage>>& lists, const Origin& origin, KeyedMessage::Op op,
                      bool own, std::string_view customer, std::string_view event) const {
  lists[partition_of(customer, partitions_)].push_back({origin, op, own, hash128(customer), customer, event});
}

}  // namespace nudge::runtime
