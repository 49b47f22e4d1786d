// The texts that touches refer to by number: kinds of devices, regions.
//
// They lie in one string, each behind a byte with its length: the one or two words of most customers take no
// allocation. So they are stored, too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/check.h"
#include "operators/sessions/page_view.h"
#include "state/codec.h"

namespace nudge::sessions {

class WordList {
 public:
  static constexpr std::size_t kWordsMax = 64, kWordBytesMax = 64;

  bool is_full() const { return count_ == kWordsMax; }
  std::size_t size() const { return count_; }
  // Words are numbered from 1.
  std::string_view at(Word number) const {
    std::string_view rest = bytes_;
    for (; number > 1; --number) rest.remove_prefix(1u + static_cast<unsigned char>(rest.front()));
    return rest.substr(1, static_cast<unsigned char>(rest.front()));
  }
  // 0 where it is missing.
  Word find(std::string_view word) const {
    std::string_view rest = bytes_;
    for (Word number = 1; !rest.empty(); ++number) {
      const std::size_t size = static_cast<unsigned char>(rest.front());
      if (rest.substr(1, size) == word) return number;
      rest.remove_prefix(1 + size);
    }
    return 0;
  }
  // There must be room, and the word must not be there.
  Word add(std::string_view word) {
    NUDGE_CHECK(!is_full() && word.size() <= kWordBytesMax, "a word that there is room for");
    bytes_.push_back(static_cast<char>(word.size()));
    bytes_.append(word);
    return ++count_;
  }
  std::size_t memory_bytes() const { return bytes_.capacity(); }

  void encode(Encoder& out) const {
    static_assert(kWordBytesMax < 0x80, "a length is one byte, as a varint is");
    out.varint(count_);
    out.out().append(bytes_);
  }
  void decode(Decoder& in) {
    for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
      const std::string_view word = in.text();
      if (is_full() || word.size() > kWordBytesMax) return in.fail();
      add(word);
    }
  }

 private:
  std::string bytes_;
  std::uint8_t count_ = 0;
};

}  // namespace nudge::sessions
