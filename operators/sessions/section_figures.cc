// What is read from the sessions of one customer.
#include <algorithm>
#include <utility>

#include "operators/sessions/section.h"

namespace nudge::sessions {

Millis SessionsSection::next_end(Millis gap) const {
  Millis next = kNever;
  for (const Visit& visit : open_) next = std::min(next, visit.last + gap);
  return next;
}

const Visit* SessionsSection::open_session_of(const PageView& view) const {
  const Touch& touch = view.touch;
  for (const Visit& visit : open_) {
    if (visit.named != touch.named || visit.key != touch.key) continue;
    if (visit.named || (touch.at >= visit.first && touch.at <= visit.last_view)) return &visit;
  }
  return nullptr;
}

std::string_view SessionsSection::session_id_of(const Visit& visit) const {
  if (!visit.named) return {};
  for (const auto& [key, session_id] : names_)
    if (key == visit.key) return session_id;
  return {};
}

std::optional<Millis> SessionsSection::last_visit_at() const {
  std::optional<Millis> last;
  for_each_back_to([&] { return last.value_or(kBeforeAll); },
                   [&](const Visit& visit) { last = std::max(last.value_or(visit.last_view), visit.last_view); });
  return last;
}

CompactVector<SessionEnded> SessionsSection::take_endings() { return std::exchange(endings_, {}); }
std::uint32_t SessionsSection::take_trimmed() { return std::exchange(trimmed_, 0); }

std::size_t SessionsSection::memory_bytes() const {
  std::size_t bytes = sizeof *this + touches_.capacity() * sizeof(OpenTouch) + sales_.capacity() * sizeof(Millis) +
                      words_.memory_bytes() + names_.capacity() * (sizeof names_[0] + 32);
  for (const Visits* visits : {&bases_, &open_, &ended_}) {
    bytes += visits->capacity() * sizeof(Visit);
    for (const Visit& visit : *visits) bytes += visit.products.capacity() * sizeof(std::uint32_t);
  }
  return bytes;
}

}  // namespace nudge::sessions
