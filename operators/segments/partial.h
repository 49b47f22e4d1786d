// What a task tells the global part of one segmentation at the end of an epoch.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "operators/segments/change_log.h"
#include "operators/segments/outcomes.h"
#include "operators/segments/tally.h"

namespace nudge::segments {

struct Partial {
  std::uint32_t segmentation = 0;
  Changes changes;                // since the last partial
  Outcomes outcomes;              // likewise
  Tally last;                     // at a replay's end: the final population; else empty
  std::int64_t last_version = 0;  // of the model by which it was placed

  void encode(Encoder& out) const {
    out.fixed32(segmentation);
    encode_panes(changes.panes, out);
    changes.products.encode(out);
    changes.purchases.encode(out);
    outcomes.encode(out);
    last.encode(out);
    out.zigzag(last_version);
  }
  bool decode(Decoder& in) {
    segmentation = in.fixed32();
    const bool is_good = decode_panes(in, changes.panes) && changes.products.decode(in) &&
                         changes.purchases.decode(in) && outcomes.decode(in) && last.decode(in);
    last_version = in.zigzag();
    return is_good && in.ok();
  }
};

}  // namespace nudge::segments
