#include "connectors/webhook/figures.h"

namespace nudge::connectors::webhook {
namespace {

using Webhooks = std::span<const Figures* const>;

FigureFamily outcomes(Webhooks webhooks) {
  FigureFamily family{"nudge_webhook_records_total", "Records of targets that are settled.", FigureKind::kCounter, {}};
  for (const Figures* const figures : webhooks) {
    const auto add = [&](const char* outcome, const Counter& counter) {
      family.samples.push_back(
          {{{"webhook", figures->webhook}, {"outcome", outcome}}, static_cast<double>(counter.value()), {}});
    };
    add("delivered", figures->delivered);
    add("not_needed", figures->not_needed);
    add("dead", figures->dead);
  }
  return family;
}

FigureFamily retries(Webhooks webhooks) {
  FigureFamily family{
      "nudge_webhook_retries_total", "Attempts that failed and are made again.", FigureKind::kCounter, {}};
  for (const Figures* const figures : webhooks)
    family.samples.push_back({{{"webhook", figures->webhook}}, static_cast<double>(figures->retried.value()), {}});
  return family;
}

FigureFamily gauge(Webhooks webhooks, std::string_view name, std::string_view help, Gauge Figures::*member) {
  FigureFamily family{name, help, FigureKind::kGauge, {}};
  for (const Figures* const figures : webhooks) {
    const double value = (figures->*member).value();
    if (value == value) family.samples.push_back({{{"webhook", figures->webhook}}, value, {}});  // known
  }
  return family;
}

FigureFamily durations(Webhooks webhooks) {
  FigureFamily family{"nudge_webhook_request_duration_seconds", "How long requests took.", FigureKind::kDurations, {}};
  for (const Figures* const figures : webhooks) {
    const auto cumulative = figures->requests.cumulative();
    family.samples.push_back(
        {{{"webhook", figures->webhook}}, figures->requests.sum_seconds(), {cumulative.begin(), cumulative.end()}});
  }
  return family;
}

}  // namespace

std::vector<FigureFamily> families_of(Webhooks webhooks) {
  return {outcomes(webhooks),
          retries(webhooks),
          gauge(webhooks, "nudge_webhook_held_back_customers", "Customers who wait for another attempt.",
                &Figures::held_back),
          gauge(webhooks, "nudge_webhook_waiting_records", "Records that are read and not settled.", &Figures::waiting),
          gauge(webhooks, "nudge_webhook_breaker_open", "1 while nothing is sent, as the receiver is taken to be down.",
                &Figures::breaker_open),
          durations(webhooks)};
}

}  // namespace nudge::connectors::webhook
