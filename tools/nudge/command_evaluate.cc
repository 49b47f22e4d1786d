// nudge evaluate: how well the scoring models predict a column of a table, beside a dummy.
#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "engine/log.h"
#include "tools/nudge/command.h"
#include "tools/nudge/evaluate/report.h"

namespace nudge::program {
namespace {

namespace fs = std::filesystem;
using connectors::CsvTable;

constexpr std::size_t kSeeds = 5;  // of random splits; where only models draw, one is enough

struct EvaluateChoices {
  std::string data, split = "random:0.1", segments, output;
  evaluate::DatasetOptions dataset;
  std::optional<std::size_t> seeds;
  bool at_half = false;
  unsigned threads = std::max(1u, std::thread::hardware_concurrency());
};

// A line on a terminal, taken away at the end; elsewhere one in the log every ten seconds.
class WorkShown {
 public:
  ~WorkShown() {
    if (drawn_) std::fputs("\r\x1b[K", stderr);
  }
  void update(std::size_t done, std::size_t all) {
    const auto now = std::chrono::steady_clock::now();
    if (now - shown_ < (terminal_ ? std::chrono::milliseconds(100) : std::chrono::seconds(10))) return;
    shown_ = now;
    if (!terminal_) return log::info("evaluating models_fitted={} of={}", done, all);
    std::fprintf(stderr, "\r\x1b[K%3zu %% of %zu models fitted and tested\r", 100 * done / all, all);
    drawn_ = true;
  }

 private:
  const bool terminal_ = isatty(STDERR_FILENO) != 0;
  std::chrono::steady_clock::time_point shown_ = std::chrono::steady_clock::now();
  bool drawn_ = false;
};

Status make_folder(const std::string& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (!fs::is_directory(folder, failed))
    return Status::io(folder + ": cannot be made a folder; check the path and the rights");
  return Status::ok();
}

Status write_report(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file)
    return Status::io(fmt::format("{}: cannot be written; check the rights and the space on the disk", path.string()));
  return Status::ok();
}

Status run_evaluate(const EvaluateChoices& choices) {
  std::optional<evaluate::SegmentChoice> segments;
  if (!choices.segments.empty()) {
    NUDGE_ASSIGN(segments, evaluate::parse_segments(choices.segments));
  }
  if (!choices.dataset.control.empty() && choices.dataset.treatment.empty())
    return Status::usage("--control: there is no --treatment; name its column, or leave it out");
  evaluate::ContestOptions options{.split = {}, .seeds = 1, .threads = choices.threads};
  NUDGE_ASSIGN(options.split, evaluate::parse_split(choices.split));
  options.at_half = choices.at_half;
  if (options.at_half && options.split.kind == evaluate::SplitOptions::Kind::kPrequential)
    return Status::usage(
        "--at-half: models are calibrated as time goes by where the split is prequential; leave it out");
  options.seeds = choices.seeds.value_or(options.split.kind == evaluate::SplitOptions::Kind::kRandom ? kSeeds : 1);
  if (!choices.output.empty()) NUDGE_TRY(make_folder(choices.output));
  NUDGE_ASSIGN(const CsvTable table, CsvTable::read(choices.data));
  evaluate::Evaluation evaluation{.data = fs::path(choices.data).filename().string(),
                                  .split = choices.split,
                                  .seeds = options.seeds,
                                  .dataset = {},
                                  .lone_aucs = {},
                                  .contest = {},
                                  .segments = {},
                                  .arms = {}};
  NUDGE_ASSIGN(evaluation.dataset, evaluate::make_dataset(table, choices.dataset));
  const scores::TrainingRows& rows = evaluation.dataset.rows;
  log::info("evaluating rows={} features={} split={} seeds={}", rows.size(), rows.features(), choices.split,
            options.seeds);
  if (segments) {
    evaluation.segments = evaluate::make_segments(evaluation.dataset, *segments);
    options.segments = evaluation.segments->of_rows;
  }
  {
    WorkShown shown;
    const auto progress = [&shown](std::size_t done, std::size_t all) { shown.update(done, all); };
    NUDGE_ASSIGN(evaluation.contest, evaluate::run_contest(rows, options, progress));
  }
  NUDGE_ASSIGN(evaluation.lone_aucs, evaluate::lone_aucs(rows, choices.threads));
  if (!evaluation.dataset.arms.empty()) {
    NUDGE_ASSIGN(evaluation.arms, evaluate::run_uplift(evaluation.dataset, {.threads = choices.threads}));
  }
  for (const std::string& warning : evaluate::warnings_of(evaluation)) log::warn("{}", warning);
  const std::string text = evaluate::text_report(evaluation);
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (choices.output.empty()) return Status::ok();
  const fs::path report = fs::path(choices.output) / "report.json";
  NUDGE_TRY(write_report(report, evaluate::json_report(evaluation)));
  log::info("evaluated output={}", report.string());
  return Status::ok();
}

}  // namespace

Run declare_evaluate(CLI::App& command) {
  auto choices = std::make_shared<EvaluateChoices>();
  command.add_option("--data,-d", choices->data, "The table (.csv, .csv.zst); its first line names the columns")
      ->required()
      ->type_name("FILE");
  command.add_option("--target,-t", choices->dataset.target, "The column to predict")->required()->type_name("COLUMN");
  command.add_option("--positive", choices->dataset.positive, "Its value to predict, where it is not yes or no")
      ->type_name("VALUE");
  command.add_option("--drop", choices->dataset.dropped, "Columns that no model may see, such as a, b: --drop a,b")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("COLUMN,…");
  command.add_flag("--drop-unknown", choices->dataset.drop_unknown, "Leave out rows in which a used column is unknown");
  command
      .add_option(
          "--split", choices->split,
          "What is tested: random:SHARE, folds:K, time:SHARE (the last rows), or prequential:N (blocks of N rows, "
          "tested, then learnt)")
      ->type_name("SPLIT")
      ->capture_default_str();
  command.add_flag(
      "--at-half", choices->at_half,
      "Another champion, for who decides at .5 and is measured by balanced accuracy: by that, on rows held "
      "out of the taught ones, among the models and deep trees that are not calibrated");
  command.add_option("--seeds", choices->seeds, "Repeats; by default 5 of random, 1 of others")
      ->check(CLI::Range(1, 1'000))
      ->type_name("N");
  command.add_option("--segments", choices->segments, "Success ratios by segment, of so many")->type_name("K|auto");
  command
      .add_option("--treatment", choices->dataset.treatment,
                  "The column that says what was done to whom, by chance: whom it sways")
      ->type_name("COLUMN");
  command
      .add_option("--control", choices->dataset.control, "Its value where nothing was done, where it does not say no")
      ->type_name("VALUE");
  command.add_option("--threads", choices->threads, "Models that are fitted at once; they do not show in the result")
      ->check(CLI::Range(1, 256))
      ->type_name("N");
  command.add_option("--output,-o", choices->output, "A folder for report.json")->type_name("DIR");
  return [choices] { return run_evaluate(*choices); };
}

}  // namespace nudge::program
