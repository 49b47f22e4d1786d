#include "engine/runtime/ledger_task.h"

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
  return in.ok() && in.at_end() && kind <= TransactionKind::kCancel;
}

namespace {

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
      facts_(partitions) {}

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
  if (!message.owner.empty()) record_to(message, KeyedMessage::Op::kRecordAdded, true, message.owner);
  if (entry.seen && version <= entry.version) {
    ++outdated_;
    return;
  }
  const TransactionKind kind = kind_of(event);
  const std::string_view original =
      kind == TransactionKind::kCancel ? event.text(field::transactions::kOriginalTransactionId) : std::string_view{};
  if (entry.seen && !entry.original.empty())
    effect(message.origin, EffectMessage::Kind::kUnvoid, arena_.copy(entry.original));
  if (kind != TransactionKind::kCancel) {
    effect(message.origin, EffectMessage::Kind::kHold, id, message.event, message.owner);
  } else {
    if (entry.seen && entry.kind != TransactionKind::kCancel) effect(message.origin, EffectMessage::Kind::kDrop, id);
    if (!original.empty()) effect(message.origin, EffectMessage::Kind::kVoid, original);
  }
  entry.seen = true;
  entry.version = version;
  entry.identity = identity_of(event);
  entry.kind = kind;
  entry.original = original;
}

void LedgerTask::decide_reassignment(const LedgerMessage& message, const LedgerEntry& entry) {
  const Event event(message.event);
  if (!message.previous_owner.empty()) record_to(message, KeyedMessage::Op::kRecordLost, false, message.previous_owner);
  record_to(message, KeyedMessage::Op::kRecordAdded, false, message.owner);
  const std::int64_t version = event.number(field::transactions::kVersion).value_or(1);
  if (version == entry.version && entry.identity == identity_of(event) && entry.kind != TransactionKind::kCancel)
    effect(message.origin, EffectMessage::Kind::kOwn, event.text(field::transactions::kTransactionId), {},
           message.owner);
}

Status LedgerTask::settle(std::span<const EffectMessage* const> effects) {
  for (auto& list : facts_) list.clear();
  wanted_.clear();
  for (const EffectMessage* effect : effects) wanted_.push_back(effect->transaction);
  NUDGE_TRY(entries_.prefetch(wanted_));
  for (const EffectMessage* const each : effects) {
    const EffectMessage& effect = *each;
    NUDGE_ASSIGN(LedgerEntry* const entry, entries_.get(effect.transaction));
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
      case EffectMessage::Kind::kOwn:
        if (held) fact_to(effect.origin, KeyedMessage::Op::kRetract, *entry);
        entry->owner = effect.owner;
        if (held) fact_to(effect.origin, KeyedMessage::Op::kApply, *entry);
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
    }
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

void LedgerTask::effect(const Origin& origin, EffectMessage::Kind kind, std::string_view transaction,
                        std::string_view event, std::string_view owner) {
  effects_[partition_of(transaction, partitions_)].push_back({origin, kind, hash128(transaction), event, owner});
}

void LedgerTask::record_to(const LedgerMessage& message, KeyedMessage::Op op, bool own, std::string_view customer) {
  records_[partition_of(customer, partitions_)].push_back(
      {message.origin, op, own, hash128(customer), customer, message.event});
}

// A fact without an owner is nobody's: the visitor may be linked later.
void LedgerTask::fact_to(const Origin& origin, KeyedMessage::Op op, const LedgerEntry& entry) {
  if (entry.owner.empty()) return;
  const std::string_view customer = arena_.copy(entry.owner);
  facts_[partition_of(customer, partitions_)].push_back(
      {origin, op, false, hash128(customer), customer, arena_.copy(entry.fact)});
}

}  // namespace nudge::runtime
