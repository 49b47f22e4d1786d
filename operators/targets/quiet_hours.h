// The hours of a day in which nobody is made eligible, by the clocks of a time zone (tzdata's).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <absl/time/time.h>

#include "engine/status.h"
#include "engine/time.h"

namespace nudge::targets {

class QuietHours {
 public:
  // Minutes of the day; from `from` on, before `until`, which is on the next day where it is not later. Equal ones: all
  // day long is never what is meant, so that never is. Fails where there is no such zone.
  static Result<QuietHours> make(int from, int until, const std::string& zone);

  // When they end, if `time` is within. What clocks show twice ends the second time, what they skip at the next moment.
  std::optional<Millis> until(Millis time) const;

 private:
  QuietHours(int from, int until, absl::TimeZone zone) : from_(from), until_(until), zone_(zone) {}
  int from_, until_;
  absl::TimeZone zone_;
};

// Of "HH:MM", which is checked.
int minute_of_day(std::string_view text);

}  // namespace nudge::targets
