// Texts by number, and back: numbered from 0 in the order in which they came. None is forgotten.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include <absl/container/flat_hash_map.h>

namespace nudge::rules {

class TextNumbers {
 public:
  // Whether it is new, too.
  std::pair<std::uint32_t, bool> number_of(std::string_view text) {
    if (const auto found = numbers_.find(text); found != numbers_.end()) return {found->second, false};
    const auto number = static_cast<std::uint32_t>(texts_.size());
    numbers_.emplace(std::string_view(texts_.emplace_back(text)), number);
    return {number, true};
  }
  const std::string& text(std::uint32_t number) const { return texts_[number]; }
  std::size_t size() const { return texts_.size(); }
  void clear() {
    numbers_.clear();
    texts_.clear();
  }

 private:
  std::deque<std::string> texts_;  // their bytes stay where they are
  absl::flat_hash_map<std::string_view, std::uint32_t> numbers_;
};

}  // namespace nudge::rules
