// What travels between the stages: ingest → identity → ledger → keyed (ARCHITECTURE.md, "The way of one event").
//
// Every message carries the place of the input record that caused it. A stage handles its messages in the order of
// that place, so what a task does depends neither on how many tasks there are nor on where batches are cut.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "engine/event.h"
#include "engine/hash.h"
#include "engine/topic.h"

namespace nudge::runtime {

// The order of all input: `seen` is the newest good event time in the record's source partition up to it.
struct OrderKey {
  Millis seen = kBeforeAll;
  std::uint8_t topic = 0;
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;
  auto operator<=>(const OrderKey&) const = default;
};

// The cause of a message, common to all stages. `index` numbers the records of a round in their order.
struct Origin {
  std::uint32_t index = 0;
  OrderKey order;
  Millis event_time = 0;
};

// The strings of messages live in the round's buffers: they are valid until the round has been committed or dropped.

// To the identity task of a visitor.
struct VisitorMessage {
  Origin origin;
  Hash128 visitor;
  std::string_view visitor_id;
  // A link names the customer; otherwise `event` is a record without one.
  bool link = false;
  std::string_view customer_id;
  std::string_view event;
};

// To the ledger task of a transaction id.
struct LedgerMessage {
  enum class Kind : std::uint8_t { kRecord, kReassign };
  Origin origin;
  Kind kind = Kind::kRecord;
  Hash128 transaction;
  std::string_view event;
  std::string_view owner;           // empty: a visitor who is nobody's yet
  std::string_view previous_owner;  // kReassign
};

// A fact of a visitor who is no customer, which holds from now on or no more.
struct UnownedFact {
  std::string_view event;
  bool holds = false;
};

// Between the two halves of the ledger: what the versions decided, to the task of the transaction that it changes.
struct EffectMessage {
  enum class Kind : std::uint8_t {
    kHold,    // `event` is the version that holds now, and it is `owner`'s
    kDrop,    // none does
    kVoid,    // a cancel names the transaction
    kUnvoid,  // one does no more
    kTell,    // the record of such a cancel, `event`, was `previous_owner`'s and is `owner`'s (each may be empty)
  };
  Origin origin;
  Kind kind = Kind::kHold;
  Hash128 transaction;
  std::string_view event;
  std::string_view owner;
  std::string_view previous_owner;
  bool own = false;  // kTell: as in KeyedMessage
};

// To the keyed task of a customer.
struct KeyedMessage {
  enum class Op : std::uint8_t {
    kRetract,      // a fact holds no more
    kApply,        // a fact holds
    kRecordLost,   // a transaction record belongs to somebody else now
    kRecordAdded,  // a transaction record belongs to the customer
    kErase,        // a tombstone: everything about the customer goes
  };
  Origin origin;
  Op op = Op::kApply;
  bool own = false;  // `event` is the input record that caused the message, and it is the customer's
  Hash128 customer;
  std::string_view customer_id;
  std::string_view event;
};

// To every keyed task, where operators read the products: a record of `products`.
struct ProductMessage {
  Origin origin;
  std::string_view event;
};

// Back from the keyed task of a customer whom a tombstone erased, to the task of a visitor or a transaction that the
// customer's timeline names. A tombstone ends its round and these messages are the round's last: what was before it is
// done everywhere, and nothing that comes after it has begun.
struct ForgetMessage {
  Hash128 entity;  // the visitor or the transaction
  std::string_view customer_id;
};

}  // namespace nudge::runtime
