// Changes to a store that become visible together, in memory. Keys may be added in any order; of several changes of one
// key the last holds.
//
// Keys and values lie one after the other in blocks that clear() keeps, so that a batch used again allocates nothing.
// One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace nudge::state {

class Batch {
 public:
  enum class Kind : std::uint8_t { kPut, kErase, kEraseRange };
  // `value` of an erased range is where it ends. Views live until the batch is cleared.
  struct Change {
    std::string_view key, value;
    Kind kind = Kind::kPut;
  };

  void put(std::string_view key, std::string_view value) { add(Kind::kPut, key, value); }
  void erase(std::string_view key) { add(Kind::kErase, key, {}); }
  // Erases [from, until).
  void erase_range(std::string_view from, std::string_view until) {
    if (from < until) add(Kind::kEraseRange, from, until);
  }
  void clear();

  bool empty() const { return changes_.empty(); }
  std::size_t bytes() const { return bytes_; }  // of keys and values
  // In the order in which they were added.
  const std::vector<Change>& changes() const { return changes_; }

  // What the changes come to: each key once, rising; and the erased ranges, which the changes of keys outlast.
  struct Sorted {
    std::vector<Change> keys, ranges;
  };
  Sorted sorted() const;

 private:
  static constexpr std::size_t kBlockBytes = 1 << 20;
  struct Block {
    std::unique_ptr<char[]> data;
    std::size_t size = 0;
  };

  void add(Kind kind, std::string_view key, std::string_view value);
  char* room(std::size_t bytes);

  std::vector<Change> changes_;
  std::vector<Block> blocks_;
  std::size_t block_ = 0, used_ = 0;  // where the next bytes go
  std::size_t bytes_ = 0;
};

}  // namespace nudge::state
