// Values of a changelog that are too large for one record: they travel in parts, each under a key of its own, so that
// compaction keeps the parts of the latest value and no others.
//
//   prefix z 0 0 rest      the head: how many parts there are, their size together, and their hash
//   prefix z number rest   a part, from 1 on
//
// where the key was prefix (two bytes) and rest. The key itself is erased in the topic. A store that is restored has
// heads and parts as they came; join_large_values() puts the value under its key, takes the parts away and keeps the
// head: it says what there is to erase when the value becomes shorter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "state/store.h"

namespace nudge::connectors::kafka {

// The writer's side: which keys have parts in the topic. One thread.
class LargeValues {
 public:
  static constexpr std::size_t kPartBytesMax = 768 << 10;
  using Send = std::function<Status(std::string_view key, std::optional<std::string_view> value)>;

  // What a restored store says of the keys with the prefix.
  Status load(const state::Store& store, const std::string& prefix);

  // Sends what a change of the key comes to, nothing being an erased one, and adds what the store must know of it
  // besides. What was sent and is not committed is this object's end.
  Status change(std::string_view key, std::optional<std::string_view> value, const Send& send, state::Batch& store);

 private:
  Status send_parts(std::string_view key, std::string_view value, const Send& send, state::Batch& store);
  Status erase_parts(std::string_view key, std::uint32_t first, std::uint32_t last, const Send& send) const;

  std::map<std::string, std::uint32_t, std::less<>> parts_;  // few
};

// Puts the values whose parts are all there under their keys. False where parts of different values are there: somebody
// went on writing while the topic was read, so there is more to read.
Result<bool> join_large_values(state::Store& store, const std::string& prefix);

}  // namespace nudge::connectors::kafka
