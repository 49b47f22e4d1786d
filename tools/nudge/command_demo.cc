// nudge demo: the bundled shop, replayed on this machine, without broker, configuration, network or root; or run live
// on a Kafka that is there, in topics of its own.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>

#include "config/application.h"
#include "engine/runtime/live.h"
#include "engine/runtime/replay.h"
#include "tools/nudge/command.h"
#include "tools/nudge/demo/bundle.h"
#include "tools/nudge/demo/findings.h"
#include "tools/nudge/demo/kafka_shop.h"
#include "tools/nudge/progress.h"

namespace nudge::program {
namespace {

namespace fs = std::filesystem;

struct DemoChoices {
  bool once = false;
  std::string kafka;  // bootstrap.servers
};

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
// the process when they are let go, also where a script that started it in the background had it ignore SIGINT. Make it
// before any thread is started: they inherit it.
class HeldSignals {
 public:
  HeldSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    std::signal(SIGINT, SIG_DFL);
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

config::Application load(const fs::path& folder, std::vector<std::string> overrides, std::string_view state) {
  overrides.push_back("engine.state_dir=" + (folder / state).string());
  auto loaded = config::load_application((folder / "shop.yaml").string(), overrides, all_operators());
  NUDGE_CHECK(loaded.problems.empty(), "the bundled configuration is right");
  return std::move(loaded.application);
}

// Runs the shop live until all of it is committed, or a signal came.
Status run_on(const config::Application& application, demo::KafkaShop& shop, const fs::path& input,
              const HeldSignals& signals) {
  NUDGE_ASSIGN(const std::uint64_t records, shop.fill(input.string()));
  fmt::print("Sent {} records to Kafka. They are read live, and committed exactly once.\n", records);
  std::fflush(stdout);
  Metrics metrics;
  Progress progress;
  LiveOptions options;
  options.metrics = &metrics;
  options.stops = [&] {
    std::uint64_t taken = 0;
    for (const Metrics::Input& each : metrics.inputs)
      taken += each.processed.value() + each.dead_letters.value() + each.duplicates.value();
    progress.update({taken, records, taken, static_cast<Millis>(metrics.watermark_seconds.value()) * kSecond});
    return taken >= records || signals.one_came();
  };
  const Status ended = run_live(application, options);
  progress.finish();
  return ended;
}

// Of the folder, or of the topics in the order of the run before.
Result<std::uint64_t> replay_to(const fs::path& output, const config::Application& application,
                                const HeldSignals& signals) {
  ReplayOptions options;
  options.output_dir = output.string();
  Progress progress;
  options.progress = [&progress](const ReplayProgress& now) { progress.update(now); };
  options.stops = [&signals] { return signals.one_came(); };
  NUDGE_ASSIGN(const ReplaySummary summary, replay(application, options));
  progress.finish();
  return summary.events;
}

Status run_demo(const DemoChoices& choices) {
  const HeldSignals signals;
  NUDGE_ASSIGN(const TemporaryFolder folder, TemporaryFolder::make());
  NUDGE_TRY(unpack(folder.path()));
  fmt::print(
      "nudge demo: a year of a real British online shop (UCI Online Retail, Chen 2015, CC BY 4.0).\n"
      "Its orders are real; the page views, campaigns and consents around them are simulated.\n");
  std::fflush(stdout);
  const fs::path input = folder.path() / "in", output = folder.path() / "out";
  std::vector<std::string> overrides = {"input.path=" + input.string()};
  std::unique_ptr<demo::KafkaShop> shop;
  std::optional<config::Application> live;
  if (!choices.kafka.empty()) {
    overrides = demo::kafka_overrides(demo::kafka_name(), choices.kafka);
    live = load(folder.path(), overrides, "live");
    NUDGE_ASSIGN(shop, demo::KafkaShop::open(*live));
    NUDGE_TRY(run_on(*live, *shop, input, signals));
    if (signals.one_came()) return shop->remove();
  }
  NUDGE_ASSIGN(const std::uint64_t events, replay_to(output, load(folder.path(), overrides, "replayed"), signals));
  NUDGE_ASSIGN(const std::string found, demo::findings(output.string()));
  fmt::print("Replayed {} events of a year{}.\n{}", events, shop ? " as the live run took them" : "", found);
  if (shop) NUDGE_TRY(shop->remove());
  if (choices.once) return Status::ok();
  fmt::print("\nAll it wrote is in {} until you end the demo with Ctrl-C.\n", output.string());
  std::fflush(stdout);
  signals.wait();
  return Status::ok();
}

}  // namespace

Run declare_demo(CLI::App& command) {
  auto choices = std::make_shared<DemoChoices>();
  command.add_flag("--once", choices->once, "End by itself after the replay");
  command
      .add_option("--kafka", choices->kafka,
                  "Run the shop live on this Kafka first, in topics of its own that go at the end")
      ->type_name("HOST:PORT");
  return [choices] { return run_demo(*choices); };
}

}  // namespace nudge::program
