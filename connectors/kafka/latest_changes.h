// The last change of every key among those that came, sorted: what is gathered of a changelog before it is written.
//
// Keys and values lie in one buffer, one record behind the other; sorting moves only references to them. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/store.h"

namespace nudge::connectors::kafka {

class LatestChanges {
 public:
  // Room for so many bytes(), so that growing takes no more.
  explicit LatestChanges(std::size_t bytes_max) {
    bytes_.reserve(bytes_max);
    references_.reserve(bytes_max / sizeof(Reference));
  }

  void add(std::string_view key, std::optional<std::string_view> value);

  bool empty() const { return references_.empty(); }
  std::size_t bytes() const { return bytes_.size() + references_.size() * sizeof(Reference); }

  // All of them at once, sorted, then forgets them: much as a bulk write, which is a file of its own, little as a
  // batch.
  Status write(state::Store& store);
  void clear();

 private:
  struct Reference {
    std::uint64_t high = 0, low = 0;  // the key's first 16 bytes behind the task's two: most keys differ there
    std::uint64_t at = 0;             // in bytes_; later records lie behind earlier ones
    std::uint32_t key_size = 0;
    std::uint32_t value_size = 0;
  };
  static constexpr std::uint32_t kErased = ~0u;

  std::string_view key(const Reference& reference) const { return {bytes_.data() + reference.at, reference.key_size}; }
  int compare(const Reference& left, const Reference& right) const;
  template <typename Full>  // Status(), called when the batch has become large
  Status collect(Full&& full);

  std::string bytes_;
  std::vector<Reference> references_;
  state::Batch batch_;
};

}  // namespace nudge::connectors::kafka
