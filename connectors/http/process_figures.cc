#include "connectors/http/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include "engine/resident_memory.h"

namespace nudge::connectors::http {
namespace {

namespace fs = std::filesystem;

std::optional<double> resident_bytes() {
  const std::size_t bytes = resident_memory();
  return bytes == 0 ? std::nullopt : std::optional(static_cast<double>(bytes));
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Field 22 of the process's line, in ticks since the machine started; the name in field 2 may hold blanks.
std::optional<double> start_seconds() {
  std::ifstream process("/proc/self/stat"), machine("/proc/stat");
  std::string line;
  if (!std::getline(process, line)) return std::nullopt;
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string word;
  for (int field = 3; field < 22; ++field) fields >> word;
  double ticks = 0, booted = 0;
  while (machine >> word && word != "btime") std::getline(machine, line);
  if (!(fields >> ticks) || !(machine >> booted)) return std::nullopt;
  return booted + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::optional<double> open_files() {
  std::error_code error;
  const auto files = fs::directory_iterator("/proc/self/fd", error);
  if (error) return std::nullopt;
  return static_cast<double>(std::distance(begin(files), end(files)));
}

}  // namespace

std::vector<FigureFamily> process_figures() {
  std::vector<FigureFamily> families;
  const auto add = [&](FigureKind kind, std::string_view name, std::string_view help, std::optional<double> value) {
    if (value) families.push_back({name, help, kind, {{{}, *value, {}}}});
  };
  add(FigureKind::kGauge, "process_resident_memory_bytes", "Resident memory size in bytes.", resident_bytes());
  add(FigureKind::kCounter, "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
      processor_seconds());
  add(FigureKind::kGauge, "process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
      start_seconds());
  add(FigureKind::kGauge, "process_open_fds", "Number of open file descriptors.", open_files());
  return families;
}

}  // namespace nudge::connectors::http
