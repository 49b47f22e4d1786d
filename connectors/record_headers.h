// The headers of a record in one run of bytes: for each the length of its name and of its value (32 bits each, in the
// machine's order), then both. It lives in memory only.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace nudge::connectors {

inline void append_header(std::string& bytes, std::string_view name, std::string_view value) {
  for (const std::string_view part : {name, value}) {
    const auto size = static_cast<std::uint32_t>(part.size());
    bytes.append(reinterpret_cast<const char*>(&size), sizeof size);
  }
  bytes.append(name).append(value);
}

// Takes the first header off `bytes`, which append_header wrote; false where none is left.
inline bool next_header(std::string_view& bytes, std::string_view& name, std::string_view& value) {
  std::uint32_t sizes[2];
  if (bytes.size() < sizeof sizes) return false;
  std::memcpy(sizes, bytes.data(), sizeof sizes);
  name = bytes.substr(sizeof sizes, sizes[0]);
  value = bytes.substr(sizeof sizes + sizes[0], sizes[1]);
  bytes.remove_prefix(sizeof sizes + sizes[0] + sizes[1]);
  return true;
}

}  // namespace nudge::connectors
