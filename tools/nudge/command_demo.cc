// nudge demo: the bundled shop, replayed on this machine, without broker, configuration, network or root.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>

#include "config/application.h"
#include "engine/runtime/replay.h"
#include "tools/nudge/command.h"
#include "tools/nudge/demo/bundle.h"
#include "tools/nudge/demo/findings.h"
#include "tools/nudge/progress.h"

namespace nudge::program {
namespace {

namespace fs = std::filesystem;

// A folder of its own under the system's temporary one; goes with everything in it.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make() {
    std::error_code error;
    std::string pattern = (fs::temp_directory_path(error) / "nudge-demo-XXXXXX").string();
    if (error || !mkdtemp(pattern.data()))
      return Status::io("no temporary folder can be made; set TMPDIR to a folder that can be written");
    return TemporaryFolder(pattern);
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  explicit TemporaryFolder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

Status unpack(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder / "in", error);
  for (const demo::BundledFile& file : demo::bundle()) {
    const bool topic = std::string_view(file.name).find(".jsonl") != std::string_view::npos;
    std::ofstream out(topic ? folder / "in" / file.name : folder / file.name, std::ios::binary);
    out.write(file.begin, file.end - file.begin);
    out.close();
    if (!out) return Status::io(fmt::format("{}: cannot be written; is the disk full?", folder.string()));
  }
  return Status::ok();
}

// Holds SIGINT and SIGTERM back, so that what they end is tidied up first. One that came and was not waited for ends
// the process when they are let go. Make it before any thread is started: they inherit it.
class HeldSignals {
 public:
  HeldSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  ~HeldSignals() { pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  bool one_came() const {
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1;
  }
  void wait() const {
    int received = 0;
    sigwait(&signals_, &received);
  }

 private:
  sigset_t signals_;
};

Status run_demo(bool once) {
  const HeldSignals signals;
  NUDGE_ASSIGN(const TemporaryFolder folder, TemporaryFolder::make());
  NUDGE_TRY(unpack(folder.path()));
  fmt::print(
      "nudge demo: a year of a real British online shop (UCI Online Retail, Chen 2015, CC BY 4.0).\n"
      "Its orders are real; the page views, campaigns and consents around them are simulated.\n");
  std::fflush(stdout);
  const std::string overrides[] = {"input.path=" + (folder.path() / "in").string(),
                                   "engine.state_dir=" + (folder.path() / "state").string()};
  const auto loaded = config::load_application((folder.path() / "shop.yaml").string(), overrides, all_operators());
  NUDGE_CHECK(loaded.problems.empty(), "the bundled configuration is right");

  ReplayOptions options;
  options.output_dir = (folder.path() / "out").string();
  Progress progress;
  options.progress = [&progress](const ReplayProgress& now) { progress.update(now); };
  options.stops = [&signals] { return signals.one_came(); };
  NUDGE_ASSIGN(const ReplaySummary summary, replay(loaded.application, options));
  progress.finish();
  NUDGE_ASSIGN(const std::string found, demo::findings(options.output_dir));
  fmt::print("Replayed {} events of a year.\n{}", summary.events, found);
  if (once) return Status::ok();
  fmt::print("\nAll it wrote is in {} until you end the demo with Ctrl-C.\n", options.output_dir);
  std::fflush(stdout);
  signals.wait();
  return Status::ok();
}

}  // namespace

Run declare_demo(CLI::App& command) {
  auto once = std::make_shared<bool>(false);
  command.add_flag("--once", *once, "End by itself after the replay");
  return [once] { return run_demo(*once); };
}

}  // namespace nudge::program
