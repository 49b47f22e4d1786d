// The CDNOW sample (Fader & Hardie): 2,357 customers who first bought in early 1997, and what they bought until
// 1997-09-30. Read from ../shared/data/cdnow, which a clone need not have beside it.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/time.h"
#include "operators/rfm/purchases.h"

namespace nudge::rfm {

inline constexpr Millis kCdnowEnd = 875'620'800'000;  // 1997-09-30T12:00Z; orders have a date, and count as of noon

// Nothing where the data, or zstd, is absent.
inline std::optional<std::vector<Purchases>> cdnow_sample() {
  const std::string path = std::string(NUDGE_SOURCE_DIR) + "/../shared/data/cdnow/cdnow_sample.csv.zst";
  std::FILE* file = popen(("test -f '" + path + "' && zstd -dcq '" + path + "'").c_str(), "r");
  if (file == nullptr) return std::nullopt;
  std::map<std::string, std::map<Millis, Int128>> customers;  // orders of one day are one
  char line[256], id[32], date[32];
  double discs = 0, dollars = 0;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (std::sscanf(line, "%*[^,],%31[^,],%31[^,],%lf,%lf", id, date, &discs, &dollars) != 4) continue;
    const std::string day(date);
    const auto at = parse_time(day.substr(0, 4) + "-" + day.substr(4, 2) + "-" + day.substr(6, 2) + "T12:00:00Z");
    if (at && *at <= kCdnowEnd) customers[id][*at] += std::llround(dollars * 1e6);
  }
  if (pclose(file) != 0 || customers.empty()) return std::nullopt;
  std::vector<Purchases> all;
  for (const auto& [customer, days] : customers) {
    Purchases& one = all.emplace_back(Purchases{days.size(), days.begin()->first, days.rbegin()->first, 0});
    for (auto day = std::next(days.begin()); day != days.end(); ++day) one.repeat_micro += day->second;
  }
  return all;
}

}  // namespace nudge::rfm
