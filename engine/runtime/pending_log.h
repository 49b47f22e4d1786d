// Bytes that wait for the next commit, many short pieces for each of many owners: the pieces lie one after the other in
// large blocks, and those of one owner are chained. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nudge::runtime {

class PendingLog {
  struct Piece;

 public:
  // The pieces of one owner. Empty again when the log is cleared: drop it before.
  class Chain {
   public:
    bool empty() const { return first_ == nullptr; }
    template <typename Visit>
    void for_each(Visit visit) const {
      for (const Piece* piece = first_; piece; piece = piece->next) visit(piece->bytes());
    }

   private:
    friend class PendingLog;
    Piece* first_ = nullptr;
    Piece* last_ = nullptr;
  };

  // Appends one piece: `head`, then `bytes` with their varint length before them.
  void append(Chain& chain, std::string_view head, std::string_view bytes) {
    char length[10];
    std::size_t length_size = 0;
    for (std::size_t rest = bytes.size(); length_size == 0 || rest > 0; rest >>= 7)
      length[length_size++] = static_cast<char>((rest & 0x7f) | (rest >= 0x80 ? 0x80 : 0));
    const std::size_t size = head.size() + length_size + bytes.size();
    Piece* const piece = room(size);
    char* at = piece->data();
    for (const std::string_view part : {head, std::string_view(length, length_size), bytes})
      at = std::copy(part.begin(), part.end(), at);
    (chain.last_ ? chain.last_->next : chain.first_) = piece;
    chain.last_ = piece;
  }

  // All bytes of a chain, one piece after the other; valid until the next call.
  std::string_view joined(const Chain& chain) {
    joined_.clear();
    chain.for_each([this](std::string_view piece) { joined_.append(piece); });
    return joined_;
  }

  std::size_t bytes() const { return bytes_; }
  void clear() {
    blocks_.clear();
    at_ = end_ = nullptr;
    bytes_ = 0;
  }

 private:
  static constexpr std::size_t kBlockBytes = 1 << 18;

  struct Piece {
    Piece* next;
    std::uint32_t size;
    char* data() { return reinterpret_cast<char*>(this) + kHeaderBytes; }
    std::string_view bytes() const { return {reinterpret_cast<const char*>(this) + kHeaderBytes, size}; }
  };
  static constexpr std::size_t kHeaderBytes = sizeof(Piece*) + sizeof(std::uint32_t);  // NOLINT: a pointer is meant

  Piece* room(std::size_t size) {
    const std::size_t whole = (kHeaderBytes + size + alignof(Piece) - 1) / alignof(Piece) * alignof(Piece);
    if (static_cast<std::size_t>(end_ - at_) < whole) {
      const std::size_t block = whole > kBlockBytes ? whole : kBlockBytes;
      blocks_.push_back(std::unique_ptr<char[]>(new char[block]));
      at_ = blocks_.back().get();
      end_ = at_ + block;
    }
    auto* const piece = new (at_) Piece{nullptr, static_cast<std::uint32_t>(size)};
    at_ += whole;
    bytes_ += whole;
    return piece;
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* at_ = nullptr;
  char* end_ = nullptr;
  std::size_t bytes_ = 0;
  std::string joined_;
};

}  // namespace nudge::runtime
