// DDSketch against sorted values: the error bound, merging, deleting, the codec.
#include "engine/sketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace nudge {
namespace {

std::string bytes_of(const DDSketch& sketch) {
  std::string bytes;
  Encoder encoder(bytes);
  sketch.encode(encoder);
  return bytes;
}

// Values of every size and sign.
Int128 any_value(std::mt19937_64& random) {
  const auto bits = random() % 120;
  const Int128 size = ((static_cast<Int128>(random() >> 1) << 57) ^ static_cast<Int128>(random())) >> (120 - bits);
  return random() % 3 == 0 ? -size : size;
}

TEST(DDSketch, SmallIntegersAreExact) {
  DDSketch sketch(9);
  for (int value = -1'000; value <= 1'000; ++value) sketch.add(value);
  for (int rank = 1; rank <= 2'001; ++rank) EXPECT_EQ(static_cast<int>(sketch.at_rank(rank)), rank - 1'001);
}

TEST(DDSketch, AnyRankIsNeverTooSmallAndOffByTheMantissaAtMost) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::vector<Int128> values(1 + random() % 500);
    DDSketch sketch(8);
    for (Int128& value : values) sketch.add(value = any_value(random));
    std::sort(values.begin(), values.end());
    ASSERT_EQ(sketch.total(), values.size());
    for (std::size_t rank = 1; rank <= values.size(); ++rank) {
      const Int128 exact = values[rank - 1], found = sketch.at_rank(rank);
      EXPECT_GE(found, exact);
      EXPECT_LE((found - exact) * 256, exact < 0 ? -exact : exact);
    }
  }
}

TEST(DDSketch, MergesLikeOnePassForgetsWhatIsRemovedAndRoundTrips) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    DDSketch all(8), parts[3] = {DDSketch(8), DDSketch(8), DDSketch(8)};
    for (int i = 0; i < 300; ++i) {
      const Int128 value = any_value(random);
      DDSketch& part = parts[random() % 3];
      part.add(value);
      if (random() % 3 == 0) {
        part.remove(value);
      } else {
        all.add(value);
      }
    }
    DDSketch merged(8);
    for (const int part : {2, 0, 1}) merged.merge(parts[part]);
    EXPECT_EQ(merged, all);
    DDSketch decoded(8);
    const std::string bytes = bytes_of(all);
    Decoder decoder(bytes);
    ASSERT_TRUE(decoder.ok() && decoded.decode(decoder) && decoder.at_end());
    EXPECT_EQ(decoded, all);
    EXPECT_EQ(bytes_of(decoded), bytes);
  }
}

TEST(DDSketch, RefusesBytesThatItNeverWrote) {
  DDSketch sketch(8);
  for (int value : {1, 5, 700}) sketch.add(value);
  const std::string bytes = bytes_of(sketch);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    DDSketch decoded(8);
    Decoder decoder(std::string_view(bytes).substr(0, size));
    EXPECT_FALSE(decoded.decode(decoder)) << size;
  }
}

}  // namespace
}  // namespace nudge
