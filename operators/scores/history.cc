#include "operators/scores/history.h"

#include <algorithm>

#include "engine/check.h"
#include "engine/hash.h"

namespace nudge::scores {
namespace {

constexpr std::uint64_t kByVisitor = 1ull << (kSessionKeyBits - 1);

Expression compiled(const LabelDefinition& definition) {
  auto expression = Expression::compile(definition.where, event_columns(definition.topic));
  NUDGE_CHECK(expression.is_ok(), "the configuration is checked");
  return std::move(expression).value();
}

template <typename T>
void leave_what_holds(std::vector<T>& added, std::vector<T>& removed) {
  std::sort(added.begin(), added.end());
  if (removed.empty()) return;
  std::sort(removed.begin(), removed.end());
  std::vector<T> left;
  std::set_difference(added.begin(), added.end(), removed.begin(), removed.end(), std::back_inserter(left));
  added = std::move(left);
}

// For each time the last one of those that follow it, each less than `gap` after the one before.
std::vector<Millis> ends_of_chains(const std::vector<Millis>& times, Millis gap) {
  std::vector<Millis> ends = times;
  for (std::size_t i = ends.size(); i-- > 1;)
    if (times[i] - times[i - 1] < gap) ends[i - 1] = ends[i];
  return ends;
}

}  // namespace

LabelMatcher::LabelMatcher(const LabelDefinition& definition)
    : topic_(definition.topic), id_(definition.id), where_(compiled(definition)) {}

bool LabelMatcher::matches(const Event& event) {
  if (event.topic() != topic_) return false;
  row_.clear();
  scratch_.clear();
  event_row(event, where_.used(), row_, scratch_);
  return where_.holds(row_);
}

std::uint64_t session_key(std::string_view session_id, std::string_view visitor_id) {
  const std::uint64_t hash = hash64(session_id.empty() ? visitor_id : session_id) >> (64 - kSessionKeyBits);
  return session_id.empty() ? hash | kByVisitor : hash & ~kByVisitor;
}

void ScoreNote::append(std::string& out, bool with_session) const {
  Encoder encoder(out);
  encoder.byte(target);
  encoder.varint(static_cast<std::uint64_t>(at));
  encoder.varint(static_cast<std::uint64_t>(probability_micro));
  if (!with_session) return;
  encoder.fixed32(static_cast<std::uint32_t>(session));
  encoder.byte(static_cast<std::uint8_t>(session >> 32));
  encoder.byte(static_cast<std::uint8_t>(session >> 40));
}

bool ScoreNote::read(std::string_view bytes, const Targets& targets, ScoreNote& note) {
  Decoder in(bytes);
  note.target = in.byte();
  note.at = static_cast<Millis>(in.varint());
  note.probability_micro = static_cast<std::int32_t>(in.varint());
  note.session = 0;
  if (note.target >= targets.all.size()) return false;
  if (targets.all[note.target].within_session) {
    note.session = in.fixed32();
    note.session |= static_cast<std::uint64_t>(in.byte()) << 32;
    note.session |= static_cast<std::uint64_t>(in.byte()) << 40;
  }
  return in.ok() && in.at_end();
}

void History::Times::clear() {
  added.clear();
  removed.clear();
}

void History::Times::close() { leave_what_holds(added, removed); }

void History::read(TimelineReader& timeline, std::uint8_t slot, std::vector<LabelMatcher>& matchers) {
  for (Times& times : label_times_) times.clear();
  sales_.clear();
  views_.clear();
  views_removed_.clear();
  scores_.clear();
  TimelineEntry entry;
  timeline.rewind();
  while (timeline.next(entry)) {
    switch (entry.kind) {
      case TimelineEntry::Kind::kApply:
        add(entry.event, true, matchers);
        break;
      case TimelineEntry::Kind::kRetract:
        add(entry.event, false, matchers);
        break;
      case TimelineEntry::Kind::kRecord:
        break;
      case TimelineEntry::Kind::kNote:
        if (entry.slot != slot) break;
        ScoreNote note;
        NUDGE_CHECK(ScoreNote::read(entry.note, targets_, note), "a note as it was written");
        scores_.push_back(note);
        break;
    }
  }
  for (Times& times : label_times_) times.close();
  sales_.close();
  sales_until_ = ends_of_chains(sales_.added, targets_.session_gap);
  leave_what_holds(views_, views_removed_);
}

void History::add(const Event& event, bool holds, std::vector<LabelMatcher>& matchers) {
  for (std::size_t label = 0; label < matchers.size(); ++label)
    if (matchers[label].matches(event))
      (holds ? label_times_[label].added : label_times_[label].removed).push_back(event.time());
  if (event.topic() == Topic::kPageViews) {
    // Most page views name their session: the visitor, too, would be looked for in vain.
    const std::string_view session_id = event.text(field::page_views::kSessionId);
    const std::uint64_t session = session_key(session_id, session_id.empty() ? event.visitor_id() : session_id);
    (holds ? views_ : views_removed_).push_back({session, event.time()});
  } else if (event.topic() == Topic::kTransactions &&
             event.choice(field::transactions::kKind, TransactionKind::kCancel) == TransactionKind::kSale) {
    (holds ? sales_.added : sales_.removed).push_back(event.time());
  }
}

Millis History::session_end(const ScoreNote& score) const {
  const Millis gap = targets_.session_gap;
  const bool by_visitor = (score.session & kByVisitor) != 0;
  // The last page view of the session; without a session_id the score's own, from where the session goes on.
  auto after = std::upper_bound(views_.begin(), views_.end(), PageView{score.session, by_visitor ? score.at : kNever});
  Millis last = after != views_.begin() && std::prev(after)->session == score.session ? std::prev(after)->at : score.at;
  for (bool longer = true; longer;) {
    const auto sale = std::upper_bound(sales_.added.begin(), sales_.added.end(), last);
    longer = sale != sales_.added.end() && *sale - last < gap;
    if (longer) last = sales_until_[static_cast<std::size_t>(sale - sales_.added.begin())];
    if (!by_visitor) continue;
    while (after != views_.end() && after->session == score.session && after->at <= last) ++after;
    if (after == views_.end() || after->session != score.session || after->at - last >= gap) continue;
    last = after->at;
    longer = true;
  }
  return last;
}

void History::judge(Millis end, std::vector<ScoreTally>& tallies) const {
  for (const ScoreNote& score : scores_) {
    const Target& target = targets_.all[score.target];
    const Millis until = target.within_session ? session_end(score) : score.at + target.within;
    if (until > end) continue;
    const std::vector<Millis>& times = label_times_[target.label].added;
    const auto first = std::upper_bound(times.begin(), times.end(), score.at);
    const bool any = first != times.end() && *first <= until;
    tallies[score.target].add(score.probability_micro, any != target.none);
  }
}

}  // namespace nudge::scores
