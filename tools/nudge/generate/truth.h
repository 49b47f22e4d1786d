// Writes truth.json: what was planted, in the words of plan.h, beside the data.
//
// Outcomes of campaigns are written while the shop is made; the rest at the end. Errors are told by `finish`.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>

#include "engine/status.h"
#include "tools/nudge/generate/arrivals.h"
#include "tools/nudge/generate/life.h"
#include "tools/nudge/generate/options.h"
#include "tools/nudge/generate/population.h"

namespace nudge::generate {

class Truth {
 public:
  // An empty path: nothing is written.
  Truth(const std::filesystem::path& path, const GenerateOptions& options);
  ~Truth();
  Truth(const Truth&) = delete;
  Truth& operator=(const Truth&) = delete;

  void outcome(std::uint64_t customer, std::int64_t campaign, Millis time, const Outcome& outcome);
  Status finish(const Population& population, const Arrivals& arrivals);

 private:
  void write_plan();
  void write_segments();
  void write_counts(const Arrivals& arrivals);
  void write_customers(const Population& population);
  // Begins a member of the root, on a line of its own.
  void begin(std::string_view name);
  void flush();

  GenerateOptions options_;
  std::string path_;
  std::FILE* file_;
  std::string buffer_;
  bool failed_ = false, first_outcome_ = true;
};

}  // namespace nudge::generate
