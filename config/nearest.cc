#include "config/nearest.h"

#include <algorithm>

namespace nudge::config {
namespace {

constexpr std::size_t kSuggestedMax = 3, kListedMax = 12;

char folded(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == '-' ? '_' : c;
}

std::size_t distance_max(std::size_t length) { return length <= 4 ? 1 : length <= 7 ? 2 : 3; }

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Rows i − 2, i − 1 and i of the table.
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = folded(a[i - 1]) == folded(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      const bool swapped =
          i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) && folded(a[i - 2]) == folded(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::vector<std::string_view> nearest(std::string_view name, std::span<const std::string_view> names) {
  std::size_t best = distance_max(name.size());
  std::vector<std::string_view> found;
  for (const std::string_view known : names) {
    const std::size_t distance = edit_distance(name, known);
    if (distance > best || distance >= known.size()) continue;  // not one letter need be common
    if (distance < best) found.clear();
    best = distance;
    if (found.size() < kSuggestedMax) found.push_back(known);
  }
  return found;
}

std::string suggestion(std::string_view name, std::span<const std::string_view> names) {
  const auto near = nearest(name, names);
  std::string text;
  if (!near.empty()) {
    for (std::size_t i = 0; i < near.size(); ++i) {
      text += i == 0 ? "did you mean " : i + 1 == near.size() ? " or " : ", ";
      text += '"' + std::string(near[i]) + '"';
    }
    return text + "?";
  }
  if (names.empty()) return "none is known";
  for (const std::string_view known : names.first(std::min(names.size(), kListedMax)))
    (text += text.empty() ? "expected one of " : ", ") += known;
  if (names.size() > kListedMax) text += ", …";
  return text;
}

}  // namespace nudge::config
