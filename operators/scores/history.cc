#include "operators/scores/history.h"

#include <algorithm>

#include "engine/check.h"
#include "engine/hash.h"

namespace nudge::scores {
namespace {

constexpr std::uint64_t kByVisitor = 1ull << (kSessionKeyBits - 1);

// For each time the last one of those that follow it, each less than `gap` after the one before.
std::vector<Millis> ends_of_chains(const std::vector<Millis>& times, Millis gap) {
  std::vector<Millis> ends = times;
  for (std::size_t i = ends.size(); i-- > 1;)
    if (times[i] - times[i - 1] < gap) ends[i - 1] = ends[i];
  return ends;
}

}  // namespace

std::uint64_t session_key(std::string_view session_id, std::string_view visitor_id) {
  const std::uint64_t hash = hash64(session_id.empty() ? visitor_id : session_id) >> (64 - kSessionKeyBits);
  return session_id.empty() ? hash | kByVisitor : hash & ~kByVisitor;
}

void ScoreNote::append(std::string& out, bool with_session, bool with_trigger) const {
  Encoder encoder(out);
  encoder.byte(target);
  encoder.varint(static_cast<std::uint64_t>(at));
  encoder.varint(static_cast<std::uint64_t>(probability_micro));
  if (with_session) {
    encoder.fixed32(static_cast<std::uint32_t>(session));
    encoder.byte(static_cast<std::uint8_t>(session >> 32));
    encoder.byte(static_cast<std::uint8_t>(session >> 40));
  }
  if (with_trigger) encoder.text(trigger);
}

bool ScoreNote::read(std::string_view bytes, const Targets& targets, ScoreNote& note) {
  Decoder in(bytes);
  note.target = in.byte();
  note.at = static_cast<Millis>(in.varint());
  note.probability_micro = static_cast<std::int32_t>(in.varint());
  note.session = 0;
  note.trigger = {};
  if (note.target >= targets.all.size()) return false;
  const Target& target = targets.all[note.target];
  if (target.within_session) {
    note.session = in.fixed32();
    note.session |= static_cast<std::uint64_t>(in.byte()) << 32;
    note.session |= static_cast<std::uint64_t>(in.byte()) << 40;
  }
  if (targets.labels[target.label].trigger) note.trigger = in.text();
  return in.ok() && in.at_end();
}

template <typename T>
void History::Holding<T>::clear() {
  added.clear();
  removed.clear();
}

template <typename T>
void History::Holding<T>::close() {
  std::sort(added.begin(), added.end());
  if (removed.empty()) return;
  std::sort(removed.begin(), removed.end());
  std::vector<T> left;
  std::set_difference(added.begin(), added.end(), removed.begin(), removed.end(), std::back_inserter(left));
  added = std::move(left);
}

void History::read(TimelineReader& timeline, std::uint8_t slot) {
  for (Times& times : label_times_) times.clear();
  for (auto& events : events_) events.clear();
  sales_.clear();
  views_.clear();
  scores_.clear();
  triggers_.clear();
  TimelineEntry entry;
  timeline.rewind();
  while (timeline.next(entry)) {
    switch (entry.kind) {
      case TimelineEntry::Kind::kApply:
        add(entry.event, true);
        break;
      case TimelineEntry::Kind::kRetract:
        add(entry.event, false);
        break;
      case TimelineEntry::Kind::kRecord:
        break;
      case TimelineEntry::Kind::kNote:
        if (entry.slot != slot) break;
        ScoreNote note;
        NUDGE_CHECK(ScoreNote::read(entry.note, targets_, note), "a note as it was written");
        if (!note.trigger.empty()) note.trigger = triggers_.emplace_back(note.trigger);
        scores_.push_back(note);
        break;
    }
  }
  for (Times& times : label_times_) times.close();
  for (auto& events : events_) events.close();
  sales_.close();
  sales_until_ = ends_of_chains(sales_.added, targets_.session_gap);
  views_.close();
}

void History::add(const Event& event, bool holds) {
  for (std::size_t label = 0; label < matchers_.size(); ++label) {
    EventMatcher& matcher = matchers_[label];
    if (matcher.topic() != event.topic()) continue;
    if (matcher.needs_trigger()) {
      auto& events = holds ? events_[label].added : events_[label].removed;
      matcher.append_event(event, events.emplace_back(EventFields{event.time(), {}}).fields);
    } else if (matcher.matches(event)) {
      (holds ? label_times_[label].added : label_times_[label].removed).push_back(event.time());
    }
  }
  if (event.topic() == Topic::kPageViews) {
    // Most page views name their session: the visitor, too, would be looked for in vain.
    const std::string_view session_id = event.text(field::page_views::kSessionId);
    const std::uint64_t session = session_key(session_id, session_id.empty() ? event.visitor_id() : session_id);
    (holds ? views_.added : views_.removed).push_back({session, event.time()});
  } else if (event.topic() == Topic::kTransactions &&
             event.choice(field::transactions::kKind, TransactionKind::kCancel) == TransactionKind::kSale) {
    (holds ? sales_.added : sales_.removed).push_back(event.time());
  }
}

Millis History::session_end(const ScoreNote& score) const {
  const Millis gap = targets_.session_gap;
  const std::vector<PageView>& views = views_.added;
  const bool by_visitor = (score.session & kByVisitor) != 0;
  // The last page view of the session; without a session_id the score's own, from where the session goes on.
  auto after = std::upper_bound(views.begin(), views.end(), PageView{score.session, by_visitor ? score.at : kNever});
  Millis last = after != views.begin() && std::prev(after)->session == score.session ? std::prev(after)->at : score.at;
  for (bool longer = true; longer;) {
    const auto sale = std::upper_bound(sales_.added.begin(), sales_.added.end(), last);
    longer = sale != sales_.added.end() && *sale - last < gap;
    if (longer) last = sales_until_[static_cast<std::size_t>(sale - sales_.added.begin())];
    if (!by_visitor) continue;
    while (after != views.end() && after->session == score.session && after->at <= last) ++after;
    if (after == views.end() || after->session != score.session || after->at - last >= gap) continue;
    last = after->at;
    longer = true;
  }
  return last;
}

bool History::is_met(std::size_t label, const Window& window, std::string_view trigger) const {
  if (!targets_.labels[label].trigger) {
    const std::vector<Millis>& times = label_times_[label].added;
    const auto first = std::upper_bound(times.begin(), times.end(), window.after);
    return first != times.end() && *first <= window.until;
  }
  const std::vector<EventFields>& events = events_[label].added;
  auto event = std::upper_bound(events.begin(), events.end(), window.after,
                                [](Millis after, const EventFields& later) { return after < later.at; });
  for (; event != events.end() && event->at <= window.until; ++event)
    if (matchers_[label].holds(event->fields, trigger)) return true;
  return false;
}

void History::judge(Millis end, std::vector<ScoreTally>& tallies) const {
  for (const ScoreNote& score : scores_) {
    const Target& target = targets_.all[score.target];
    Window window = targets_.window(target, score.at);
    if (target.within_session) window.until = session_end(score);
    if (window.until > end) continue;
    tallies[score.target].add(score.probability_micro, is_met(target.label, window, score.trigger) != target.none);
  }
}

}  // namespace nudge::scores
