#include "operators/sessions/section.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/hash.h"

namespace nudge::sessions {
namespace {

// Page views of a usual session: room is made for them at once.
constexpr std::size_t kTouchesExpected = 4;

bool is_of(const Visit& visit, const Touch& touch, Millis gap) {
  return visit.named == touch.named && visit.key == touch.key && (visit.named || visit.reaches(touch.at, gap));
}

// Whether the session holds a page view that it is known to have been given.
bool holds(const Visit& visit, const Touch& touch) {
  return visit.named == touch.named && visit.key == touch.key &&
         (visit.named || (touch.at >= visit.first && touch.at <= visit.last_view));
}

bool spans(const Visit& visit, Millis at) { return at >= visit.first && at <= visit.last; }

SessionEnded ending_of(const Visit& visit) { return {visit.id, visit.first, visit.last}; }

bool ends_before(const Visit& a, const Visit& b) { return std::tie(a.last, a.id) < std::tie(b.last, b.id); }

const Visit* with_id(const SessionsSection::Visits& visits, std::uint64_t id) {
  const auto found = std::find_if(visits.begin(), visits.end(), [&](const Visit& visit) { return visit.id == id; });
  return found == visits.end() ? nullptr : &*found;
}

}  // namespace

// ---- page views -----------------------------------------------------------------------------------

void SessionsSection::apply(const PageView& view, const Clock& clock) {
  gap_ = clock.gap;
  ++page_views_;
  const Touch& touch = view.touch;
  const auto same = [&](const Visit& visit) { return is_of(visit, touch, gap_); };
  const auto ended = std::find_if(ended_.rbegin(), ended_.rend(), same);
  if (!clock.has_passed(touch.at) || std::any_of(open_.begin(), open_.end(), same)) {
    const bool resumed = ended != ended_.rend();
    if (resumed) resume(static_cast<std::size_t>(ended.base() - ended_.begin()) - 1);
    insert(view, resumed);
    return;
  }
  Touch late = *touch_of(view, true);
  if (ended == ended_.rend()) {
    Visit visit = Visit::begun_by(late);
    visit.id = late.named ? late.key : mix(late.key, static_cast<std::uint64_t>(late.at));
    add_to_ended(visit, late);
  } else {
    Visit visit = std::move(*ended);
    ended_.erase(std::next(ended).base());
    add_to_ended(std::move(visit), late);
  }
}

void SessionsSection::retract(const PageView& view, const Clock& clock) {
  gap_ = clock.gap;
  if (page_views_ > 0) --page_views_;
  if (const auto touch = touch_of(view, false)) {
    const auto found = std::lower_bound(touches_.begin(), touches_.end(), OpenTouch{*touch});
    if (found != touches_.end() && found->touch == *touch) {
      touches_.erase(found);
      rebuild();
      forget_names();
      return;
    }
  }
  if (take_from(bases_, view.touch)) {
    rebuild();
  } else {
    take_from(ended_, view.touch);
  }
}

bool SessionsSection::take_from(Visits& visits, const Touch& touch) {
  for (auto visit = visits.rbegin(); visit != visits.rend(); ++visit) {
    if (!holds(*visit, touch) || visit->count(touch.action) == 0) continue;
    visit->take_away(touch);
    if (visit->page_views() == 0) visits.erase(std::next(visit).base());
    return true;
  }
  return false;
}

void SessionsSection::insert(const PageView& view, bool resumed) {
  if (view.touch.named &&
      std::none_of(names_.begin(), names_.end(), [&](const auto& name) { return name.first == view.touch.key; }))
    names_.emplace_back(view.touch.key, view.session_id.substr(0, kSessionIdBytesMax));
  const OpenTouch added{*touch_of(view, true)};
  const bool newest =
      (touches_.empty() || !(added < touches_.back())) && (sales_.empty() || added.touch.at > sales_.back());
  if (touches_.capacity() == 0) touches_.reserve(kTouchesExpected);
  if (newest && !resumed) {
    touches_.push_back(added);
    step(touches_.back());
    name_sessions();
    touches_.back().session = open_[touches_.back().place].id;
  } else {
    touches_.insert(std::upper_bound(touches_.begin(), touches_.end(), added), added);
    rebuild();
  }
  if (touches_.size() > kTouchesMax) fold();
  if (open_.size() > kOpenMax) {
    const auto silent = std::min_element(open_.begin(), open_.end(), ends_before);
    end_open(static_cast<std::size_t>(silent - open_.begin()));
    ++trimmed_;
    forget_names();
  }
}

// ---- sales ----------------------------------------------------------------------------------------

void SessionsSection::apply_sale(Millis at, const Clock& clock) {
  gap_ = clock.gap;
  const bool newest = (touches_.empty() || at >= touches_.back().touch.at) && (sales_.empty() || at >= sales_.back());
  sales_.insert(std::upper_bound(sales_.begin(), sales_.end(), at), at);
  bool changed = false;
  std::size_t open = open_.size();
  for (Visit& base : bases_) {
    if (!spans(base, at)) continue;
    ++base.sales;
    changed = true;
  }
  for (std::size_t i = ended_.size(); i > 0; --i) {
    if (at < ended_[i - 1].first || at - ended_[i - 1].last >= gap_) continue;
    Visit visit = ended_[i - 1];
    ++visit.sales;
    if (at <= visit.last) {
      ended_[i - 1] = visit;
      continue;
    }
    visit.last = at;
    ended_[i - 1] = visit;
    if (clock.has_passed(at) || open >= kOpenMax) {
      endings_.push_back(ending_of(visit));
    } else {
      resume(i - 1);
      ++open;
      changed = true;
    }
  }
  std::sort(ended_.begin(), ended_.end(), ends_before);
  if (newest && !changed) {
    step_sale(at);
  } else if (changed || !open_.empty()) {
    rebuild();
  }
  trim_sales(clock);
}

void SessionsSection::retract_sale(Millis at, const Clock& clock) {
  gap_ = clock.gap;
  const auto found = std::lower_bound(sales_.begin(), sales_.end(), at);
  if (found != sales_.end() && *found == at) sales_.erase(found);
  for (Visits* visits : {&bases_, &ended_})
    for (Visit& visit : *visits)
      if (spans(visit, at) && visit.sales > 0) --visit.sales;
  if (!open_.empty()) rebuild();
}

void SessionsSection::trim_sales(const Clock& clock) {
  if (sales_.size() <= kOldSalesMax) return;
  Millis needed = clock.watermark - gap_;
  for (const Visit& visit : open_) needed = std::min(needed, visit.first - 1);
  const auto old = static_cast<std::size_t>(std::upper_bound(sales_.begin(), sales_.end(), needed) - sales_.begin());
  std::size_t cut = old > kOldSalesMax ? old - kOldSalesMax : 0;
  if (sales_.size() - cut > kSalesMax) {
    trimmed_ += static_cast<std::uint32_t>(sales_.size() - cut - kSalesMax);
    cut = sales_.size() - kSalesMax;
  }
  sales_.erase(sales_.begin(), sales_.begin() + static_cast<std::ptrdiff_t>(cut));
}

// ---- the pass -------------------------------------------------------------------------------------

void SessionsSection::rebuild() {
  const Visits before = std::exchange(open_, bases_);
  std::size_t next_sale = 0;
  for (OpenTouch& touch : touches_) {
    while (next_sale < sales_.size() && sales_[next_sale] < touch.touch.at) step_sale(sales_[next_sale++]);
    step(touch);
  }
  while (next_sale < sales_.size()) step_sale(sales_[next_sale++]);
  name_sessions();
  for (OpenTouch& touch : touches_) touch.session = open_[touch.place].id;
  for (const Visit& visit : before)
    if (!is_taken(visit.id)) endings_.push_back(ending_of(visit));
}

void SessionsSection::step(OpenTouch& open_touch) {
  const Touch& touch = open_touch.touch;
  std::size_t place = open_.size();
  while (place > 0 && !is_of(open_[place - 1], touch, gap_)) --place;
  if (place == 0) {
    open_.push_back(Visit::begun_by(touch));
    place = open_.size();
    if (touch.named) open_.back().id = touch.key;
  }
  Visit& visit = open_[place - 1];
  // Once told, an id stays with the session, though a late event moves its start.
  if (visit.id == 0 && open_touch.session != 0 && !is_taken(open_touch.session)) visit.id = open_touch.session;
  visit.add(touch);
  open_touch.place = place - 1;
}

void SessionsSection::step_sale(Millis at) {
  for (Visit& visit : open_) {
    const Visit* base = visit.id != 0 && !bases_.empty() ? with_id(bases_, visit.id) : nullptr;
    if (at < visit.first || (base && at <= base->last)) continue;
    if (at - visit.last < gap_) {
      ++visit.sales;
      visit.last = std::max(visit.last, at);
    } else {
      ++visit.waiting_sales;
    }
  }
}

bool SessionsSection::is_taken(std::uint64_t id) const { return with_id(open_, id) != nullptr; }

void SessionsSection::name_sessions() {
  for (Visit& visit : open_) {
    if (visit.id != 0) continue;
    std::uint64_t id = mix(visit.key, static_cast<std::uint64_t>(visit.first));
    while (id == 0 || is_taken(id)) id = mix(id, 1);
    visit.id = id;
  }
}

// ---- ends and resumptions -------------------------------------------------------------------------

void SessionsSection::end_silent(const Clock& clock) {
  gap_ = clock.gap;
  for (std::size_t i = 0; i < open_.size();) {
    if (!clock.has_passed(open_[i].last)) {
      ++i;
      continue;
    }
    end_open(i);
  }
  forget_names();
}

void SessionsSection::end_open(std::size_t place) {
  Visit visit = std::move(open_[place]);
  open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(place));
  erase_if(touches_, [&](const OpenTouch& touch) { return touch.session == visit.id; });
  erase_if(bases_, [&](const Visit& base) { return base.id == visit.id; });
  // Most customers are away most of the time: nothing is held for sessions that are over.
  if (open_.empty()) open_.shrink_to_fit();
  if (touches_.empty()) touches_.shrink_to_fit();
  endings_.push_back(ending_of(visit));
  end(std::move(visit));
}

