// What a segment is, in words and numbers: the features that set it apart, a name and a sentence.
//
// What sets a segment with the centre a apart from the others with the mean b is the margin |x − b|² − |x − a|² of its
// members. It is a sum over features, so the Shapley value of a feature is its own term less that term's mean over
// everybody (Lundberg & Lee 2017): 2 (a − b) (mean in the segment − mean of all), exact.
#pragma once

#include <string>
#include <vector>

#include "operators/segments/settings.h"
#include "operators/segments/weighted_points.h"

namespace nudge::segments {

struct Distinction {
  std::size_t feature = 0;
  double z = 0;                     // of the segment
  double value = 0, elsewhere = 0;  // the centre's, and that of everybody else, in the feature's own unit
  double contribution = 0;
};

struct Description {
  std::vector<Distinction> distinctions;  // of all features, the largest contribution first
  std::string name, sentence;
};

// `sizes` of the segments whose centres these are. Names are different from each other.
std::vector<Description> describe(const std::vector<Feature>& features, const std::vector<Scaling>& scalings,
                                  const Centres& centres, const std::vector<std::int64_t>& sizes);

// How much each feature parts the segments: its share of the squared distances of all members' centres from the mean of
// all. Adds up to 1, unless nothing parts them.
std::vector<double> influences(const Centres& centres, const std::vector<std::int64_t>& sizes);

}  // namespace nudge::segments
