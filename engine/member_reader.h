// Reads the members of a record of the contract from JSON text into slots, one per known field, and checks each value.
//
// A bad value is a problem of its slot, not of the text: a later member of the same name may replace it. Values point
// into the text or into the reader's buffer and hold until the next record. No allocation once the buffer has grown.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/json_scanner.h"
#include "engine/member_table.h"

namespace nudge {

enum class Problem : std::uint8_t { kNone, kType, kRange, kChoice, kMissing };

struct Slot {
  const char* data = nullptr;  // texts, JSON, and lists as the payload of an event
  std::size_t size = 0;
  std::int64_t number = 0;  // also the count of a list, and the place of its first bad item (-1: it is no list)
  Problem problem = Problem::kNone;
  const FieldSpec* member = nullptr;  // of a bad item: its bad member; null: the item itself
};

// What was read of one object. A field's slot holds something only if its bit is set, in `present` (a good value) or
// in `bad` (a problem).
struct Members {
  std::uint32_t present = 0, bad = 0;
  std::array<Slot, NameTable::kNamesMax> slots;

  bool has(Field field) const { return (present >> field & 1) != 0; }
  std::string_view text(Field field) const { return {slots[field].data, slots[field].size}; }
};

class MemberReader {
 public:
  // Reads the record `text`: begins with '{', ends with '}', followed by kInputPadding readable bytes. Unknown members
  // become kExtra. False: failure() says why `text` is no valid JSON.
  bool read(const MemberTable& table, std::string_view text, Members& members);
  const JsonScanner::Failure& failure() const { return scanner_.failure(); }

  // Room for the record's event and kInputPadding bytes more.
  char* event_room() const { return event_; }

 private:
  void reserve(std::size_t text_bytes);
  template <typename Unknown>
  const char* read_members(const char* at, int depth, const MemberTable& table, Members& members,
                           const Unknown& unknown);
  const char* read_value(const char* at, int depth, const MemberTable& table, Field field, Members& members);
  const char* read_typed(const char* at, int depth, const MemberTable& table, Field field, Slot& slot);
  const char* read_text(const char* at, int depth, bool empty_is_bad, Slot& slot);
  const char* read_choice(const char* at, int depth, const NameTable& names, Slot& slot);
  const char* read_boolean(const char* at, int depth, Slot& slot);
  const char* read_integer(const char* at, int depth, Slot& slot);
  const char* read_time(const char* at, int depth, Slot& slot);
  const char* read_money(const char* at, int depth, Slot& slot);
  const char* read_quantity(const char* at, int depth, Slot& slot);
  const char* read_json(const char* at, int depth, Slot& slot);
  // `read_item(at, out, problem_slot)` reads an item, appends its bytes at `out` and moves that.
  template <typename ReadItem>
  const char* read_list(const char* at, int depth, Slot& slot, const ReadItem& read_item);
  template <typename MakeItem>
  const char* read_items(const char* at, int depth, const MemberTable& table, Slot& slot, const MakeItem& make_item);
  const char* read_texts(const char* at, int depth, Slot& slot);
  const char* skip(const char* at, int depth);

  JsonScanner scanner_;
  Members item_;  // of the list that is being read
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  // The parts of the buffer: kept JSON values, unknown members, payloads of lists, what is skipped, the event.
  char *kept_ = nullptr, *extra_ = nullptr, *lists_ = nullptr, *skipped_ = nullptr, *event_ = nullptr;
};

}  // namespace nudge
