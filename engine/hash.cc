#include "engine/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

namespace nudge {

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hash128 hash128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

// As org.apache.kafka.common.utils.Utils.murmur2.
std::uint32_t murmur2(std::string_view key) {
  constexpr std::uint32_t kFactor = 0x5bd1e995, kSeed = 0x9747b28c;
  constexpr int kShift = 24;
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(key.size());
  std::size_t at = 0;
  for (; at + 4 <= key.size(); at += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, key.data() + at, 4);
    word *= kFactor;
    word ^= word >> kShift;
    word *= kFactor;
    hash *= kFactor;
    hash ^= word;
  }
  const std::size_t rest = key.size() - at;
  if (rest >= 3) hash ^= static_cast<std::uint32_t>(static_cast<unsigned char>(key[at + 2])) << 16;
  if (rest >= 2) hash ^= static_cast<std::uint32_t>(static_cast<unsigned char>(key[at + 1])) << 8;
  if (rest >= 1) {
    hash ^= static_cast<unsigned char>(key[at]);
    hash *= kFactor;
  }
  hash ^= hash >> 13;
  hash *= kFactor;
  return hash ^ (hash >> 15);
}

}  // namespace nudge
