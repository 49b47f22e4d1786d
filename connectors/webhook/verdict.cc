#include "connectors/webhook/verdict.h"

#include <charconv>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>

namespace nudge::connectors::webhook {
namespace {

constexpr std::int64_t kSecondsMost = 1'000'000'000;

std::optional<std::int64_t> parse_http_date(const std::string& text) {
  std::istringstream stream(text);
  stream.imbue(std::locale::classic());
  std::tm time{};
  stream >> std::get_time(&time, "%a, %d %b %Y %H:%M:%S GMT");
  if (stream.fail()) return std::nullopt;
  return timegm(&time);
}

}  // namespace

Verdict verdict_of(int status) {
  if (status >= 200 && status < 300) return Verdict::kDelivered;
  if (status < 400 || status >= 500) return Verdict::kRetry;
  switch (status) {
    case 401:
    case 408:
    case 409:
    case 425:
    case 429:
      return Verdict::kRetry;
    default:
      return Verdict::kDead;
  }
}

bool is_outage(int status) { return status == 0 || status == 408 || status >= 500; }

std::optional<Milliseconds> retry_after(const Answer& answer, std::int64_t now) {
  if (answer.status != 429 && answer.status != 503) return std::nullopt;
  const std::string& field = answer.retry_after;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), seconds);
  if (error != std::errc() || end != field.data() + field.size()) {
    const auto date = parse_http_date(field);
    if (!date) return std::nullopt;
    seconds = *date - now;
  }
  return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, kSecondsMost));
}

Milliseconds backoff_after(const RetryLimits& limits, int failures, double chance) {
  Milliseconds wait = std::min(limits.backoff, limits.backoff_max);
  for (int i = 1; i < failures && wait < limits.backoff_max; ++i) wait = std::min(wait * 2, limits.backoff_max);
  const Milliseconds half = wait / 2;
  return half + Milliseconds(static_cast<std::int64_t>(static_cast<double>((wait - half).count()) * chance));
}

}  // namespace nudge::connectors::webhook
