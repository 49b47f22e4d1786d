#include "connectors/webhook/pace.h"

#include <cmath>

namespace nudge::connectors::webhook {

void RateLimit::fill(TimePoint now) {
  if (now <= filled_) return;
  if (filled_ != TimePoint())
    tokens_ = std::min(burst_, tokens_ + rate_ * std::chrono::duration<double>(now - filled_).count());
  filled_ = now;
}

TimePoint RateLimit::available_at(TimePoint now) {
  fill(now);
  if (tokens_ >= 1) return now;
  const auto wait = std::chrono::duration<double>((1 - tokens_) / rate_);
  return now + std::chrono::ceil<std::chrono::microseconds>(wait);
}

void RateLimit::take(TimePoint now) {
  fill(now);
  tokens_ -= 1;
}

TimePoint CircuitBreaker::available_at(TimePoint now) const {
  if (!open_) return now;
  return trial_ ? TimePoint::max() : std::max(now, until_);
}

void CircuitBreaker::sent() { trial_ = open_; }

void CircuitBreaker::succeeded() {
  failures_ = 0;
  open_ = trial_ = false;
}

bool CircuitBreaker::failed(TimePoint now) {
  failures_ = std::min(failures_ + 1, failures_max_);
  if (failures_ < failures_max_) return false;
  const bool opens = !open_;
  open_ = true;
  trial_ = false;
  until_ = now + pause_;
  return opens;
}

}  // namespace nudge::connectors::webhook
