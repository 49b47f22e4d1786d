// The keys of the store: two bytes for the task, one for the kind, then what the kind says; numbers are big-endian. A
// commit goes from task to task and from kind to kind in the order of keys, so that it can be written as it comes.
//
//   task a hash128 number     a chunk of a visitor's records without a customer
//   task b hash128            a visitor: links
//   task c                    the counts of an identity task
//   task f hash128 id number  a piece of an operator's section of a customer
//   task h hash128 number     a chunk of a customer's timeline
//   task i hash128            a customer: sections, timers, length of the timeline
//   task j id                 the task-wide state of an operator
//   task k                    the clock and the counts of a keyed task
//   task l id number          a piece of the task-wide state of an operator
//   task n number             a product, a text that products have, or the counts of products
//   task t hash128            a transaction id
//   task u                    the counts of a ledger task
//   task v                    the models that hold for a task
//   task w                    which step a task has done
//   shared d …                remembered event ids (state/repeat_window.h)
//   shared g id               the global state of an operator
//   shared m name             the run itself: positions, clock, models, fingerprint
//   task or shared y, z       of the changelog: connectors/kafka/changelog.h, large_values.h
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/hash.h"

namespace nudge::runtime {

namespace key {

inline constexpr char kVisitorRecords = 'a', kVisitor = 'b', kIdentityCounts = 'c', kPiece = 'f', kTimeline = 'h',
                      kCustomer = 'i', kOperatorState = 'j', kKeyedClock = 'k', kTaskPiece = 'l', kProducts = 'n',
                      kTransaction = 't', kLedgerCounts = 'u', kModels = 'v', kStep = 'w';
inline constexpr char kRepeats = 'd', kGlobalState = 'g', kRun = 'm';  // shared

inline void append_word(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

inline std::string task_prefix(char kind, std::uint32_t task) {
  std::string out;
  append_word(out, task, 2);
  out.push_back(kind);
  return out;
}

// Of what belongs to no task; beyond the keys of all tasks.
inline std::string shared_prefix(char kind) { return task_prefix(kind, 0xffff); }

inline std::string entity(char kind, std::uint32_t task, const Hash128& hash) {
  std::string out = task_prefix(kind, task);
  append_word(out, hash.high, 8);
  append_word(out, hash.low, 8);
  return out;
}

inline std::string chunk(char kind, std::uint32_t task, const Hash128& hash, std::uint32_t number) {
  std::string out = entity(kind, task, hash);
  append_word(out, number, 4);
  return out;
}

// An operator's state of a task, and its pieces of a customer or of a task; numbered() makes the key of one.
inline std::string pieces(std::uint32_t task, const Hash128& customer, std::uint32_t operator_id) {
  std::string out = entity(kPiece, task, customer);
  append_word(out, operator_id, 4);
  return out;
}
inline std::string operator_state(std::uint32_t task, std::uint32_t operator_id) {
  std::string out = task_prefix(kOperatorState, task);
  append_word(out, operator_id, 4);
  return out;
}
inline std::string task_pieces(std::uint32_t task, std::uint32_t operator_id) {
  std::string out = task_prefix(kTaskPiece, task);
  append_word(out, operator_id, 4);
  return out;
}
inline std::string numbered(std::string prefix, std::uint64_t number) {
  append_word(prefix, number, 8);
  return prefix;
}

// The number at the end of a piece's key.
inline std::uint64_t piece_number(std::string_view stored) {
  std::uint64_t number = 0;
  for (const char byte : stored.substr(stored.size() - 8)) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

inline constexpr std::size_t kEntityBytes = 19, kChunkBytes = 23;

// Of a task, an operator's global part or the run: there are few, and they are often what they were.
inline bool is_of_the_whole(std::string_view stored) {
  const char kind = stored[2];
  return kind == kIdentityCounts || kind == kOperatorState || kind == kKeyedClock || kind == kLedgerCounts ||
         kind == kModels || kind == kStep || kind == kGlobalState || kind == kRun;
}

// The hash in an entity's or a chunk's key.
inline Hash128 hash_in(std::string_view stored) {
  Hash128 hash;
  for (int i = 3; i < 11; ++i)
    hash.high = hash.high << 8 | static_cast<unsigned char>(stored[static_cast<std::size_t>(i)]);
  for (int i = 11; i < 19; ++i)
    hash.low = hash.low << 8 | static_cast<unsigned char>(stored[static_cast<std::size_t>(i)]);
  return hash;
}

// The first key after all keys that begin with the prefix.
inline std::string after(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

}  // namespace key

}  // namespace nudge::runtime