void SessionsSection::end(Visit visit) {
  visit.waiting_sales = 0;
  visit.earlier_products = visit.distinct_products();
  visit.products.clear();
  visit.products.shrink_to_fit();
  const auto place = std::upper_bound(ended_.begin(), ended_.end(), visit, ends_before);
  ended_.insert(place, std::move(visit));
  if (ended_.size() <= kEndedMax) return;
  ++forgotten_;
  if (ended_.front().sales > 0) ++forgotten_bought_;
  ended_.erase(ended_.begin());
}

void SessionsSection::resume(std::size_t ended) {
  bases_.push_back(std::move(ended_[ended]));
  ended_.erase(ended_.begin() + static_cast<std::ptrdiff_t>(ended));
}

// A session that is new here was never told of, so that it is no news when it lasts longer.
void SessionsSection::add_to_ended(Visit visit, const Touch& touch) {
  const bool is_new = visit.page_views() == 0;
  const Millis first = visit.first, last = visit.last;
  visit.add(touch);
  for (const Millis sale : sales_) {
    const bool counted = !is_new && sale >= first && sale <= last;
    if (sale < visit.first || counted || sale - visit.last >= gap_) continue;
    ++visit.sales;
    visit.last = std::max(visit.last, sale);
  }
  if (!is_new && visit.last != last) endings_.push_back(ending_of(visit));
  end(std::move(visit));
}

