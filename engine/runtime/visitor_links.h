// To which customer a visitor's records belong: the links of one visitor in the order of their time.
//
// A record at time t belongs to the customer of the last link at or before t, else of the first link after it. Of
// two links at the same time the one that arrived later counts. All link times are kept: a late link to another
// customer must find where the next link takes over. All but the newest are in blocks, where a link costs three bytes
// or so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/compact_vector.h"
#include "engine/time.h"
#include "state/codec.h"

namespace nudge::runtime {

class VisitorLinks {
 public:
  static constexpr std::uint32_t kNobody = ~0u;

  struct Link {
    Millis time;
    std::uint32_t customer;  // index into customers()
  };
  // Records with from <= time < until change from one owner to another; kNobody: none.
  struct Change {
    Millis from, until;
    std::uint32_t before, after;
  };

  // Adds a link and tells whose records change hands; at most two spans (a first link also owns what was before it).
  std::vector<Change> add(Millis time, std::string_view customer);

  // As if the customer had never been linked. Whatever was another's stays theirs; what was the customer's would now be
  // that of the link before it, or of the next one where there is none: forget it first.
  void forget(std::string_view customer);

  std::uint32_t owner(Millis time) const;  // an index into customers(), or kNobody
  const CompactVector<std::string>& customers() const { return customers_; }
  bool empty() const { return tail_.empty(); }

  void encode(Encoder& out) const;
  void decode(Decoder& in);
  std::size_t memory_bytes() const {
    return blocks_.capacity() * (sizeof(Block) + 4 * kTailLinks) + tail_.capacity() * sizeof(Link) +
           48 * customers_.size();
  }

 private:
  // So many links are kept decoded before half of them become a block; a block that grows to twice as many is cut in
  // two.
  static constexpr std::size_t kTailLinks = 32;
  struct Block {
    Link first, last;
    std::uint32_t count = 0;
    std::string steps;  // the links after the first, see append()
  };

  std::vector<Link> decoded(const Block& block) const;
  static Block encoded(const Link* links, std::size_t count);
  // A link: varint of (time − previous time) · 2 + (another customer than before), then that customer's index.
  static void append(std::string& out, const Link& before, const Link& link);
  void insert_in_block(std::size_t block, const Link& link);
  void keep_tail_short();
  std::uint32_t index_of(std::string_view customer);

  CompactVector<std::string> customers_;
  CompactVector<Block> blocks_;  // the older links
  CompactVector<Link> tail_;     // the newest
};

}  // namespace nudge::runtime
