// What the store has of one section's pieces, for unit tests of sections.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/operator.h"

namespace nudge::testing {

class StoredPieces final : public PieceWriter {
 public:
  void put(std::uint64_t number, std::string_view bytes) override {
    pieces_[number] = bytes;
    bytes_put_ += bytes.size();
  }
  void erase(std::uint64_t number) override { pieces_.erase(number); }

  // Of a Section, or of what reads pieces as it does, after its decode(). False where one is missing or damaged, or one
  // is stored that is not asked for.
  template <typename Reader>
  bool read_into(Reader& reader) const {
    const PieceRange range = reader.pieces();
    if (pieces_.size() != range.end - range.begin) return false;
    for (const auto& [number, bytes] : pieces_)
      if (!range.holds(number) || !reader.read_piece(number, bytes)) return false;
    return true;
  }
  const std::map<std::uint64_t, std::string>& pieces() const { return pieces_; }
  std::size_t bytes_put() const { return bytes_put_; }

 private:
  std::map<std::uint64_t, std::string> pieces_;
  std::size_t bytes_put_ = 0;
};

}  // namespace nudge::testing
