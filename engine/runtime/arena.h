// A bump allocator for the strings of one round.
#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace nudge::runtime {

class Arena {
 public:
  std::string_view copy(std::string_view text) {
    if (text.size() > left_) grow(text.size());
    char* const begin = next_;
    std::memcpy(begin, text.data(), text.size());
    next_ += text.size();
    left_ -= text.size();
    return {begin, text.size()};
  }

  // Everything copied so far becomes invalid; the first block is kept.
  void clear() {
    if (blocks_.size() > 1) blocks_.resize(1);
    next_ = blocks_.empty() ? nullptr : blocks_.front().data.get();
    left_ = blocks_.empty() ? 0 : blocks_.front().size;
  }

 private:
  static constexpr std::size_t kBlockBytes = 1 << 18;
  struct Block {
    std::unique_ptr<char[]> data;
    std::size_t size;
  };
  void grow(std::size_t least) {
    const std::size_t size = std::max(least, kBlockBytes);
    blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
    next_ = blocks_.back().data.get();
    left_ = size;
  }

  std::vector<Block> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace nudge::runtime
