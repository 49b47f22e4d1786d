// What sales of each product earned, by slide, so that what is too old goes: exact sums.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/decimal.h"
#include "engine/time.h"
#include "state/codec.h"

namespace nudge::recommendations {

struct Earned {
  Nano margin = 0;
  std::int64_t sales = 0;
};

class Margins {
 public:
  explicit Margins(Millis pane_length) : pane_length_(pane_length) {}

  // `sign` is −1 for a sale that holds no more.
  void add(Millis time, std::string_view product, Nano margin, int sign);
  void forget_before(Millis time);
  // By product, over all that is left.
  std::map<std::string_view, Earned> sums() const;

  void encode(Encoder& out) const;
  void decode(Decoder& in);

 private:
  Millis pane_length_;
  std::map<std::int64_t, std::map<std::string, Earned, std::less<>>> panes_;
};

}  // namespace nudge::recommendations
