// The sessions of one customer, under apply and retract of page views and sales in any order.
//
// Of sessions that may still grow every page view is kept, so that they are always what a pass over their events in
// order of time gives; an event newer than all others takes one step of that pass. Of ended ones a Visit is kept, of
// the oldest only how many there were. A late page view joins an ended session by adding to its figures; a session
// that goes on after its end (a page view with its session_id, a sale that extends it) is resumed with them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/compact_vector.h"
#include "engine/operator.h"
#include "operators/sessions/visit.h"
#include "operators/sessions/word_list.h"
#include "operators/signals.h"

namespace nudge::sessions {

// What an event needs to know: how long a silence ends a session, and how far time has come.
struct Clock {
  Millis gap = 0, watermark = 0;
  bool has_passed(Millis last) const { return last + gap <= watermark; }
};

class SessionsSection final : public Section {
 public:
  static constexpr std::uint32_t kVersion = 1;
  static constexpr std::size_t kTouchesMax = 1'024;  // of open sessions; then they are folded into figures
  static constexpr std::size_t kOpenMax = 64;        // then the one that is silent longest ends early
  static constexpr std::size_t kEndedMax = 64;
  static constexpr std::size_t kSessionIdBytesMax = 512;  // of what is told of it
  static constexpr std::size_t kSalesMax = 256, kOldSalesMax = 32;

  void apply(const PageView& view, const Clock& clock);
  void retract(const PageView& view, const Clock& clock);
  void apply_sale(Millis at, const Clock& clock);
  void retract_sale(Millis at, const Clock& clock);
  // Ends what has been silent for the gap.
  void end_silent(const Clock& clock);
  // When the next session ends if nothing comes; kNever without an open one.
  Millis next_end(Millis gap) const;

  // The open session of a page view that was applied; null where it has ended already.
  const Visit* open_session_of(const PageView& view) const;
  std::string_view session_id_of(const Visit& visit) const;  // empty where its events carry none
  void touch(const Visit& visit) { touched_ = visit.id; }

  using Visits = CompactVector<Visit>;
  const Visits& open() const { return open_; }
  const Visits& ended() const { return ended_; }  // rising by their last event, newest at the end
  // Visits from the newest back, open ones first, as far as there are some that last beyond `bound()`: what is asked of
  // the latest need not look at all.
  template <typename Bound, typename Visitor>
  void for_each_back_to(Bound bound, Visitor visitor) const {
    for (auto visit = open_.rbegin(); visit != open_.rend(); ++visit) visitor(*visit);
    for (auto visit = ended_.rbegin(); visit != ended_.rend() && visit->last > bound(); ++visit) visitor(*visit);
  }
  std::uint64_t page_views() const { return page_views_; }
  std::uint64_t forgotten() const { return forgotten_; }  // ended sessions that are no longer kept
  std::uint64_t forgotten_bought() const { return forgotten_bought_; }
  // The open session that was touched last, else the open one with the newest page view; null without an open one.
  const Visit* current() const {
    const Visit* newest = nullptr;
    for (const Visit& visit : open_) {
      if (visit.id == touched_) return &visit;
      if (!newest || visit.last_view > newest->last_view) newest = &visit;
    }
    return newest;
  }
  std::optional<Millis> last_visit_at() const;
  std::string_view word(Word number) const { return number == 0 ? std::string_view() : words_.at(number); }

  Millis armed = kNever;  // the timer's due time

  // Within one cause, never stored: whether anything happened.
  bool changed = false;

  // What ended, ended later than said before, or is no session any more, since the last take.
  CompactVector<SessionEnded> take_endings();
  std::uint32_t take_trimmed();  // what was given up to stay within the limits

  void encode(Encoder& out) const override;
  static std::unique_ptr<Section> decode(std::uint32_t version, std::string_view bytes);
  std::size_t memory_bytes() const override;

 private:
  struct OpenTouch {
    Touch touch;
    std::uint64_t session = 0;  // the id of its session; 0: none yet
    std::size_t place = 0;      // of its session in `open_`, within one pass
    bool operator<(const OpenTouch& other) const { return touch < other.touch; }
  };

  // The number of a text; adds it where `may_add` and there is room. Nothing for one that no touch can have.
  std::optional<Word> word_of(std::string_view text, bool may_add);
  // Nothing where no touch of this section can equal it.
  std::optional<Touch> touch_of(const PageView& view, bool may_add);

  // The pass: one step per event, in order of time, page views before sales.
  void rebuild();
  void step(OpenTouch& touch);
  void step_sale(Millis at);
  bool is_taken(std::uint64_t id) const;
  void name_sessions();

  void insert(const PageView& view, bool resumed);
  void resume(std::size_t ended);
  void end_open(std::size_t place);
  void end(Visit visit);
  void add_to_ended(Visit visit, const Touch& touch);
  bool take_from(Visits& visits, const Touch& touch);
  void fold();
  void trim_sales(const Clock& clock);
  void forget_names();

  CompactVector<OpenTouch> touches_;  // of open sessions, rising
  CompactVector<Millis> sales_;       // rising: all that may extend a session, and some older ones
  Visits bases_;                      // what open sessions were before their touches: resumed or folded
  Visits open_;                       // follows from the three above
  Visits ended_;
  CompactVector<std::pair<std::uint64_t, std::string>> names_;  // key and session_id of the open sessions that have one
  WordList words_;
  std::uint64_t page_views_ = 0, forgotten_ = 0, forgotten_bought_ = 0;
  std::uint64_t touched_ = 0;
  Millis gap_ = 0;  // as of the last call

  CompactVector<SessionEnded> endings_;
  std::uint32_t trimmed_ = 0;
};

}  // namespace nudge::sessions
