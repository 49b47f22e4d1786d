#include "operators/sequence_rules/peaks.h"

#include <algorithm>

#include "engine/portable_math.h"
#include "operators/rules/false_discoveries.h"
#include "operators/rules/hypergeometric.h"

namespace nudge::sequence_rules {

using namespace rules;

namespace {

constexpr std::size_t kSide = 5, kSideLeast = 2;
constexpr double kConfirmed = 0.05;

double hazard_of(const Rates& rates, std::size_t bin) {
  return rates.at_risk[bin] > 0 ? static_cast<double>(rates.events[bin]) / static_cast<double>(rates.at_risk[bin]) : 0;
}

// Against the bins [from, until).
double log_p_against(const Rates& rates, std::size_t bin, std::size_t from, std::size_t until) {
  std::vector<double> hazards;
  std::int64_t events = 0, at_risk = 0;
  for (std::size_t other = from; other < until; ++other) {
    hazards.push_back(hazard_of(rates, other));
    events += rates.events[other];
    at_risk += rates.at_risk[other];
  }
  if (at_risk == 0) return 0;
  std::sort(hazards.begin(), hazards.end());
  const std::size_t middle = hazards.size() / 2;
  const double median = hazards.size() % 2 == 1 ? hazards[middle] : (hazards[middle - 1] + hazards[middle]) / 2;
  const std::int64_t own = rates.events[bin], own_at_risk = rates.at_risk[bin];
  const double share = static_cast<double>(own_at_risk) / static_cast<double>(own_at_risk + at_risk);
  const double together = log_binomial_at_least(own, own + events, share);
  return median > 0 ? std::max(together, log_binomial_at_least(own, own_at_risk, median)) : together;
}

}  // namespace

double log_p_of_bin(const Rates& rates, std::size_t bin) {
  const std::size_t bins = rates.events.size();
  if (bin < kSideLeast || bin + kSideLeast >= bins || rates.events[bin] == 0) return 0;
  return std::max(log_p_against(rates, bin, bin > kSide ? bin - kSide : 0, bin),
                  log_p_against(rates, bin, bin + 1, std::min(bins, bin + 1 + kSide)));
}

GapParts::GapParts(const GapFigures& before, const GapFigures& whole)
    : events_before(before.events), at_risk_before(before.at_risk) {
  for (std::size_t bin = 0; bin < whole.events.size(); ++bin) {
    events_later.push_back(whole.events[bin] - before.events[bin]);
    at_risk_later.push_back(whole.at_risk[bin] - before.at_risk[bin] + before.open[bin]);
  }
}

std::vector<std::vector<Peak>> find_peaks(std::span<const GapParts> rules, std::int64_t at_risk_least, double fdr) {
  std::vector<double> log_p;
  for (const GapParts& rule : rules)
    for (std::size_t bin = 0; bin < rule.events_before.size(); ++bin)
      if (rule.at_risk_before[bin] >= at_risk_least)
        log_p.push_back(log_p_of_bin({rule.events_before, rule.at_risk_before}, bin));
  const std::vector<double> log_q = log_q_values(log_p, log_p.size());
  const double log_fdr = portable::log(fdr);
  std::vector<std::vector<Peak>> found;
  auto next = log_q.begin();
  for (const GapParts& rule : rules) {
    const Rates before{rule.events_before, rule.at_risk_before}, later{rule.events_later, rule.at_risk_later};
    std::vector<Peak>& peaks = found.emplace_back();
    for (std::size_t bin = 0; bin < rule.events_before.size(); ++bin) {
      if (rule.at_risk_before[bin] < at_risk_least) continue;
      const double own = *next++;
      if (own > log_fdr) continue;
      if (peaks.empty() || peaks.back().until != bin) {
        peaks.push_back({bin, bin, bin + 1, own, false});
        continue;
      }
      Peak& peak = peaks.back();
      peak.until = bin + 1;
      if (hazard_of(before, bin) <= hazard_of(before, peak.at)) continue;
      peak.at = bin;
      peak.log_q = own;
    }
    for (Peak& peak : peaks) peak.is_confirmed = log_p_of_bin(later, peak.at) <= portable::log(kConfirmed);
  }
  return found;
}

}  // namespace nudge::sequence_rules
