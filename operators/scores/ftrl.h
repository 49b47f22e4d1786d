// Logistic regression by FTRL-proximal (McMahan et al., "Ad click prediction: a view from the trenches", 2013).
//
// Per-coordinate rates α / (β + √Σg²), weights drawn to 0 by l1 and l2; index 0 is the intercept and is not drawn.
// One row after the other, so the order of rows is part of the result. Doubles, no allocation after construction.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "engine/portable_math.h"
#include "state/codec.h"

namespace nudge::scores {

// One non-zero input of a row.
struct Term {
  std::uint32_t index = 0;
  float value = 0;
};

struct FtrlRates {
  double alpha = 0.02, beta = 1.0, l1 = 0.0, l2 = 10.0;
};

class Ftrl {
 public:
  Ftrl() = default;
  Ftrl(std::size_t inputs, const FtrlRates& rates) : rates_(rates), coordinates_(inputs) {}

  double margin(std::span<const Term> terms) const {
    double sum = 0;
    for (const Term& term : terms) sum += coordinates_[term.index].weight * static_cast<double>(term.value);
    return sum;
  }

  // Learns a row from the margin that was predicted for it.
  void learn(std::span<const Term> terms, double margin, bool label, double row_weight) {
    const double slope = (portable::sigmoid(margin) - (label ? 1.0 : 0.0)) * row_weight;
    std::size_t next = 0;
    for (; next + 2 <= terms.size(); next += 2) {
      if (terms[next].index == terms[next + 1].index) break;
      move_two(terms[next], terms[next + 1], slope);
    }
    for (; next < terms.size(); ++next) move(terms[next].index, slope * static_cast<double>(terms[next].value));
  }

  double weight(std::size_t index) const { return coordinates_[index].weight; }
  std::vector<double> weights() const {
    std::vector<double> weights;
    weights.reserve(inputs());
    for (const Coordinate& coordinate : coordinates_) weights.push_back(coordinate.weight);
    return weights;
  }
  std::size_t inputs() const { return coordinates_.size(); }

  void encode(Encoder& out) const {
    out.varint(coordinates_.size());
    for (const Coordinate& coordinate : coordinates_) {
      // Most hashed inputs were never seen.
      out.boolean(coordinate.squares != 0);
      if (coordinate.squares == 0) continue;
      out.real(coordinate.z);
      out.real(coordinate.squares);
    }
  }
  void decode(Decoder& in, const FtrlRates& rates) {
    rates_ = rates;
    coordinates_.assign(in.count(), {});
    for (std::size_t index = 0; index < coordinates_.size(); ++index) {
      if (!in.boolean()) continue;
      coordinates_[index].z = in.real();
      coordinates_[index].squares = in.real();
      coordinates_[index].root = std::sqrt(coordinates_[index].squares);
      settle(index);
    }
  }

 private:
  struct Coordinate {
    double z = 0, squares = 0, root = 0, weight = 0;  // root = √squares
  };

  // Two numbers that are calculated with at once.
  using Two = double __attribute__((vector_size(16)));
  static Two root_of(Two squares) {
#ifdef __SSE2__
    return _mm_sqrt_pd(squares);
#else
    return Two{std::sqrt(squares[0]), std::sqrt(squares[1])};
#endif
  }

  // As move() of each, to the last bit, in little more than the time of one: most of it is spent on division.
  void move_two(const Term& a, const Term& b, double slope) {
    Coordinate &one = coordinates_[a.index], &other = coordinates_[b.index];
    const Two gradient = Two{static_cast<double>(a.value), static_cast<double>(b.value)} * slope;
    const Two squares = Two{one.squares, other.squares} + gradient * gradient;
    const Two root = root_of(squares);
    const Two z = Two{one.z, other.z} +
                  (gradient - (root - Two{one.root, other.root}) / rates_.alpha * Two{one.weight, other.weight});
    const Two l1 = {a.index == 0 ? 0.0 : rates_.l1, b.index == 0 ? 0.0 : rates_.l1};
    const Two l2 = {a.index == 0 ? 0.0 : rates_.l2, b.index == 0 ? 0.0 : rates_.l2};
    const Two drawn = z < 0.0 ? z + l1 : z - l1;
    const Two weight = -drawn / ((rates_.beta + root) / rates_.alpha + l2);
    one = {z[0], squares[0], root[0], std::abs(z[0]) <= l1[0] ? 0.0 : weight[0]};
    other = {z[1], squares[1], root[1], std::abs(z[1]) <= l1[1] ? 0.0 : weight[1]};
  }

  void move(std::uint32_t index, double gradient) {
    Coordinate& at = coordinates_[index];
    at.squares += gradient * gradient;
    const double root = std::sqrt(at.squares);
    at.z += gradient - (root - at.root) / rates_.alpha * at.weight;
    at.root = root;
    settle(index);
  }

  void settle(std::size_t index) {
    Coordinate& at = coordinates_[index];
    const double l1 = index == 0 ? 0.0 : rates_.l1, l2 = index == 0 ? 0.0 : rates_.l2;
    if (std::abs(at.z) <= l1) {
      at.weight = 0;
      return;
    }
    at.weight = -(at.z - (at.z < 0 ? -l1 : l1)) / ((rates_.beta + at.root) / rates_.alpha + l2);
  }

  FtrlRates rates_;
  std::vector<Coordinate> coordinates_;
};

}  // namespace nudge::scores
