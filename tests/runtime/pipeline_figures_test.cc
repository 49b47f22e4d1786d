// What a replay tells of itself agrees with its report, also where it goes on from a state.
#include <gtest/gtest.h>

#include <fstream>

#include "config/application.h"
#include "connectors/json_text.h"
#include "engine/metrics.h"
#include "engine/runtime/replay.h"
#include "tests/support/temporary_folder.h"

namespace nudge {
namespace {

TEST(PipelineFigures, AgreeWithTheReport) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "in");
  std::ofstream views(folder / "in/page_views.jsonl");
  for (int i = 0; i < 1000; ++i)
    views << R"({"event_id":")" << i % 900 << R"(","event_time":)" << 1'700'000'000'000 + i * 60'000
          << R"(,"customer_id":"c)" << i % 50 << R"(","visitor_id":"v)" << i % 70 << R"(","action":"view"})"
          << "\n";
  views << "{\n{}\n[]\n\xff\n";
  views.close();
  const std::string overrides[] = {"input.path=" + folder / "in", "engine.state_dir=" + folder / "state"};
  const auto loaded = config::load_application_text("input: {}\noperators: {rfm: {}}\nengine: {batch_events_max: 100}",
                                                    "test.yaml", overrides, all_operators());
  ASSERT_TRUE(loaded.problems.empty());
  Metrics metrics;
  ReplayOptions options;
  options.output_dir = folder / "out";
  options.metrics = &metrics;
  const auto summary = replay(loaded.application, options);
  ASSERT_TRUE(summary.is_ok()) << summary.status().message();

  const auto counters = connectors::parse_json(summary->report)["counters"]["page_views"];
  const Metrics::Input& input = metrics.input(Topic::kPageViews);
  EXPECT_EQ(input.processed.value(), counters["processed"]);
  EXPECT_EQ(input.dead_letters.value(), counters["dead_letters"]);
  EXPECT_EQ(input.duplicates.value(), counters["duplicates"]);
  EXPECT_EQ(input.processed.value() + input.dead_letters.value() + input.duplicates.value(), counters["read"]);
  std::uint64_t bad = 0;
  for (const Counter& counter : metrics.bad_records) bad += counter.value();
  EXPECT_EQ(bad, 4u);
  EXPECT_EQ(metrics.bad_records[bad_record_class("missing")].value(), 1u);
  EXPECT_GT(metrics.watermark_seconds.value(), 1'700'000'000);
  EXPECT_GT(metrics.commits.cumulative().back(), 0u);
  EXPECT_GT(metrics.commit_bytes.value(), 0u);
  EXPECT_GT(metrics.caches[Metrics::kCustomers].hits.value(), 0u);
  EXPECT_EQ(metrics.caches[Metrics::kCustomers].entries.value(), 50);
  EXPECT_EQ(metrics.phase.load(), Phase::kDraining);
}

}  // namespace
}  // namespace nudge
