// The rate limit, the breaker and the waits between attempts, on a clock of the test's own.
#include "connectors/webhook/pace.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "connectors/webhook/verdict.h"

namespace nudge::connectors::webhook {
namespace {

using std::chrono::milliseconds;

constexpr TimePoint kStart = TimePoint(std::chrono::hours(1));

TEST(RateLimit, ABurstAndThenTheRate) {
  RateLimit limit(10, 3);
  TimePoint now = kStart;
  std::vector<std::int64_t> sent;
  for (int i = 0; i < 6; ++i) {
    now = limit.available_at(now);
    limit.take(now);
    sent.push_back(std::chrono::round<milliseconds>(now - kStart).count());
  }
  EXPECT_EQ(sent, (std::vector<std::int64_t>{0, 0, 0, 100, 200, 300}));
  now += std::chrono::minutes(5);
  for (int i = 0; i < 3; ++i, limit.take(now)) EXPECT_EQ(limit.available_at(now), now) << "a rest fills the bucket";
  EXPECT_GT(limit.available_at(now), now) << "and no more than that";
}

TEST(RateLimit, InNoWindowMoreThanRateAndBurst) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const double rate = std::uniform_real_distribution<>(0.5, 200)(random);
    const int burst = std::uniform_int_distribution<>(1, 20)(random);
    RateLimit limit(rate, burst);
    std::vector<TimePoint> sent;
    TimePoint now = kStart;
    for (int i = 0; i < 300; ++i) {
      now += milliseconds(std::uniform_int_distribution<>(0, 30)(random));
      now = limit.available_at(now);
      limit.take(now);
      sent.push_back(now);
    }
    for (std::size_t from = 0; from < sent.size(); ++from)
      for (std::size_t to = from; to < sent.size(); ++to) {
        const double seconds = std::chrono::duration<double>(sent[to] - sent[from]).count();
        ASSERT_LE(static_cast<double>(to - from + 1), burst + rate * seconds + 0.01);
      }
  }
}

TEST(CircuitBreaker, OpensTriesAndCloses) {
  CircuitBreaker breaker(3, milliseconds(1000));
  TimePoint now = kStart;
  EXPECT_FALSE(breaker.failed(now));
  EXPECT_FALSE(breaker.failed(now));
  breaker.succeeded();  // only failures in a row count
  EXPECT_FALSE(breaker.failed(now));
  EXPECT_FALSE(breaker.failed(now));
  EXPECT_TRUE(breaker.failed(now));
  EXPECT_EQ(breaker.available_at(now), now + milliseconds(1000));
  now += milliseconds(1000);
  EXPECT_EQ(breaker.available_at(now), now);
  breaker.sent();
  EXPECT_EQ(breaker.available_at(now), TimePoint::max()) << "one trial at a time";
  EXPECT_FALSE(breaker.failed(now)) << "it is open already";
  EXPECT_EQ(breaker.available_at(now), now + milliseconds(1000));
  now += milliseconds(1000);
  breaker.sent();
  breaker.succeeded();
  EXPECT_FALSE(breaker.is_open());
  EXPECT_EQ(breaker.available_at(now), now);
}

TEST(Pace, TheLatestOfAllHolds) {
  Pace pace({1000, 1000}, {5, milliseconds(10)});
  pace.pause(kStart + milliseconds(300));
  pace.pause(kStart + milliseconds(200));
  EXPECT_EQ(pace.available_at(kStart), kStart + milliseconds(300));
}

TEST(Verdict, ByStatus) {
  for (const int status : {200, 201, 202, 204, 299}) EXPECT_EQ(verdict_of(status), Verdict::kDelivered) << status;
  for (const int status : {400, 402, 403, 404, 405, 410, 413, 422, 451}) EXPECT_EQ(verdict_of(status), Verdict::kDead);
  for (const int status : {0, 301, 302, 307, 401, 408, 409, 425, 429, 500, 501, 502, 503, 504, 599})
    EXPECT_EQ(verdict_of(status), Verdict::kRetry) << status;
  for (const int status : {0, 408, 500, 503}) EXPECT_TRUE(is_outage(status));
  for (const int status : {200, 301, 401, 409, 425, 429}) EXPECT_FALSE(is_outage(status)) << status;
}

TEST(RetryAfter, SecondsOrADate) {
  const std::int64_t now = 784'111'777;  // Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110
  const auto of = [&](int status, const char* field) { return retry_after({status, field, {}}, now); };
  EXPECT_EQ(of(429, "120"), milliseconds(120'000));
  EXPECT_EQ(of(503, "0"), milliseconds(0));
  EXPECT_EQ(of(503, "Sun, 06 Nov 1994 08:49:47 GMT"), milliseconds(10'000));
  EXPECT_EQ(of(429, "Sun, 06 Nov 1994 08:49:27 GMT"), milliseconds(0)) << "in the past";
  EXPECT_EQ(of(429, "soon"), std::nullopt);
  EXPECT_EQ(of(429, ""), std::nullopt);
  EXPECT_EQ(of(500, "120"), std::nullopt) << "of 429 and 503 only";
}

TEST(Backoff, DoublesToItsMostAndIsSpreadOverItsSecondHalf) {
  const RetryLimits limits{milliseconds(1000), milliseconds(10'000), milliseconds(0), 100};
  const std::int64_t wanted[] = {1000, 2000, 4000, 8000, 10'000, 10'000};
  for (int failures = 1; failures <= 6; ++failures) {
    EXPECT_EQ(backoff_after(limits, failures, 0).count(), wanted[failures - 1] / 2);
    EXPECT_NEAR(static_cast<double>(backoff_after(limits, failures, 0.999999).count()), wanted[failures - 1], 2);
  }
  EXPECT_EQ(backoff_after(limits, 1'000'000, 0).count(), 5000);
}

}  // namespace
}  // namespace nudge::connectors::webhook
