// What a scraper and a supervisor see, over a real socket, while the engine's threads change the figures.
#include "connectors/http/observability.h"
#include "connectors/json_text.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/http/client.h"
#include "tests/http/exposition_reader.h"

namespace nudge::connectors::http {
namespace {

struct Running {
  Metrics metrics;
  std::unique_ptr<Observability> observability;
  std::uint16_t port = 0;
  Running() {
    auto started = Observability::start("127.0.0.1:0", metrics);
    EXPECT_TRUE(started.is_ok());
    observability = std::move(started).value();
    const std::string url = observability->url();
    port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }
  Exposition scrape() {
    const Answer answer = get(port, "/metrics");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.fields.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    return read_exposition(answer.body);
  }
};

TEST(HttpObservability, IsReadyOnlyWhileItRuns) {
  Running running;
  EXPECT_EQ(get(running.port, "/livez").status, 200);
  const struct {
    Phase phase;
    int status;
    const char* detail;
  } rows[] = {
      {Phase::kStarting, 503, "starting"},
      {Phase::kRestoring, 503, "restoring: 1200 of 5000 records"},
      {Phase::kRunning, 200, ""},
      {Phase::kDraining, 503, "draining"},
  };
  running.metrics.restore_done.set(1200);
  running.metrics.restore_total.set(5000);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.detail);
    running.metrics.phase = row.phase;
    const Answer answer = get(running.port, "/readyz");
    EXPECT_EQ(answer.status, row.status);
    const auto body = parse_json(answer.body);
    EXPECT_EQ(body.value("detail", ""), row.detail);
    EXPECT_EQ(answer.fields.at("content-type"), row.status == 200 ? "application/json" : "application/problem+json");
    EXPECT_EQ(get(running.port, "/livez").status, 200);
  }
}

