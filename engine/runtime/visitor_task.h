// The identity stage: keeps each visitor's links and its records without a customer, and moves records when they
// turn out to be somebody else's.
//
// A task holds the visitors whose id maps to it. Every record without a customer passes here once: it goes on to its
// owner, if it has one, and is remembered. A link that changes owners sends, in the order of the record that caused
// it, `retract` to the old customer and `apply` to the new one (for transactions: a reassignment to the ledger).
// Records older than `retention` before the newest one of their visitor move no more and are counted. Of an erased
// customer the links go, and with them the records that were the customer's by them; nobody is told.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/runtime/arena.h"
#include "engine/runtime/entity_cache.h"
#include "engine/runtime/message.h"
#include "engine/runtime/pending_log.h"
#include "engine/runtime/visitor_links.h"

namespace nudge::runtime {

struct Visitor : CachedEntity {
  static constexpr std::size_t kBytesGuess = 300;
  VisitorLinks links;
  // Remembered records: whole chunks in the store, the newest in the task's log (length-prefixed events).
  std::uint32_t chunks = 0;
  Millis newest = kBeforeAll;  // of the remembered records
  PendingLog::Chain pending;

  void encode(std::string& out) const;
  bool decode(std::string_view bytes);
  std::size_t memory_bytes() const { return sizeof(Visitor) + 32 + links.memory_bytes(); }
};

class VisitorTask {
 public:
  VisitorTask(std::uint32_t task, std::uint32_t partitions, Millis retention, const state::Store& store, bool fresh);

  // Messages in order. Their strings must live as long as the outgoing messages are used.
  Status process(std::span<const VisitorMessage> messages);

  // After process(): erased customers, each with a visitor to which it may be linked.
  Status forget(std::span<const ForgetMessage> messages);

  // What the last process() sends on, in order; for keyed tasks by partition.
  std::vector<std::vector<KeyedMessage>>& to_keyed() { return to_keyed_; }
  std::vector<std::vector<LedgerMessage>>& to_ledger() { return to_ledger_; }

  // Reads the counts back; visitors come when they are needed.
  Status restore();
  void write_changes(state::ChangeWriter& changes);
  void after_commit(std::size_t cache_bytes_max) { visitors_.evict(cache_bytes_max); }
  // Of visitors and of records that wait for the next commit.
  std::size_t memory_bytes() const { return visitors_.memory_bytes() + pending_.bytes(); }
  CacheFigures cache() const { return visitors_.figures(); }

  std::uint64_t moved() const { return moved_; }
  std::uint64_t beyond_retention() const { return beyond_retention_; }

 private:
  Status forget(Visitor& visitor, std::uint32_t customer);
  // Calls `take` with every chunk of remembered records, until it says that one cannot be read.
  template <typename Take>
  Status for_each_chunk(const Visitor& visitor, Take take) const;
  Status link(const VisitorMessage& message, Visitor& visitor);
  Status move(const VisitorMessage& message, Visitor& visitor, const VisitorLinks::Change& change);
  void record(const VisitorMessage& message, Visitor& visitor);
  void send(const Origin& origin, KeyedMessage::Op op, bool own, std::string_view customer, std::string_view event);

  std::uint32_t task_, partitions_;
  Millis retention_;
  const state::Store& store_;
  EntityCache<Visitor> visitors_;
  Arena arena_;
  PendingLog pending_;  // records since the last commit
  std::vector<Hash128> wanted_;
  std::vector<Hash128> rewritten_;  // their stored records hold no more
  std::vector<std::vector<KeyedMessage>> to_keyed_;
  std::vector<std::vector<LedgerMessage>> to_ledger_;
  std::uint64_t moved_ = 0, beyond_retention_ = 0;
};

}  // namespace nudge::runtime
