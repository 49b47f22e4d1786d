// What all tasks do together, one step after the other.
//
// The spine (spine.h) makes the steps, from the input alone; a task does each of them once, in the order of their
// numbers. So what a task has done is said by one number, and whoever has the spine's state makes the same steps again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/model.h"
#include "state/codec.h"

namespace nudge::runtime {

struct Step {
  enum class Kind : std::uint8_t {
    kStart,    // the event clock begins behind `at`
    kRound,    // records are brought through all stages
    kAdvance,  // nothing but time passes
    kAdopt,    // `models` hold from here
    kJump,     // the clock jumps behind `at`, and `models` hold
    kLearn,    // the epoch that ends at `at` is handed over to the global stage
  };
  std::uint64_t number = 0;  // from 1
  Kind kind = Kind::kAdvance;
  bool erases = false;  // kRound: it ends with a tombstone
  Millis at = kBeforeAll;
  Millis watermark = kBeforeAll;  // to which time passes at the end of the step
  std::vector<Model> models;
};

void encode(Encoder& out, const Step& step);
bool decode(Decoder& in, Step& step);

void encode(Encoder& out, const std::vector<Model>& models);
bool decode(Decoder& in, std::vector<Model>& models);

}  // namespace nudge::runtime
