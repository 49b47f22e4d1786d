// A perfect hash over the few known names of a record (its members, or the values of a choice), computed at compile
// time.
//
// A lookup reads the name's first and last eight bytes once: no loop, no call, no second comparison.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "engine/check.h"

namespace nudge {

class NameTable {
 public:
  static constexpr std::size_t kNamesMax = 24, kNameBytesMax = 24;
  static constexpr int kNone = -1;

  constexpr NameTable() = default;
  // Names are distinct, of at most kNameBytesMax bytes; an empty one is never found.
  explicit consteval NameTable(std::span<const std::string_view> names) {
    NUDGE_CHECK(names.size() <= kNamesMax, "too many names");
    for (std::size_t i = 0; i < names.size(); ++i) entries_[i] = entry_of(names[i]);
    multiplier_ = 0x9e3779b97f4a7c15;
    while (!place(names.size())) multiplier_ = multiplier_ * 0xd1342543de82ef95 + 0x2545f4914f6cdd1d;
  }

  // The place of the name, or kNone. At least eight bytes from `text` on are readable.
  int find_padded(const char* text, std::size_t size) const {
    if (size - 1 >= kNameBytesMax) return kNone;
    const std::uint64_t first = word(text) & kFirstBytes[size];
    const std::uint8_t place = slots_[slot_of(first, size)];
    const Entry& entry = entries_[place];
    if (entry.first != first || entry.size != size) return kNone;
    if (size > 8 && word(text + size - 8) != entry.last) return kNone;
    if (size > 16 && word(text + 8) != entry.middle) return kNone;
    return place;
  }
  int find(std::string_view name) const {
    if (name.size() > kNameBytesMax) return kNone;
    std::array<char, kNameBytesMax + 8> padded{};
    std::memcpy(padded.data(), name.data(), name.size());
    return find_padded(padded.data(), name.size());
  }

 private:
  static_assert(std::endian::native == std::endian::little, "words are compared as they lie in memory");
  struct Entry {
    std::uint64_t first = 0, middle = 0, last = 0;
    std::uint8_t size = 0;
  };
  static constexpr std::size_t kSlotBits = 6;
  static constexpr std::array<std::uint64_t, kNameBytesMax + 1> kFirstBytes = [] {
    std::array<std::uint64_t, kNameBytesMax + 1> masks{};
    for (std::size_t size = 0; size < masks.size(); ++size)
      masks[size] = size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * size)) - 1;
    return masks;
  }();

  static std::uint64_t word(const char* text) {
    std::uint64_t word = 0;
    std::memcpy(&word, text, sizeof word);
    return word;
  }
  static consteval std::uint64_t word_at(std::string_view name, std::size_t from) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 8 && from + i < name.size(); ++i)
      word |= static_cast<std::uint64_t>(static_cast<unsigned char>(name[from + i])) << (8 * i);
    return word;
  }
  static consteval Entry entry_of(std::string_view name) {
    NUDGE_CHECK(name.size() <= kNameBytesMax, "a name is too long");
    return {word_at(name, 0), name.size() > 16 ? word_at(name, 8) : 0,
            name.size() > 8 ? word_at(name, name.size() - 8) : 0, static_cast<std::uint8_t>(name.size())};
  }
  constexpr std::size_t slot_of(std::uint64_t first, std::size_t size) const {
    return static_cast<std::size_t>(((first + size) * multiplier_) >> (64 - kSlotBits));
  }
  consteval bool place(std::size_t count) {
    slots_ = {};
    std::uint64_t taken = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t slot = slot_of(entries_[i].first, entries_[i].size);
      if ((taken >> slot & 1) != 0) return false;
      taken |= std::uint64_t{1} << slot;
      slots_[slot] = static_cast<std::uint8_t>(i);
    }
    return true;
  }

  std::uint64_t multiplier_ = 0;
  std::array<std::uint8_t, std::size_t{1} << kSlotBits> slots_{};
  std::array<Entry, kNamesMax> entries_{};
};

}  // namespace nudge
