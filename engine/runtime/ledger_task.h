// The ledger stage: which version of a transaction holds, whether a cancel voids it, and whose it is.
//
// A task holds the transactions whose id maps to it, whoever owns the records that name them: a correction or a
// cancel may come from another customer, or from a visitor. It works in two halves without a cycle: `decide` finds for
// each record whether it is the highest version of its own transaction, and sends effects to the transactions that this
// changes (a cancel changes the one that it names); `settle` applies effects, and tells the customers.
//
// Of equal versions the first holds. Once a higher version was seen, a lower one never holds again.
//
// An erased customer loses every transaction that it had a record of until then, for good: the fact goes if it was the
// customer's, nobody is told, and of the records only their order of versions and what they void remains. For such a
// transaction the customer is nobody from then on: no later version of it, and no later cancel that names it, comes to
// the customer or takes anything from it. To others a later version comes as always. A return is a transaction of its
// own, whatever it names.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/compact_vector.h"
#include "engine/runtime/arena.h"
#include "engine/runtime/entity_cache.h"
#include "engine/runtime/message.h"

namespace nudge::runtime {

struct LedgerEntry : CachedEntity {
  static constexpr std::size_t kBytesGuess = 500;
  // decide(): the version that holds. `identity` tells its record from others of the same version.
  bool seen = false;
  TransactionKind kind = TransactionKind::kSale;
  std::int64_t version = 0;
  std::uint64_t identity = 0;
  std::string original;  // of a cancel: the id that it voids
  // settle(): the sale or return in that version (empty: none), its owner, and how many cancels name it.
  std::uint32_t voids = 0;
  std::string fact;
  std::string owner;
  // Customers who had a record of it when they were erased; hashes of their ids.
  CompactVector<Hash128> erased;

  bool is_erased_for(std::string_view customer) const;
  void encode(std::string& out) const;
  bool decode(std::string_view bytes);
  std::size_t memory_bytes() const {
    return sizeof(LedgerEntry) + 32 + fact.capacity() + erased.capacity() * sizeof(Hash128);
  }
};

class LedgerTask {
 public:
  LedgerTask(std::uint32_t task, std::uint32_t partitions, const state::Store& store, bool fresh);

  Status decide(std::span<const LedgerMessage* const> messages);
  std::vector<std::vector<EffectMessage>>& effects() { return effects_; }  // by partition, in order
  std::vector<std::vector<KeyedMessage>>& records() { return records_; }   // to keyed tasks, from decide()

  Status settle(std::span<const EffectMessage* const> effects);
  // To keyed tasks, from settle(): what holds for them, and records of cancels, which depend on what they name.
  std::vector<std::vector<KeyedMessage>>& facts() { return facts_; }
  std::vector<std::vector<KeyedMessage>>& cancels() { return cancels_; }
  // Of the task's own transactions, from settle(): what holds for nobody.
  const std::vector<UnownedFact>& unowned() const { return unowned_; }

  // After settle(): erased customers, each with a transaction that it had a record of.
  Status forget(std::span<const ForgetMessage> messages);

  // Reads the count back; transactions come when they are needed.
  Status restore();
  void write_changes(state::ChangeWriter& changes);
  void after_commit(std::size_t cache_bytes_max) { entries_.evict(cache_bytes_max); }
  std::size_t memory_bytes() const { return entries_.memory_bytes(); }
  CacheFigures cache() const { return entries_.figures(); }
  std::uint64_t outdated() const { return outdated_; }  // records of a lower or equal version

 private:
  void decide_record(const LedgerMessage& message, LedgerEntry& entry);
  void decide_reassignment(const LedgerMessage& message, const LedgerEntry& entry);
  void effect(const LedgerMessage& cause, EffectMessage::Kind kind, std::string_view transaction,
              std::string_view owner = {});
  // The record was `previous`'s and is `owner`'s; either may be empty.
  void record_to(const LedgerMessage& message, const Event& event, std::string_view previous, std::string_view owner);
  void cancel_to(const EffectMessage& told, const LedgerEntry& named);
  void fact_to(const Origin& origin, KeyedMessage::Op op, const LedgerEntry& entry);
  void send(std::vector<std::vector<KeyedMessage>>& lists, const Origin& origin, KeyedMessage::Op op, bool own,
            std::string_view customer, std::string_view event) const;

  std::uint32_t task_, partitions_;
  const state::Store& store_;
  EntityCache<LedgerEntry> entries_;
  Arena arena_;
  std::vector<Hash128> wanted_;
  std::vector<std::vector<EffectMessage>> effects_;
  std::vector<std::vector<KeyedMessage>> records_, facts_, cancels_;
  std::vector<UnownedFact> unowned_;
  std::uint64_t outdated_ = 0;
};

}  // namespace nudge::runtime
