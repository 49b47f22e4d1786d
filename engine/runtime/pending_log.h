// Bytes that wait for the next commit, many short pieces for each of many owners: the pieces lie one after the other in
// large blocks, and those of one owner are chained. One thread.
//
// A piece is known by the number of its block and its place in there, 32 bits together: two thirds of what a pointer
// and a length would cost beside the bytes. A piece that is larger than a block has a block of its own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/check.h"

namespace nudge::runtime {

class PendingLog {
  using Place = std::uint32_t;

 public:
  // The pieces of one owner. Empty again when the log is cleared: drop it before.
  class Chain {
   public:
    bool empty() const { return first_ == kNowhere; }

   private:
    friend class PendingLog;
    Place first_ = kNowhere, last_ = kNowhere;
  };

  // Appends one piece: `head`, then `bytes` with their varint length before them.
  void append(Chain& chain, std::string_view head, std::string_view bytes) {
    char length[10];
    std::size_t length_size = 0;
    for (std::size_t rest = bytes.size(); length_size == 0 || rest > 0; rest >>= 7)
      length[length_size++] = static_cast<char>((rest & 0x7f) | (rest >= 0x80 ? 0x80 : 0));
    const Place place = room(head.size() + length_size + bytes.size());
    char* at = piece(place)->bytes;
    for (const std::string_view part : {head, std::string_view(length, length_size), bytes})
      at = std::copy(part.begin(), part.end(), at);
    (chain.first_ == kNowhere ? chain.first_ : piece(chain.last_)->next) = place;
    chain.last_ = place;
  }

  template <typename Visit>
  void for_each(const Chain& chain, Visit visit) const {
    for (Place at = chain.first_; at != kNowhere; at = piece(at)->next)
      visit(std::string_view(piece(at)->bytes, piece(at)->size));
  }

  // These bytes and all of a chain, one piece after the other; valid until the next call.
  std::string_view joined(std::string_view before, const Chain& chain) {
    joined_.assign(before);
    for_each(chain, [this](std::string_view bytes) { joined_.append(bytes); });
    return joined_;
  }

  std::size_t bytes() const { return bytes_; }
  void clear() {
    blocks_.clear();
    used_ = 0;
    bytes_ = 0;
  }

 private:
  static constexpr Place kNowhere = ~Place{0};
  static constexpr std::size_t kUnitBytes = 4, kUnitsPerBlock = 1 << 15;
  static constexpr std::size_t kBlocksMost = kNowhere / kUnitsPerBlock;

  struct Piece {
    Place next;
    std::uint32_t size;
    char bytes[];
  };

  Piece* piece(Place place) const {
    return reinterpret_cast<Piece*>(blocks_[place / kUnitsPerBlock].get() + place % kUnitsPerBlock * kUnitBytes);
  }

  Place room(std::size_t size) {
    const std::size_t units = (sizeof(Piece) + size + kUnitBytes - 1) / kUnitBytes;
    if (blocks_.empty() || used_ + units > kUnitsPerBlock) {
      NUDGE_CHECK(blocks_.size() < kBlocksMost, "a commit comes before so much waits for it");
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(std::max(units, kUnitsPerBlock) * kUnitBytes));
      used_ = 0;
    }
    const Place place = static_cast<Place>((blocks_.size() - 1) * kUnitsPerBlock + used_);
    piece(place)->next = kNowhere;
    piece(place)->size = static_cast<std::uint32_t>(size);
    used_ += units;
    bytes_ += units * kUnitBytes;
    return place;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t used_ = 0;  // units of the last block
  std::size_t bytes_ = 0;
  std::string joined_;
};

}  // namespace nudge::runtime
