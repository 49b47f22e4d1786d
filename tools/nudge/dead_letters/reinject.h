// Sends dead letters back to their input, once they would be read.
//
// A dead letter was bad when it was read; it is good since nudge reads more, or the clock has caught up with it, or
// somebody mended it. Whether it is good now the decoder says that would read it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/nudge/dead_letters/dead_letter.h"
#include "tools/nudge/dead_letters/input.h"
#include "tools/nudge/dead_letters/source.h"

namespace nudge::dead_letters {

struct Selection {
  std::vector<Place> places;  // sorted; empty: whatever the filter takes
  Filter filter;

  bool takes(const DeadLetter& letter) const;
};

struct ReinjectOptions {
  Selection selection;
  // Instead of the bytes of the one record that is selected.
  std::optional<std::string> mended;
  bool force = false;  // also what is still bad
};

struct Reinjected {
  std::uint64_t records = 0;
  std::uint64_t bad = 0;  // of them
};

// All that is selected or nothing: kBadData where some is still bad, with the first ones and what is wrong with them;
// kUsage where a place holds no dead letter. The input is opened only if something is to be written.
Result<Reinjected> reinject(Source& source, const std::function<Result<std::unique_ptr<Input>>()>& open_input,
                            const ReinjectOptions& options);

}  // namespace nudge::dead_letters
