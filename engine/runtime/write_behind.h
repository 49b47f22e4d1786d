// What is committed, or about to be, and not in the store yet: changes of the same keys come together here, so that the
// store is written seldom, in large sorted parts, by a thread of its own. Reads see it as if it were in the store.
//
// Two layers: commits go to the upper one; once all of its commits are known to have succeeded it may become the lower
// one, which the thread writes to the store as one bulk write, so that after a crash all of it is there or nothing. Any
// thread may call at any time.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "engine/hash.h"
#include "state/store.h"

namespace nudge::runtime {

class WriteBehind {
 public:
  struct Limits {
    std::size_t bytes_max = 64 << 20;          // of a layer; there are two of them
    std::chrono::milliseconds age_max{5'000};  // how long a change waits, at most
  };
  // `written` is called on the thread, after each layer.
  WriteBehind(state::Store& store, const Limits& limits, std::function<void()> written);
  // What the thread writes comes to its end; what is not handed to it is dropped.
  ~WriteBehind();

  // Adds to the upper layer; of several changes of one key the last holds. No ranges.
  void add(std::span<const state::Batch::Change> changes);

  // Call these only when everything that was added is committed. hand_on() where it is due; it waits where the layer
  // before is not written and this one is full. Both give the failure of an earlier write.
  Status hand_on_when_due();
  // Until nothing waits any more.
  Status flush();

  // As the store's, over both layers.
  Result<std::optional<std::string>> get(std::string_view key) const;
  Status multi_get(std::span<const std::string> keys, std::vector<std::optional<std::string>>& values) const;

 private:
  struct KeyHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return hash64(key); }
  };
  using Changes = absl::flat_hash_map<std::string, std::optional<std::string>, KeyHash, std::equal_to<>>;
  struct Layer {
    Changes changes;
    std::size_t bytes = 0;
    std::chrono::steady_clock::time_point begun;
  };

  // With the lock: what the layers say of a key; null: nothing. An erased key has no value.
  const std::optional<std::string>* find(std::string_view key) const;
  Status hand_on(std::unique_lock<std::shared_mutex>& lock);
  void serve(const std::stop_token& stop);
  Status write(const Layer& layer) const;

  state::Store& store_;
  const Limits limits_;
  const std::function<void()> written_;
  mutable std::shared_mutex mutex_;
  std::condition_variable_any changed_;
  std::shared_ptr<Layer> upper_ = std::make_shared<Layer>();
  std::shared_ptr<const Layer> lower_;  // null: nothing is being written
  Status status_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace nudge::runtime