TEST(HttpObservability, ShowsTheFigures) {
  Running running;
  Metrics& metrics = running.metrics;
  metrics.input(Topic::kTransactions).processed.raise(10);
  metrics.input(Topic::kTransactions).processed.raise(7);  // done again after a failed commit
  metrics.input(Topic::kPageViews).duplicates.raise(3);
  metrics.input(Topic::kPageViews).late.raise(2);
  metrics.input(Topic::kCare).lag_records.set(40);
  metrics.input(Topic::kCare).lag_seconds.set(1.5);
  metrics.bad_records[bad_record_class("future")].add(4);
  metrics.error(ErrorClass::kUnavailable);
  metrics.watermark_seconds.set(1'700'000'000.25);
  metrics.commits.observe(0.02);
  metrics.commits.observe(0.025);
  metrics.commits.observe(100);
  metrics.caches[Metrics::kCustomers].hits.add(5);
  metrics.state_disk_bytes.set(1e12);
  const Exposition seen = running.scrape();
  EXPECT_EQ(seen.at(R"(nudge_records_total{topic="transactions",outcome="processed"})"), 10);
  EXPECT_EQ(seen.at(R"(nudge_records_total{topic="transactions",outcome="dead_letter"})"), 0);
  EXPECT_EQ(seen.at(R"(nudge_records_total{topic="page_views",outcome="duplicate"})"), 3);
  EXPECT_EQ(seen.at(R"(nudge_late_records_total{topic="page_views"})"), 2);
  EXPECT_EQ(seen.at(R"(nudge_lag_records{topic="care"})"), 40);
  EXPECT_EQ(seen.at(R"(nudge_lag_seconds{topic="care"})"), 1.5);
  EXPECT_EQ(seen.at(R"(nudge_bad_records_total{error_class="future"})"), 4);
  EXPECT_EQ(seen.at(R"(nudge_errors_total{class="unavailable"})"), 1);
  EXPECT_EQ(seen.at("nudge_watermark_timestamp_seconds"), 1'700'000'000.25);
  EXPECT_EQ(seen.at(R"(nudge_commit_duration_seconds_bucket{le="0.01"})"), 0);
  EXPECT_EQ(seen.at(R"(nudge_commit_duration_seconds_bucket{le="0.025"})"), 2);
  EXPECT_EQ(seen.at(R"(nudge_commit_duration_seconds_bucket{le="60"})"), 2);
  EXPECT_EQ(seen.at(R"(nudge_commit_duration_seconds_bucket{le="+Inf"})"), 3);
  EXPECT_EQ(seen.at("nudge_commit_duration_seconds_count"), 3);
  EXPECT_DOUBLE_EQ(seen.at("nudge_commit_duration_seconds_sum"), 100.045);
  EXPECT_EQ(seen.at(R"(nudge_cache_requests_total{cache="customers",outcome="hit"})"), 5);
  EXPECT_EQ(seen.at("nudge_state_disk_bytes"), 1e12);
  EXPECT_GT(seen.at("process_resident_memory_bytes"), 1 << 20);
  EXPECT_GT(seen.at("process_start_time_seconds"), 1.6e9);
  EXPECT_GT(seen.at("process_open_fds"), 3);
  EXPECT_EQ(seen.types.at("nudge_records_total"), "counter");
  EXPECT_EQ(seen.types.at("nudge_commit_duration_seconds"), "histogram");
  // What is unknown is left out.
  EXPECT_FALSE(seen.types.contains("nudge_restore_done_records"));
  EXPECT_FALSE(seen.samples.contains(R"(nudge_lag_records{topic="products"})"));
  // Nothing that a person could be found by.
  const std::set<std::string> labels{"cache", "class", "error_class", "le", "outcome", "phase", "topic", "version"};
  EXPECT_EQ(seen.label_names, labels);
}

TEST(HttpObservability, FiguresMayChangeWhileTheyAreRead) {
  Running running;
  std::jthread engine([&](const std::stop_token& stop) {
    for (std::uint64_t round = 1; !stop.stop_requested(); ++round) {
      for (Metrics::Input& input : running.metrics.inputs) input.processed.raise(round);
      running.metrics.commits.observe(0.001);
      running.metrics.watermark_seconds.set(static_cast<double>(round));
      running.metrics.phase = Phase::kRunning;
    }
  });
  double before = 0;
  for (int i = 0; i < 20; ++i) {
    const Exposition seen = running.scrape();
    const double now = seen.at(R"(nudge_records_total{topic="care",outcome="processed"})");
    EXPECT_GE(now, before);
    before = now;
    EXPECT_EQ(seen.at(R"(nudge_commit_duration_seconds_bucket{le="+Inf"})"),
              seen.at("nudge_commit_duration_seconds_count"));
  }
}

TEST(HttpObservability, OtherFoldersAddRoutes) {
  const Metrics metrics;
  Routes more;
  more.add("GET", "/api/v1/models", [](const Request&) { return Response{.body = "[]", .fields = {}}; });
  const auto started = Observability::start(
      "localhost:0", metrics, [] { return Readiness{.ready = false, .reason = "waiting for a broker"}; },
      std::move(more));
  ASSERT_TRUE(started.is_ok());
  const std::string url = (*started)->url();
  const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  EXPECT_EQ(get(port, "/api/v1/models").body, "[]");
  EXPECT_NE(get(port, "/readyz").body.find("waiting for a broker"), std::string::npos);
  (*started)->stop();
  EXPECT_FALSE(Client(port).connected());
}

TEST(HttpObservability, OtherMachinesAreRefused) {
  const Metrics metrics;
  for (const char* bind : {"0.0.0.0:0", "[::]:0", "8080"}) {
    const auto started = Observability::start(bind, metrics);
    ASSERT_FALSE(started.is_ok()) << bind;
    EXPECT_EQ(started.status().error_class(), ErrorClass::kConfig);
  }
}

}  // namespace
}  // namespace nudge::connectors::http
