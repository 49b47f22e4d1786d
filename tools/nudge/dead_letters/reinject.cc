#include "tools/nudge/dead_letters/reinject.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "engine/decode.h"
#include "engine/event_key.h"

namespace nudge::dead_letters {
namespace {

constexpr std::size_t kShownMax = 5;

// Reads records as the engine will.
class Reader {
 public:
  // Nothing where the record is bad; then why() says what is wrong.
  std::optional<Event> read(Topic topic, std::string_view record) {
    padded_.assign(record).append(kInputPadding, '\0');
    bytes_.clear();
    if (!decoder_.decode(topic, std::string_view(padded_).substr(0, record.size()), bytes_, bad_)) return std::nullopt;
    return Event(bytes_);
  }
  const std::string& why() const { return bad_.message; }

 private:
  RecordDecoder decoder_;
  std::string padded_, bytes_;
  BadRecord bad_;
};

class Work {
 public:
  Work(Source& source, const ReinjectOptions& options) : source_(source), options_(options) {}

  Status look() {
    NUDGE_TRY(each([&](const DeadLetter& letter, std::string_view record) {
      if (!options_.selection.places.empty()) found_.insert(letter.place);
      ++done_.records;
      if (reader_.read(letter.place.topic, record)) return Status::ok();
      if (done_.bad++ < kShownMax) shown_ += fmt::format("\n{}: {}", to_string(letter.place), reader_.why());
      return Status::ok();
    }));
    for (const Place& place : options_.selection.places)
      if (!found_.contains(place)) return Status::usage(to_string(place) + ": no dead letter of this place is there");
    if (options_.mended && done_.records != 1)
      return Status::usage("--mended: stands for one record, but " + std::to_string(done_.records) + " are selected");
    if (done_.bad == 0 || options_.force) return Status::ok();
    if (done_.bad > kShownMax) shown_ += "\n…";
    return Status::bad_data(
        fmt::format("{} of {} records are still bad, and none was written; mend them, select "
                    "others, or give --force:{}",
                    done_.bad, done_.records, shown_));
  }

  Status write(Input& input) {
    std::uint64_t left = done_.records;  // what was looked at, and no more
    return each([&](const DeadLetter& letter, std::string_view record) {
      if (left == 0) return Status::ok();
      --left;
      const auto event = reader_.read(letter.place.topic, record);
      return input.append(letter.place.topic, event ? key_of(*event) : std::string_view(), record);
    });
  }

  const Reinjected& done() const { return done_; }

 private:
  // Every selected letter with the bytes that go back; ends at a failure.
  template <typename Use>
  Status each(Use use) {
    Status outcome;
    NUDGE_TRY(source_.walk([&](DeadLetter&& letter) {
      if (!options_.selection.takes(letter)) return true;
      outcome = use(letter, options_.mended ? *options_.mended : letter.raw);
      return outcome.is_ok();
    }));
    return outcome;
  }

  Source& source_;
  const ReinjectOptions& options_;
  Reader reader_;
  std::set<Place> found_;
  std::string shown_;
  Reinjected done_;
};

}  // namespace

bool Selection::takes(const DeadLetter& letter) const {
  return filter.takes(letter) && (places.empty() || std::ranges::binary_search(places, letter.place));
}

Result<Reinjected> reinject(Source& source, const std::function<Result<std::unique_ptr<Input>>()>& open_input,
                            const ReinjectOptions& options) {
  Work work(source, options);
  NUDGE_TRY(work.look());
  if (work.done().records == 0) return work.done();
  NUDGE_ASSIGN(const auto input, open_input());
  NUDGE_TRY(work.write(*input));
  NUDGE_TRY(input->finish());
  return work.done();
}

}  // namespace nudge::dead_letters
