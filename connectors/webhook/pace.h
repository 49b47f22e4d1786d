// When the next request may be sent to a receiver: its rate, its breaker, and the pause that it asked for.
//
// Time is given, so nothing here reads a clock. One thread.
#pragma once

#include <algorithm>
#include <chrono>

namespace nudge::connectors::webhook {

using TimePoint = std::chrono::steady_clock::time_point;
using Milliseconds = std::chrono::milliseconds;

// A bucket of `burst` tokens that fills by `rate` a second.
class RateLimit {
 public:
  RateLimit(double rate, int burst) : rate_(rate), burst_(burst), tokens_(burst) {}

  // When a token is there; not before `now`.
  TimePoint available_at(TimePoint now);
  void take(TimePoint now);

 private:
  void fill(TimePoint now);

  const double rate_, burst_;
  double tokens_;
  TimePoint filled_{};
};

// Opens after `failures` in a row; after `pause` one request is a trial, whose outcome closes it or opens it again.
class CircuitBreaker {
 public:
  CircuitBreaker(int failures, Milliseconds pause) : failures_max_(failures), pause_(pause) {}

  // When a request may be sent; TimePoint::max() while the trial is under way.
  TimePoint available_at(TimePoint now) const;
  void sent();
  void succeeded();
  // True where it opens by this.
  bool failed(TimePoint now);
  bool is_open() const { return open_; }

 private:
  const int failures_max_;
  const Milliseconds pause_;
  int failures_ = 0;
  bool open_ = false, trial_ = false;
  TimePoint until_{};
};

class Pace {
 public:
  Pace(RateLimit rate, CircuitBreaker breaker) : rate_(rate), breaker_(breaker) {}

  TimePoint available_at(TimePoint now) {
    return std::max({rate_.available_at(now), breaker_.available_at(now), paused_until_});
  }
  void sent(TimePoint now) {
    rate_.take(now);
    breaker_.sent();
  }
  // The receiver answered, well or not, but as one that works.
  void answered() { breaker_.succeeded(); }
  bool failed(TimePoint now) { return breaker_.failed(now); }
  // The receiver asked to be left alone.
  void pause(TimePoint until) { paused_until_ = std::max(paused_until_, until); }
  bool is_open() const { return breaker_.is_open(); }

 private:
  RateLimit rate_;
  CircuitBreaker breaker_;
  TimePoint paused_until_{};
};

}  // namespace nudge::connectors::webhook
