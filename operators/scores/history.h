// What became of the scores of one customer, read from the customer's timeline when the input has ended.
//
// Facts are those effective at the end: what was applied and not retracted. A score's horizon is its duration, or the
// end of its session: the session's last page view, or a sale less than the gap after its last event so far.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "engine/operator.h"
#include "operators/scores/matcher.h"
#include "operators/scores/quality.h"
#include "operators/scores/target.h"

namespace nudge::scores {

// What makes a session, in 48 bits: the hash of its session_id; where the events carry none that of the visitor.
inline constexpr std::uint64_t kSessionKeyBits = 48;
std::uint64_t session_key(std::string_view session_id, std::string_view visitor_id);

// A published probability, as it is noted in the timeline: at most 16 bytes, and what the label needs of the trigger.
struct ScoreNote {
  std::uint8_t target = 0;  // its place among the targets
  Millis at = 0;
  std::int32_t probability_micro = 0;
  std::uint64_t session = 0;      // session_key; targets within sessions only
  std::string_view trigger = {};  // EventMatcher::append_trigger; labels that name fields of it only

  void append(std::string& out, bool with_session, bool with_trigger) const;
  // The trigger is a view into `bytes`.
  static bool read(std::string_view bytes, const Targets& targets, ScoreNote& note);
};

class History {
 public:
  // `matchers` are those of the labels.
  History(const Targets& targets, std::vector<EventMatcher>& matchers)
      : targets_(targets), matchers_(matchers), label_times_(targets.labels.size()), events_(targets.labels.size()) {}

  // Reads a whole timeline; `slot` is the operator's own.
  void read(TimelineReader& timeline, std::uint8_t slot);
  // Adds every score whose horizon has passed by `end` to the tally of its target.
  void judge(Millis end, std::vector<ScoreTally>& tallies) const;

 private:
  // What was added, and after close() what holds: added and not removed.
  template <typename T>
  struct Holding {
    std::vector<T> added, removed;
    void clear();
    void close();
  };
  using Times = Holding<Millis>;
  // An event of which only the trigger tells whether it matches, as LabelEvents has it.
  struct EventFields {
    Millis at = 0;
    std::string fields;
    auto operator<=>(const EventFields&) const = default;
  };
  struct PageView {
    std::uint64_t session = 0;
    Millis at = 0;
    auto operator<=>(const PageView&) const = default;
  };
  void add(const Event& event, bool holds);
  Millis session_end(const ScoreNote& score) const;
  bool is_met(std::size_t label, const Window& window, std::string_view trigger) const;

  const Targets& targets_;
  std::vector<EventMatcher>& matchers_;
  // By label: the times of what matches, or events where the trigger tells.
  std::vector<Times> label_times_;
  std::vector<Holding<EventFields>> events_;
  Times sales_;
  std::vector<Millis> sales_until_;  // where the chain of sales from each of them ends
  Holding<PageView> views_;
  std::vector<ScoreNote> scores_;
  std::deque<std::string> triggers_;  // what their notes look at
};

}  // namespace nudge::scores