void SessionsSection::fold() {
  trimmed_ += static_cast<std::uint32_t>(touches_.size());
  touches_.clear();
  bases_ = open_;
  for (Visit& base : bases_) base.waiting_sales = 0;
}

void SessionsSection::forget_names() {
  const auto is_over = [&](const auto& name) {
    return std::none_of(open_.begin(), open_.end(),
                        [&](const Visit& visit) { return visit.named && visit.key == name.first; });
  };
  if (erase_if(names_, is_over) > 0 && names_.empty()) names_.shrink_to_fit();
}

// ---- words ----------------------------------------------------------------------------------------

std::optional<Word> SessionsSection::word_of(std::string_view text, bool may_add) {
  if (text.empty()) return Word{0};
  text = text.substr(0, WordList::kWordBytesMax);
  if (const Word found = words_.find(text); found != 0) return found;
  if (words_.is_full()) {
    trimmed_ += may_add;
    return Word{0};
  }
  if (!may_add) return std::nullopt;
  return words_.add(text);
}

std::optional<Touch> SessionsSection::touch_of(const PageView& view, bool may_add) {
  const auto device = word_of(view.device, may_add), region = word_of(view.region, may_add);
  if (!device || !region) return std::nullopt;
  Touch touch = view.touch;
  touch.device = *device;
  touch.region = *region;
  return touch;
}

}  // namespace nudge::sessions
