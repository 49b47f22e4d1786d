#include "engine/growing_bytes.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/support/stored_pieces.h"

namespace nudge {
namespace {

std::string joined(const testing::StoredPieces& stored) {
  std::string text;
  for (const auto& [number, piece] : stored.pieces()) text.append(piece);
  return text;
}

TEST(GrowingBytes, WhatIsStoredIsTheText) {
  constexpr std::uint64_t kFirst = std::uint64_t{7} << 32;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::string text;
    GrowingBytes growing;
    testing::StoredPieces stored;
    for (int commit = 0; commit < 50; ++commit) {
      if (random() % 8 == 0) {
        text = std::string(random() % 20'000, static_cast<char>('a' + random() % 26));
        growing.replaced();
      }
      text.append(random() % 5'000, static_cast<char>('a' + random() % 26));
      growing.write(text, kFirst, stored);
      ASSERT_EQ(joined(stored), text);
      if (random() % 4 != 0) continue;  // as after a restart
      growing = {};
      std::string read;
      for (const auto& [number, piece] : stored.pieces()) growing.read(read, piece);
      ASSERT_EQ(read, text);
    }
  }
}

TEST(GrowingBytes, AddingALittleWritesALittle) {
  std::string text;
  GrowingBytes growing;
  testing::StoredPieces stored;
  for (int commit = 0; commit < 10'000; ++commit) {
    text.append(300, 'x');
    growing.write(text, 0, stored);
  }
  EXPECT_LT(stored.bytes_put(), 10u * text.size());
}

}  // namespace
}  // namespace nudge
