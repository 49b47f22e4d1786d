// The way from when a record happens to when it arrives: some arrive late, out of order, twice, or beside a broken
// copy.
//
// Records may be added for any time from the slice that is next to be written on; `write_slice` writes those that
// arrive in it, in order of arrival, and forgets them. So memory holds what is on its way, never the whole shop.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json_writer.h"
#include "engine/topic.h"
#include "tools/nudge/generate/arrival_sink.h"
#include "tools/nudge/generate/options.h"

namespace nudge::generate {

struct PlantedCounts {
  std::int64_t records = 0, duplicates = 0, malformed = 0, late = 0, disordered = 0;
};

class Arrivals {
 public:
  static constexpr Millis kSlice = kHour;

  // `sink` must outlive this.
  Arrivals(ArrivalSink& sink, const GenerateOptions& options);

  // `line` is a whole record of `topic` and `key` its Kafka key; `event_id` is what it says, unique in its topic.
  void add(Topic topic, std::string_view key, Millis event_time, std::string_view event_id, std::string line);

  std::int64_t slices_written() const { return next_; }
  Status write_slice();
  // Writes all that is on its way and finishes the sink.
  Status finish();

  const PlantedCounts& counts(Topic topic) const { return counts_[static_cast<std::size_t>(topic)]; }

 private:
  struct Arrival {
    Millis time;
    std::uint64_t tie;
    Topic topic;
    std::string key;
    std::string line;
  };
  void schedule(Arrival arrival);

  Millis start_;
  std::uint64_t seed_;
  double late_, duplicates_, disorder_, malformed_;
  std::int64_t next_ = 0;
  std::vector<std::vector<Arrival>> slices_;
  std::array<PlantedCounts, kTopicCount> counts_{};
  ArrivalSink& sink_;
};

}  // namespace nudge::generate
