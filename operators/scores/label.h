// When a customer did what a label asks for: the events that hold now, by time.
//
// Equal ones are kept as often as they came, so that undoing one leaves the other.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/compact_vector.h"
#include "engine/time.h"
#include "state/codec.h"

namespace nudge::scores {

// What a label looks at: events in (after, until].
struct Window {
  Millis after = 0, until = kNever;
};

// The times of the events that match.
class LabelTimes {
 public:
  static constexpr std::size_t kTimesMax = 2048;

  // False where the oldest time had to go to make room.
  bool add(Millis time) {
    times_.insert(std::upper_bound(times_.begin(), times_.end(), time), time);
    if (times_.size() <= kTimesMax) return true;
    times_.erase(times_.begin());
    return false;
  }
  // A time that is not there was forgotten before: nothing depends on it.
  void remove(Millis time) {
    const auto found = std::lower_bound(times_.begin(), times_.end(), time);
    if (found != times_.end() && *found == time) times_.erase(found);
  }
  // At least one in (after, until].
  bool any(Millis after, Millis until) const {
    const auto found = std::upper_bound(times_.begin(), times_.end(), after);
    return found != times_.end() && *found <= until;
  }
  // Forgets all up to `time`, inclusive.
  void forget(Millis time) { times_.erase(times_.begin(), std::upper_bound(times_.begin(), times_.end(), time)); }

  bool empty() const { return times_.empty(); }
  std::size_t size() const { return times_.size(); }
  std::size_t memory_bytes() const { return times_.capacity() * sizeof(Millis); }

  void encode(Encoder& out) const {
    out.varint(times_.size());
    Millis last = 0;
    for (const Millis time : times_) {
      out.zigzag(time - last);
      last = time;
    }
  }
  void decode(Decoder& in) {
    times_.assign(in.count(), 0);
    Millis last = 0;
    for (Millis& time : times_) last = time = last + in.zigzag();
    if (!std::is_sorted(times_.begin(), times_.end())) in.fail();
  }
  bool operator==(const LabelTimes&) const = default;

 private:
  CompactVector<Millis> times_;
};

// Events of which only the score's trigger tells whether they match: their time and the fields that the label names
// (EventMatcher::append_event).
class LabelEvents {
 public:
  static constexpr std::size_t kBytesMax = 16 << 10;

  // False where the oldest had to go to make room.
  bool add(Millis time, std::string_view fields) {
    Entry entry{time, std::string(fields)};
    bytes_ += bytes_of(entry);
    entries_.insert(std::upper_bound(entries_.begin(), entries_.end(), entry), std::move(entry));
    bool whole = true;
    for (; bytes_ > kBytesMax; whole = false) {
      bytes_ -= bytes_of(entries_.front());
      entries_.erase(entries_.begin());
    }
    return whole;
  }
  // One that is not there was forgotten before: nothing depends on it.
  void remove(Millis time, std::string_view fields) {
    const Entry entry{time, std::string(fields)};
    const auto found = std::lower_bound(entries_.begin(), entries_.end(), entry);
    if (found == entries_.end() || *found != entry) return;
    bytes_ -= bytes_of(entry);
    entries_.erase(found);
  }
  // At least one in the window for which `matches(fields)` is true.
  template <typename Matches>
  bool any(const Window& window, Matches matches) const {
    auto entry = std::upper_bound(entries_.begin(), entries_.end(), window.after,
                                  [](Millis after, const Entry& later) { return after < later.time; });
    for (; entry != entries_.end() && entry->time <= window.until; ++entry)
      if (matches(std::string_view(entry->fields))) return true;
    return false;
  }
  // Forgets those for which `is_wanted(time, fields)` is false.
  template <typename IsWanted>
  void keep(IsWanted is_wanted) {
    erase_if(entries_, [&](const Entry& entry) {
      const bool wanted = is_wanted(entry.time, std::string_view(entry.fields));
      if (!wanted) bytes_ -= bytes_of(entry);
      return !wanted;
    });
  }

  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  std::size_t memory_bytes() const { return entries_.capacity() * sizeof(Entry) + bytes_; }

  void encode(Encoder& out) const {
    out.varint(entries_.size());
    Millis last = 0;
    for (const Entry& entry : entries_) {
      out.zigzag(entry.time - last);
      out.text(entry.fields);
      last = entry.time;
    }
  }
  void decode(Decoder& in) {
    entries_.clear();
    bytes_ = 0;
    entries_.resize(in.count(2));
    Millis last = 0;
    for (Entry& entry : entries_) {
      last = entry.time = last + in.zigzag();
      entry.fields = in.text();
      bytes_ += bytes_of(entry);
    }
    if (!std::is_sorted(entries_.begin(), entries_.end())) in.fail();
  }
  bool operator==(const LabelEvents&) const = default;

 private:
  struct Entry {
    Millis time = 0;
    std::string fields;
    auto operator<=>(const Entry&) const = default;
  };
  static std::size_t bytes_of(const Entry& entry) { return sizeof(Millis) + entry.fields.size(); }

  CompactVector<Entry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace nudge::scores
