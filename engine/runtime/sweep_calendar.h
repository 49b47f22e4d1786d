// When the next sweep over the base is due: a function of event time alone, so that the spine knows it without tasks.
#pragma once

#include <memory>
#include <vector>

#include "engine/product_catalog.h"
#include "engine/runtime/program.h"
#include "state/codec.h"

namespace nudge::runtime {

class SweepCalendar {
 public:
  explicit SweepCalendar(const Program& program);

  // The clock begins, or jumps.
  void start(Millis watermark);
  // All sweeps that are due up to and including this time are behind.
  void advance(Millis watermark);
  Millis next() const;

  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  struct Operator {
    std::unique_ptr<KeyedOperator> keyed;
    Millis next = kNever;
  };
  const ProductCatalog no_products_{0};
  std::vector<Operator> operators_;  // those with sweeps
};

}  // namespace nudge::runtime
