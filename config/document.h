// A YAML file as it was written: a tree with the line of every value, before anything is known of its meaning.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/value.h"

namespace nudge::config {

inline constexpr std::size_t kFileBytesMax = 16 << 20;
inline constexpr int kDepthMax = 64;
inline constexpr std::size_t kNodesMax = 1'000'000;  // aliases count each time

struct Written {
  enum class Type : std::uint8_t { kNull, kScalar, kList, kMapping };
  struct Entry;

  Type type = Type::kNull;
  bool quoted = false;  // a scalar that is text whatever it looks like
  std::string scalar;
  std::string file;
  int line = 0;
  std::vector<Written> items;
  std::vector<Entry> entries;

  const Written* find(std::string_view key) const;
  Written* find(std::string_view key);
};
struct Written::Entry {
  std::string key;
  int line = 0;  // of the key
  Written value;
};

// `operators.scores` and `every` give `operators.scores.every`.
std::string join_path(std::string_view path, std::string_view key);
std::string join_path(std::string_view path, std::size_t index);

// Parses one YAML document. What cannot be read, repeated keys and exceeded limits are added to `problems`; the rest
// of the tree is still given. Where `has_lines` is false (overrides, defaults) every line is 0.
Written parse_document(std::string_view text, const std::string& file, std::string_view path, bool has_lines,
                       std::vector<Problem>& problems);
// The same of a file.
Written read_document(const std::string& file, std::vector<Problem>& problems);

}  // namespace nudge::config
