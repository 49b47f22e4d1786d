#include "connectors/http/exposition.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>

namespace nudge::connectors::http {
namespace {

prometheus::MetricType type_of(FigureKind kind) {
  switch (kind) {
    case FigureKind::kCounter:
      return prometheus::MetricType::Counter;
    case FigureKind::kGauge:
      return prometheus::MetricType::Gauge;
    case FigureKind::kDurations:
      break;
  }
  return prometheus::MetricType::Histogram;
}

prometheus::ClientMetric::Histogram histogram_of(const FigureSample& sample) {
  prometheus::ClientMetric::Histogram histogram;
  for (std::size_t i = 0; i < sample.cumulative.size(); ++i) {
    const bool last = i == DurationHistogram::kBoundsSeconds.size();
    histogram.bucket.push_back(
        {sample.cumulative[i], last ? std::numeric_limits<double>::infinity() : DurationHistogram::kBoundsSeconds[i]});
  }
  histogram.sample_count = sample.cumulative.back();
  histogram.sample_sum = sample.value;
  return histogram;
}

}  // namespace

std::string exposition(std::span<const FigureFamily> families) {
  std::vector<prometheus::MetricFamily> described;
  for (const FigureFamily& family : families) {
    prometheus::MetricFamily& out = described.emplace_back();
    out.name = family.name;
    out.help = family.help;
    out.type = type_of(family.kind);
    for (const FigureSample& sample : family.samples) {
      prometheus::ClientMetric& metric = out.metric.emplace_back();
      for (const FigureLabel& label : sample.labels) metric.label.push_back({std::string(label.name), label.value});
      metric.counter.value = metric.gauge.value = sample.value;
      if (family.kind == FigureKind::kDurations) metric.histogram = histogram_of(sample);
    }
  }
  return prometheus::TextSerializer().Serialize(described);
}

}  // namespace nudge::connectors::http
