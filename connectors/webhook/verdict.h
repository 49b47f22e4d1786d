// What follows from a receiver's answer: whether a change is delivered, tried again or dead, and when it is tried
// again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/webhook/pace.h"

namespace nudge::connectors::webhook {

struct Answer {
  int status = 0;                // 0: there was none
  std::string retry_after = {};  // the field, as it was sent
  std::string reason = {};       // why there was none; or the beginning of an answer's body
};

enum class Verdict : std::uint8_t { kDelivered, kRetry, kDead };

// 2xx is delivered. Dead is a 4xx that says that this request will never do; 401, 408, 409, 425, 429 and everything
// else may be better the next time. (401 is about the credentials, which may be mended meanwhile.)
Verdict verdict_of(int status);
// No answer, 408 and 5xx: the receiver, not this request, is at fault.
bool is_outage(int status);

// Of the field Retry-After of 429 and 503: seconds or a date (RFC 9110), from `now` in seconds since 1970.
std::optional<Milliseconds> retry_after(const Answer& answer, std::int64_t now);

struct RetryLimits {
  Milliseconds backoff{1'000}, backoff_max{300'000}, retry_after_max{3'600'000};
  int attempts_max = 15;
};
// The wait after so many failed attempts: backoff · 2^(failures − 1), at most backoff_max; half of it, and of the other
// half the share `chance`, in [0, 1).
Milliseconds backoff_after(const RetryLimits& limits, int failures, double chance);

}  // namespace nudge::connectors::webhook
