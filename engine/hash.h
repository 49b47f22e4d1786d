// Hashes whose values are the same on every machine, in every run and version: they decide partitions, groups,
// samples and the identity of repeats.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace nudge {

struct Hash128 {
  std::uint64_t high = 0, low = 0;
  auto operator<=>(const Hash128&) const = default;
};

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);  // XXH3
Hash128 hash128(std::string_view bytes);                               // XXH3

// Mixes a word into a hash; for hashes of several parts.
constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  std::uint64_t z = hash + 0x9e3779b97f4a7c15ull + word;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}
// Uniform in [0, 1).
constexpr double unit_interval(std::uint64_t hash) { return static_cast<double>(hash >> 11) * 0x1.0p-53; }

// Kafka's default partitioner for keys (murmur2, sign bit cleared).
std::uint32_t murmur2(std::string_view key);
inline std::uint32_t partition_of(std::string_view key, std::uint32_t partitions) {
  return (murmur2(key) & 0x7fffffffu) % partitions;
}

// Work whose result depends on order is cut by these, never by task (architecture, "One model each").
inline constexpr std::uint32_t kVirtualShards = 64;
inline std::uint32_t virtual_shard_of(std::string_view customer) {
  return static_cast<std::uint32_t>(hash64(customer, 0x5eed) % kVirtualShards);
}

}  // namespace nudge
