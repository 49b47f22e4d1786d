// A version of a segmentation as it stands in the topic `segments`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/operator.h"
#include "operators/segments/lineage.h"
#include "operators/segments/links.h"
#include "operators/segments/outcomes.h"
#include "operators/segments/segment_model.h"
#include "operators/segments/settings.h"

namespace nudge::segments {

struct SegmentFigures {
  std::int64_t size = 0;
  Nano value = 0;
  std::optional<Nano> margin;  // of those whose margin is known
};

// How a segment was at an earlier version.
struct Earlier {
  Millis at = 0;
  std::int64_t size = 0;
  double share = 0;
  Nano value = 0;
};

struct Ancestry {  // a Change in numbers of segments that stay
  Fate fate = Fate::kSurvive;
  std::int32_t from = -1, to = -1;
};

struct Published {
  SegmentModel model;
  std::int64_t version = 0;
  Millis valid_from = 0, trained_until = 0;
  std::vector<Ancestry> ancestry;               // since the version before
  std::vector<std::optional<Earlier>> earlier;  // by place; nothing: the segment is new
  std::optional<double> stability;              // where k was chosen
  std::uint64_t left_out = 0;                   // products beyond the limit

  void encode(Encoder& out) const;
  bool decode(Decoder& in);
};

// What is known of the members of a version's segments.
struct Population {
  std::vector<SegmentFigures> figures;  // by place
  std::optional<double> davies_bouldin;
  Outcomes outcomes;
  std::optional<Links> links;
  bool is_final = false;  // of the final population, exact; else of the micro-clusters that lie in the segments
};
void write_model(const Segmentation& segmentation, const Published& published, const Population& population,
                 Millis event_time, Outputs& outputs);

}  // namespace nudge::segments
