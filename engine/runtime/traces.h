// What an erased customer left outside of the keyed stage: which visitors were linked to it, and which transactions it
// had a record of. Its timeline tells; no other index is kept for what happens so seldom.
//
// The links of a visitor come from page views and profiles that are the customer's own, and every record of a
// transaction is told to its owner, so nothing is missed. What is named needlessly does no harm.
//
// Of one customer at a time.
#pragma once

#include <absl/container/flat_hash_set.h>

#include <span>
#include <vector>

#include "engine/event.h"
#include "engine/runtime/entity_cache.h"
#include "engine/runtime/message.h"

namespace nudge::runtime {

class Traces {
 public:
  explicit Traces(std::uint32_t partitions) : visitors_{Lists(partitions), {}}, transactions_{Lists(partitions), {}} {}

  // An event of the customer's timeline. The id must live as long as the messages are used.
  void add(const Event& event, std::string_view customer_id);
  void clear();
  // Whether add() would take anything from such an event.
  static bool has(const Event& event);
  // Appends an event of which only what add() takes remains.
  static void reduce(const Event& event, std::string& out);

  // By partition.
  const std::vector<std::vector<ForgetMessage>>& visitors() const { return visitors_.by_partition; }
  const std::vector<std::vector<ForgetMessage>>& transactions() const { return transactions_.by_partition; }

 private:
  using Lists = std::vector<std::vector<ForgetMessage>>;
  struct Named {
    Lists by_partition;
    absl::flat_hash_set<Hash128, Hash128Hasher> all;
    void add(std::string_view entity, std::string_view customer_id);
    void clear();
  };
  Named visitors_, transactions_;
};

}  // namespace nudge::runtime
