#include "operators/targets/quiet_hours.h"

#include <absl/time/civil_time.h>

namespace nudge::targets {

Result<QuietHours> QuietHours::make(int from, int until, const std::string& zone) {
  absl::TimeZone known;
  if (!absl::LoadTimeZone(zone, &known)) return Status::config("no time zone \"" + zone + "\"");
  return QuietHours(from, until, known);
}

std::optional<Millis> QuietHours::until(Millis time) const {
  if (from_ == until_) return std::nullopt;
  const absl::CivilSecond clock = zone_.At(absl::FromUnixMillis(time)).cs;
  const int minute = clock.hour() * 60 + clock.minute();
  const bool over_midnight = until_ < from_;
  const bool is_quiet = over_midnight ? minute >= from_ || minute < until_ : minute >= from_ && minute < until_;
  if (!is_quiet) return std::nullopt;
  absl::CivilDay day(clock);
  if (over_midnight && minute >= from_) ++day;
  const absl::TimeZone::TimeInfo end = zone_.At(absl::CivilSecond(day) + until_ * 60);
  return absl::ToUnixMillis(end.kind == absl::TimeZone::TimeInfo::UNIQUE    ? end.pre
                            : end.kind == absl::TimeZone::TimeInfo::SKIPPED ? end.trans
                                                                            : end.post);
}

int minute_of_day(std::string_view text) {
  const auto digits = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  return digits(0) * 60 + digits(3);
}

}  // namespace nudge::targets
