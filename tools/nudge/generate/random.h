// Chance for the planted shop: the same draws for the same key on every machine.
//
// The n-th word of a stream is a hash of (key, n), so a stream is 12 bytes of state, and every customer has one.
// The distributions are written out here because those of the standard library differ between libraries.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/hash.h"
#include "engine/portable_math.h"

namespace nudge::generate {

class Random {
 public:
  // Goes on after the first `drawn` words of the stream.
  explicit Random(std::uint64_t key, std::uint32_t drawn = 0) : key_(key), drawn_(drawn) {}

  std::uint32_t drawn() const { return drawn_; }
  std::uint64_t word() { return mix(key_, drawn_++ * 0x9e3779b97f4a7c15ull); }
  double unit() { return unit_interval(word()); }  // [0, 1)
  bool chance(double probability) { return unit() < probability; }
  // Uniform in [0, count); count > 0.
  std::int64_t below(std::int64_t count) {
    return static_cast<std::int64_t>((static_cast<unsigned __int128>(word()) * static_cast<std::uint64_t>(count)) >>
                                     64);
  }
  std::int64_t between(std::int64_t least, std::int64_t most) { return least + below(most - least + 1); }
  double exponential(double mean) { return -mean * portable::log(1.0 - unit()); }
  // Knuth's product of uniforms: for means of a few.
  int poisson(double mean) {
    const double stop = portable::exp(-mean);
    int count = 0;
    double product = unit();
    while (product > stop) {
      product *= unit();
      ++count;
    }
    return count;
  }
  // Marsaglia's polar method; one of the pair is dropped, so that no state is kept.
  double normal() {
    for (;;) {
      const double x = 2 * unit() - 1, y = 2 * unit() - 1, square = x * x + y * y;
      if (square > 0 && square < 1) return x * std::sqrt(-2 * portable::log(square) / square);
    }
  }
  // Marsaglia and Tsang (2000); shape ≥ 1, scale 1.
  double gamma(double shape) {
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    for (;;) {
      const double x = normal(), root = 1 + c * x;
      if (root <= 0) continue;
      const double v = root * root * root;
      if (portable::log(1 - unit()) < 0.5 * x * x + d - d * v + d * portable::log(v)) return d * v;
    }
  }

 private:
  std::uint64_t key_;
  std::uint32_t drawn_;
};

}  // namespace nudge::generate
