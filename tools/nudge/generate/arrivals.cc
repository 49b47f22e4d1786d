#include "tools/nudge/generate/arrivals.h"

#include <algorithm>

#include "engine/check.h"
#include "engine/hash.h"
#include "tools/nudge/generate/random.h"

namespace nudge::generate {

namespace {

constexpr Millis kLateLeast = 8 * kDay, kLateMost = 30 * kDay, kDisorderLeast = kMinute, kDisorderMost = 2 * kDay,
                 kRepeatMost = 20 * kDay, kUsualDelay = 5 * kSecond;

std::string replaced(std::string_view line, std::string_view old_text, std::string_view new_text) {
  std::string result(line);
  const std::size_t place = result.find(old_text);
  NUDGE_CHECK(place != std::string::npos, "every record has the common fields");
  return result.replace(place, old_text.size(), new_text);
}

// A broken copy of a record, in one of several ways.
std::string broken(std::string_view line, Random& random) {
  switch (random.below(7)) {
    case 0:
      return std::string(line.substr(0, line.size() * 2 / 3));
    case 1:
      return std::string(line) + "}";
    case 2:
      return "null";
    case 3:
      return replaced(line, "\"event_id\"", "\"id\"");
    case 4:
      return replaced(line, "\"event_time\":\"20", "\"event_time\":\"20-");
    case 5:
      return replaced(line, "\"source\":\"", "\"source\":\"\xff\xfe");
    default:
      return "[" + std::string(line) + "]";
  }
}

}  // namespace

Arrivals::Arrivals(ArrivalSink& sink, const GenerateOptions& options)
    : start_(options.start),
      seed_(mix(options.seed, 0xa1)),
      late_(options.late),
      duplicates_(options.duplicates),
      disorder_(options.disorder),
      malformed_(options.malformed),
      sink_(sink) {
  // A record is added at most a campaign's window or a return's weeks ahead, and then is on its way for kLateMost
  // and once more kRepeatMost at most; `schedule` checks it.
  constexpr Millis kTail = 90 * kDay;
  slices_.resize(static_cast<std::size_t>((options.weeks * kWeek + kTail) / kSlice));
}

void Arrivals::add(Topic topic, std::string_view key, Millis event_time, std::string_view event_id, std::string line) {
  const std::uint64_t tie = mix(hash64(event_id, seed_), static_cast<std::uint64_t>(topic));
  Random random(tie);
  PlantedCounts& counts = counts_[static_cast<std::size_t>(topic)];
  Millis delay = random.below(kUsualDelay);
  const double draw = random.unit();
  if (draw < late_) {
    delay = random.between(kLateLeast, kLateMost);
    ++counts.late;
  } else if (draw < late_ + disorder_) {
    delay = random.between(kDisorderLeast, kDisorderMost);
    ++counts.disordered;
  }
  ++counts.records;
  Arrival arrival{
      .time = event_time + delay, .tie = tie, .topic = topic, .key = std::string(key), .line = std::move(line)};
  if (random.chance(malformed_)) {
    ++counts.malformed;
    Arrival copy = arrival;
    copy.tie = mix(tie, 1);
    copy.line = broken(arrival.line, random);
    schedule(std::move(copy));
  }
  if (random.chance(duplicates_)) {
    ++counts.duplicates;
    Arrival copy = arrival;
    copy.tie = mix(tie, 2);
    copy.time += random.between(1, kRepeatMost);
    schedule(std::move(copy));
  }
  schedule(std::move(arrival));
}

void Arrivals::schedule(Arrival arrival) {
  const std::int64_t slice = (arrival.time - start_) / kSlice;
  NUDGE_CHECK(arrival.time >= start_ && slice >= next_, "a record of a slice that is written");
  NUDGE_CHECK(slice < static_cast<std::int64_t>(slices_.size()), "a record beyond the last slice");
  slices_[static_cast<std::size_t>(slice)].push_back(std::move(arrival));
}

Status Arrivals::write_slice() {
  std::vector<Arrival> slice = std::move(slices_[static_cast<std::size_t>(next_++)]);
  std::sort(slice.begin(), slice.end(),
            [](const Arrival& a, const Arrival& b) { return a.time != b.time ? a.time < b.time : a.tie < b.tie; });
  for (const Arrival& arrival : slice) NUDGE_TRY(sink_.append(arrival.topic, arrival.key, arrival.line));
  return Status::ok();
}

Status Arrivals::finish() {
  while (next_ < static_cast<std::int64_t>(slices_.size())) NUDGE_TRY(write_slice());
  return sink_.finish();
}

}  // namespace nudge::generate
