// The program nudge: it finds the customers who are worth one.
#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <vector>

#include "engine/output.h"
#include "tools/nudge/command.h"
#include "tools/nudge/logs.h"
#include "tools/nudge/usage.h"

// Read by jemalloc before main: what was freed goes back to the system soon, so that the budget is kept.
extern "C" const char* malloc_conf = "dirty_decay_ms:1000,muzzy_decay_ms:0,narenas:2,oversize_threshold:0";

namespace nudge::program {
namespace {

constexpr const char* kFooter =
    "Data goes to stdout, logs and progress to stderr.\n"
    "Exit codes: 0 ok, 64 usage, 65 bad data, 69 broker unreachable, 70 internal, 74 I/O, 78 configuration.";

int code_of(ErrorClass error_class) { return static_cast<int>(error_class); }

int fail(ErrorClass error_class, const std::string& message) {
  std::fprintf(stderr, "nudge: %s\n", message.c_str());
  return code_of(error_class);
}

void declare_global_options(CLI::App& program, LogOptions& logs) {
  program.set_version_flag("--version", "nudge " + std::string(kEngineVersion), "Print the version and end");
  program.add_option("--color", logs.color, "Colours on stderr")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  program.add_option("--log-level", logs.level, "The least serious messages to log")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  program.add_option("--log-format", logs.format, "Text, or one JSON object a line")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
}

int run_chosen(const Run& run) {
  const Status status = run();
  spdlog::default_logger()->flush();
  if (!status) return fail(status.error_class(), status.message());
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    return fail(ErrorClass::kInputOutput, "standard output cannot be written");
  return 0;
}

int run_program(int argc, char** argv) {
  CLI::App program("Finds the customers who are worth a nudge.", "nudge");
  program.footer(kFooter);
  program.require_subcommand(1);
  program.fallthrough();
  program.option_defaults()->always_capture_default(false);
  LogOptions logs;
  declare_global_options(program, logs);
  std::vector<std::pair<const CLI::App*, Run>> runs;
  for (const Command& command : commands()) {
    CLI::App* app = program.add_subcommand(std::string(command.name), std::string(command.summary));
    runs.emplace_back(app, command.declare(*app));
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return program.exit(asked);
  } catch (const CLI::ParseError& error) {
    if (argc == 1) {
      std::fputs(program.help().c_str(), stderr);
      return code_of(ErrorClass::kUsage);
    }
    return fail(ErrorClass::kUsage, explain(program, error));
  }
  configure_logs(logs);
  for (const auto& [app, run] : runs)
    if (app->parsed()) return run_chosen(run);
  return fail(ErrorClass::kInternal, "no command was chosen");
}

}  // namespace
}  // namespace nudge::program

int main(int argc, char** argv) {
  try {
    return nudge::program::run_program(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "nudge: internal error: %s\n", error.what());
    return static_cast<int>(nudge::ErrorClass::kInternal);
  }
}
