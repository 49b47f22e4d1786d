// Figures: what a counter keeps out, what a gauge does not know, where a duration is counted.
#include "engine/figure.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/decode.h"
#include "engine/metrics.h"

namespace nudge {
namespace {

TEST(Figure, ACounterOnlyGrows) {
  Counter counter;
  counter.add(2);
  counter.add(3);
  EXPECT_EQ(counter.value(), 5u);

  Counter raised;
  raised.begin_at(1000);  // what an earlier process had counted
  EXPECT_EQ(raised.value(), 0u);
  raised.raise(1000);
  EXPECT_EQ(raised.value(), 0u);
  raised.raise(1010);
  raised.raise(1004);  // a commit failed, its work is done again
  EXPECT_EQ(raised.value(), 10u);
  raised.begin_at(1004);  // by a new pipeline
  raised.raise(1012);
  EXPECT_EQ(raised.value(), 12u);

  Counter fresh;
  fresh.raise(7);
  fresh.begin_at(7);
  fresh.raise(9);
  EXPECT_EQ(fresh.value(), 9u);
}

TEST(Figure, DurationsAreCountedUpToTheirBound) {
  DurationHistogram histogram;
  for (const double seconds : {0.0, 0.001, 0.0011, 60.0, 61.0}) histogram.observe(seconds);
  const auto cumulative = histogram.cumulative();
  EXPECT_EQ(cumulative[0], 2u);
  EXPECT_EQ(cumulative[1], 3u);
  EXPECT_EQ(cumulative[cumulative.size() - 2], 4u);
  EXPECT_EQ(cumulative.back(), 5u);
  EXPECT_DOUBLE_EQ(histogram.sum_seconds(), 121.0021);
}

TEST(Figure, EveryErrorClassHasAPlace) {
  for (std::size_t i = 0; i < kBadRecordClasses.size(); ++i) EXPECT_EQ(bad_record_class(kBadRecordClasses[i]), i);
  Metrics metrics;
  for (const ErrorClassName& each : kErrorClasses) metrics.error(each.error_class);
  for (const Counter& counter : metrics.errors) EXPECT_EQ(counter.value(), 1u);
}

TEST(Figure, WhatIsUnknownIsLeftOut) {
  Metrics metrics;
  EXPECT_TRUE(std::isnan(metrics.watermark_seconds.value()));
  const auto named = [&](std::string_view name) {
    for (const FigureFamily& family : metrics.families())
      if (family.name == name) return family.samples.size();
    return std::size_t{0};
  };
  EXPECT_EQ(named("nudge_watermark_timestamp_seconds"), 0u);
  EXPECT_EQ(named("nudge_records_total"), 3 * kTopicCount);
  metrics.watermark_seconds.set(0);
  EXPECT_EQ(named("nudge_watermark_timestamp_seconds"), 1u);
}

}  // namespace
}  // namespace nudge
