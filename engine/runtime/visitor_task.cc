#include "engine/runtime/visitor_task.h"

#include <algorithm>

namespace nudge::runtime {

void Visitor::encode(std::string& out) const {
  Encoder encoder(out);
  links.encode(encoder);
  encoder.varint(chunks);
  encoder.zigzag(newest);
}

bool Visitor::decode(std::string_view bytes) {
  Decoder in(bytes);
  links.decode(in);
  chunks = static_cast<std::uint32_t>(in.varint());
  newest = in.zigzag();
  return in.ok() && in.at_end();
}

VisitorTask::VisitorTask(std::uint32_t task, std::uint32_t partitions, Millis retention, const state::Store& store,
                         bool fresh)
    : task_(task),
      partitions_(partitions),
      retention_(retention),
      store_(store),
      visitors_(key::kVisitor, task, store, fresh),
      to_keyed_(partitions),
      to_ledger_(partitions) {}

Status VisitorTask::process(std::span<const VisitorMessage> messages) {
  arena_.clear();
  for (auto& list : to_keyed_) list.clear();
  for (auto& list : to_ledger_) list.clear();
  wanted_.clear();
  for (const VisitorMessage& message : messages) wanted_.push_back(message.visitor);
  NUDGE_TRY(visitors_.prefetch(wanted_));
  for (const VisitorMessage& message : messages) {
    NUDGE_ASSIGN(Visitor* const visitor, visitors_.get(message.visitor));
    visitors_.mark_dirty(*visitor);
    if (message.link) {
      NUDGE_TRY(link(message, *visitor));
    } else {
      record(message, *visitor);
    }
  }
  return Status::ok();
}

Status VisitorTask::link(const VisitorMessage& message, Visitor& visitor) {
  for (const VisitorLinks::Change& change : visitor.links.add(message.origin.event_time, message.customer_id))
    NUDGE_TRY(move(message, visitor, change));
  return Status::ok();
}

void VisitorTask::record(const VisitorMessage& message, Visitor& visitor) {
  const Event event(message.event);
  pending_.append(visitor.pending, {}, message.event);
  visitor.newest = std::max(visitor.newest, event.time());
  const std::uint32_t owner = visitor.links.owner(event.time());
  const std::string_view customer =
      owner == VisitorLinks::kNobody ? std::string_view{} : arena_.copy(visitor.links.customers()[owner]);
  if (event.topic() == Topic::kTransactions) {
    const std::string_view id = event.text(field::transactions::kTransactionId);
    to_ledger_[partition_of(id, partitions_)].push_back(
        {message.origin, LedgerMessage::Kind::kRecord, hash128(id), message.event, customer, {}});
  } else if (owner != VisitorLinks::kNobody) {
    send(message.origin, KeyedMessage::Op::kApply, true, customer, message.event);
  }
}

Status VisitorTask::move(const VisitorMessage& message, Visitor& visitor, const VisitorLinks::Change& change) {
  const auto name = [&](std::uint32_t customer) {
    return customer == VisitorLinks::kNobody ? std::string_view{} : arena_.copy(visitor.links.customers()[customer]);
  };
  const std::string_view before = name(change.before), after = name(change.after);
  const auto move_chunk = [&](std::string_view chunk) {
    Decoder in(chunk);
    while (!in.at_end() && in.ok()) {
      const std::string_view bytes = in.text();
      if (!in.ok() || bytes.size() < kEventHeaderBytes) break;
      const Event event(bytes);
      if (event.time() < change.from || event.time() >= change.until) continue;
      if (visitor.newest - event.time() > retention_) {
        ++beyond_retention_;
        continue;
      }
      ++moved_;
      const std::string_view kept = arena_.copy(bytes);
      if (event.topic() == Topic::kTransactions) {
        const std::string_view id = Event(kept).text(field::transactions::kTransactionId);
        to_ledger_[partition_of(id, partitions_)].push_back(
            {message.origin, LedgerMessage::Kind::kReassign, hash128(id), kept, after, before});
        continue;
      }
      if (!before.empty()) send(message.origin, KeyedMessage::Op::kRetract, false, before, kept);
      send(message.origin, KeyedMessage::Op::kApply, false, after, kept);
    }
    return in.ok();
  };
  return for_each_chunk(visitor, move_chunk);
}

template <typename Take>
Status VisitorTask::for_each_chunk(const Visitor& visitor, Take take) const {
  for (std::uint32_t number = 0; number < visitor.chunks; ++number) {
    NUDGE_ASSIGN(const auto chunk, store_.get(key::chunk(key::kVisitorRecords, task_, visitor.key, number)));
    if (!chunk || !take(*chunk))
      return Status::io("the state is damaged: a visitor's records cannot be read; replay into a new engine.state_dir");
  }
  pending_.for_each(visitor.pending, take);
  return Status::ok();
}

Status VisitorTask::forget(std::span<const ForgetMessage> messages) {
  wanted_.clear();
  for (const ForgetMessage& message : messages) wanted_.push_back(message.entity);
  NUDGE_TRY(visitors_.prefetch(wanted_));
  for (const ForgetMessage& message : messages) {
    NUDGE_ASSIGN(Visitor* const visitor, visitors_.get(message.entity));
    const auto& customers = visitor->links.customers();
    const auto found = std::find(customers.begin(), customers.end(), message.customer_id);
    if (found == customers.end()) continue;
    visitors_.mark_dirty(*visitor);
    NUDGE_TRY(forget(*visitor, static_cast<std::uint32_t>(found - customers.begin())));
    visitor->links.forget(message.customer_id);
  }
  return Status::ok();
}

// `newest` stays: what was too old to move for it has not become younger.
Status VisitorTask::forget(Visitor& visitor, std::uint32_t customer) {
  PendingLog::Chain kept;
  NUDGE_TRY(for_each_chunk(visitor, [&](std::string_view chunk) {
    Decoder in(chunk);
    while (!in.at_end()) {
      const std::string_view bytes = in.text();
      if (!in.ok() || bytes.size() < kEventHeaderBytes) return false;
      if (visitor.links.owner(Event(bytes).time()) != customer) pending_.append(kept, {}, bytes);
    }
    return true;
  }));
  visitor.pending = kept;
  if (visitor.chunks > 0) rewritten_.push_back(visitor.key);
  visitor.chunks = 0;
  return Status::ok();
}

void VisitorTask::send(const Origin& origin, KeyedMessage::Op op, bool own, std::string_view customer,
                       std::string_view event) {
  to_keyed_[partition_of(customer, partitions_)].push_back({origin, op, own, hash128(customer), customer, event});
}

void VisitorTask::write_changes(state::ChangeWriter& changes) {
  for (const Hash128& hash : rewritten_)
    changes.erase_range(key::chunk(key::kVisitorRecords, task_, hash, 0),
                        key::chunk(key::kVisitorRecords, task_, hash, ~0u));
  rewritten_.clear();
  visitors_.for_each_changed([&](Visitor& visitor) {
    if (visitor.pending.empty()) return;
    changes.put(key::chunk(key::kVisitorRecords, task_, visitor.key, visitor.chunks),
                pending_.joined({}, visitor.pending));
    ++visitor.chunks;
    visitor.pending = {};
  });
  pending_.clear();
  visitors_.write_changes(changes);
  std::string bytes;
  Encoder out(bytes);
  out.varint(moved_);
  out.varint(beyond_retention_);
  changes.put(key::task_prefix(key::kIdentityCounts, task_), bytes);
}

Status VisitorTask::restore() {
  NUDGE_ASSIGN(const auto bytes, store_.get(key::task_prefix(key::kIdentityCounts, task_)));
  if (!bytes) return Status::ok();
  Decoder in(*bytes);
  moved_ = in.varint();
  beyond_retention_ = in.varint();
  return Status::ok();
}

}  // namespace nudge::runtime
