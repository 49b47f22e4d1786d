// What became of the scores of one customer, read from the customer's timeline when the input has ended.
//
// Facts are those effective at the end: what was applied and not retracted. A score's horizon is its duration, or the
// end of its session: the session's last page view, or a sale less than the gap after its last event so far.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/expression.h"
#include "engine/operator.h"
#include "operators/scores/quality.h"
#include "operators/scores/target.h"

namespace nudge::scores {

// Tells which events a label counts.
class LabelMatcher {
 public:
  explicit LabelMatcher(const LabelDefinition& definition);  // the expression is checked
  Topic topic() const { return topic_; }
  std::uint32_t id() const { return id_; }
  bool matches(const Event& event);

 private:
  Topic topic_;
  std::uint32_t id_;
  Expression where_;
  std::vector<Value> row_;
  std::string scratch_;
};

// What makes a session, in 48 bits: the hash of its session_id; where the events carry none that of the visitor.
inline constexpr std::uint64_t kSessionKeyBits = 48;
std::uint64_t session_key(std::string_view session_id, std::string_view visitor_id);

// A published probability, as it is noted in the timeline: at most 16 bytes.
struct ScoreNote {
  std::uint8_t target = 0;  // its place among the targets
  Millis at = 0;
  std::int32_t probability_micro = 0;
  std::uint64_t session = 0;  // session_key; targets within sessions only

  void append(std::string& out, bool with_session) const;
  static bool read(std::string_view bytes, const Targets& targets, ScoreNote& note);
};

class History {
 public:
  explicit History(const Targets& targets) : targets_(targets), label_times_(targets.labels.size()) {}

  // Reads a whole timeline; `slot` is the operator's own.
  void read(TimelineReader& timeline, std::uint8_t slot, std::vector<LabelMatcher>& matchers);
  // Adds every score whose horizon has passed by `end` to the tally of its target.
  void judge(Millis end, std::vector<ScoreTally>& tallies) const;

 private:
  // Times that hold: added and not removed.
  struct Times {
    std::vector<Millis> added, removed;
    void clear();
    void close();
  };
  struct PageView {
    std::uint64_t session = 0;
    Millis at = 0;
    auto operator<=>(const PageView&) const = default;
  };
  void add(const Event& event, bool holds, std::vector<LabelMatcher>& matchers);
  Millis session_end(const ScoreNote& score) const;

  const Targets& targets_;
  std::vector<Times> label_times_;
  Times sales_;
  std::vector<Millis> sales_until_;  // where the chain of sales from each of them ends
  std::vector<PageView> views_, views_removed_;
  std::vector<ScoreNote> scores_;
};

}  // namespace nudge::scores
