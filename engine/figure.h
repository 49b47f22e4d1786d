// Figures that the engine's threads change now and then while another thread reads them: counters, gauges, histograms.
//
// No locks and no allocation; what is read may lie a moment back, and figures that are read together need not belong to
// the same moment. A FigureFamily is how a reader gets them: a name, and one sample for each set of labels.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nudge {

// Only grows.
class Counter {
 public:
  void add(std::uint64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  // To a total that is counted elsewhere. A lower one is kept out until it is passed: work that is done again after a
  // failed commit does not count twice. One thread at a time.
  void raise(std::uint64_t total) {
    begun_ = true;
    if (total > begin_ && total - begin_ > value()) value_.store(total - begin_, std::memory_order_relaxed);
  }
  // What the totals to come began with in an earlier process, which is left out. Only the first call counts, and only
  // before the first total.
  void begin_at(std::uint64_t total) {
    if (!std::exchange(begun_, true)) begin_ = total;
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
  std::uint64_t begin_ = 0;  // this and the next belong to the thread that raises
  bool begun_ = false;
};

// Unknown until it is set, and then left out where figures are shown.
class Gauge {
 public:
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_ = kUnknown;
};

// How long something took.
class DurationHistogram {
 public:
  static constexpr std::array kBoundsSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                             0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0};

  void observe(double seconds);

  // Of each bound, how many lasted at most so long; the last is how many there were.
  std::array<std::uint64_t, kBoundsSeconds.size() + 1> cumulative() const;
  double sum_seconds() const { return sum_seconds_.load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<std::uint64_t>, kBoundsSeconds.size() + 1> counts_{};  // of each bucket alone
  std::atomic<double> sum_seconds_ = 0;
};

struct FigureLabel {
  std::string_view name;
  std::string value;
};

struct FigureSample {
  std::vector<FigureLabel> labels;
  double value = 0;                       // a histogram's sum
  std::vector<std::uint64_t> cumulative;  // histograms only, as DurationHistogram::cumulative
};

enum class FigureKind : std::uint8_t { kCounter, kGauge, kDurations };

struct FigureFamily {
  std::string_view name;
  std::string_view help;
  FigureKind kind = FigureKind::kGauge;
  std::vector<FigureSample> samples;
};

}  // namespace nudge
