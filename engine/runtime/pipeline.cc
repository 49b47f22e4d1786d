#include "engine/runtime/pipeline.h"

#include <spdlog/spdlog.h>

#include <numeric>

#include "engine/resident_memory.h"

namespace nudge::runtime {

namespace {

// Shares of the memory budget, less what any program needs. The rest is for the store, the round's buffers, models and
// what the allocator loses.
constexpr std::uint64_t kBase = 128ull << 20;
constexpr double kRepeatsShare = 0.08;
// Of the caches together with what waits for the next commit; a commit that comes because it is reached lets the caches
// shrink to the shares below. Much is let go of at once: what has changed is written seldom, and in large parts.
constexpr double kHeldShare = 0.44;
constexpr double kCustomersShare = 0.15, kVisitorsShare = 0.03, kLedgerShare = 0.02;
// Where the process has more of the budget than kResidentShare, as what is not counted above is much, they get a tenth
// less, and as much again until it is enough; freed memory goes back to the system within kLoweredEvery.
constexpr double kResidentShare = 0.9;
constexpr std::size_t kHeldLeast = 8 << 20;
constexpr std::chrono::milliseconds kLoweredEvery(1'500), kLooksEvery(50);
// Of what waits of the timelines; then it is put aside on disk.
constexpr double kTimelinesShare = 0.04;

// In the store: the lengths of the outputs at the last commit, and where the spine needs the exchange from.
std::string outputs_key() { return key::shared_prefix(key::kRun) + "outputs"; }
std::string exchange_key() { return key::shared_prefix(key::kRun) + "exchange"; }

std::size_t share(std::uint64_t budget, double of, std::size_t tasks = 1) {
  const std::uint64_t usable = budget - std::min(kBase, budget / 2);
  return static_cast<std::size_t>(static_cast<double>(usable) * of / static_cast<double>(tasks));
}

}  // namespace

Pipeline::Pipeline(const Program& program, const PipelineOptions& options, const connectors::Source* source,
                   connectors::Sink& sink, state::Store& store)
    : program_(program),
      options_(options),
      sink_(sink),
      store_(store),
      pool_(options.threads),
      tasks_(program, store, pool_, options.exchange),
      figures_(options.metrics),
      held_max_(share(program.settings().memory_budget, kHeldShare)),
      last_commit_(std::chrono::steady_clock::now()) {
  if (!source) return;
  const Spine::Options spine{options.from, options.until, share(program.settings().memory_budget, kRepeatsShare)};
  spine_ = std::make_unique<Spine>(program, spine, *source, store, pool_);
}

Pipeline::~Pipeline() = default;

Status Pipeline::open() {
  std::vector<std::uint32_t> all(program_.settings().partitions);
  std::iota(all.begin(), all.end(), 0);
  NUDGE_TRY(tasks_.open(options_.tasks.value_or(all), spine_ != nullptr, options_.until.value_or(kNever)));
  for (const auto& task : tasks_.tasks()) task->keyed.set_live(options_.live);
  if (figures_.wanted())
    options_.metrics->memory_budget_bytes.set(static_cast<double>(program_.settings().memory_budget));
  if (spine_) {
    NUDGE_TRY(spine_->open());
    NUDGE_TRY(restore_outputs());
    if (figures_.wanted()) figures_.begin(spine_->router());
  }
  return pass_time();
}

Status Pipeline::restore_outputs() {
  if (options_.exchange) {
    NUDGE_ASSIGN(const auto stored, store_.get(exchange_key()));
    const std::uint64_t offset = stored ? Decoder(*stored).varint() : 0;
    NUDGE_TRY(options_.exchange->open(options_.exchange->spine(), spine_->step(), offset));
  }
  NUDGE_ASSIGN(const auto stored, store_.get(outputs_key()));
  if (!stored) return sink_.reset();
  Decoder in(*stored);
  connectors::SinkPosition position;
  for (std::size_t left = in.count(); left > 0; --left) {
    const std::string topic(in.text());
    position[topic] = in.varint();
  }
  if (!in.ok())
    return Status::io("the state is damaged: the lengths of the output cannot be read; remove engine.state_dir");
  return sink_.rewind(position);
}

// ---- steps --------------------------------------------------------------------------------------------

Status Pipeline::perform(const Step& step, Router* router) {
  NUDGE_TRY(tasks_.perform(step, router));
  if (router) {
    if (step.kind == Step::Kind::kLearn) {
      NUDGE_ASSIGN(const auto partials, tasks_.partials(step));
      spine_->learn(partials, step.at, false);
    }
    router->clear();
  }
  NUDGE_TRY(hand_over_outputs());
  return pass_time();
}

// Sweeps and timers of the whole base, a part at a time: outputs and changes do not pile up.
Status Pipeline::pass_time() {
  for (;;) {
    NUDGE_ASSIGN(const bool done, tasks_.advance());
    NUDGE_TRY(hand_over_outputs());
    if (done) return Status::ok();
    NUDGE_TRY(commit_when_due().status());
  }
}

Result<bool> Pipeline::step() {
  // What was put aside cannot be read before the commit, and an erasure reads.
  if (bulk_) {
    NUDGE_TRY(spine_->read_ahead());
    if (spine_->router().erases_next()) NUDGE_TRY(commit());
  }
  NUDGE_ASSIGN(const std::optional<Step> step, spine_->next());
  if (!step) return false;
  NUDGE_TRY(perform(*step, &spine_->router()));
  NUDGE_TRY(commit_when_due().status());
  return true;
}

Status Pipeline::round_to(const Cut& cut) {
  NUDGE_TRY(spine_->obey(cut));
  for (;;) {
    if (bulk_ && spine_->router().erases_next()) NUDGE_TRY(commit());
    NUDGE_ASSIGN(const std::optional<Step> step, spine_->next());
    if (!step) return Status::ok();
    NUDGE_TRY(perform(*step, &spine_->router()));
    NUDGE_TRY(commit_when_due().status());
  }
}

Status Pipeline::catch_up() {
  while (tasks_.step() < spine_->step()) {
    NUDGE_ASSIGN(const Step step, tasks_.receive());
    NUDGE_TRY(perform(step, nullptr));
    NUDGE_TRY(commit_when_due().status());
  }
  return Status::ok();
}

Result<bool> Pipeline::follow(std::chrono::milliseconds timeout) {
  NUDGE_ASSIGN(const bool is_here, tasks_.arrived(timeout));
  if (!is_here) return false;
  NUDGE_ASSIGN(const Step step, tasks_.receive());
  NUDGE_TRY(perform(step, nullptr));
  NUDGE_TRY(commit_when_due().status());
  return true;
}

// ---- outputs and commits ------------------------------------------------------------------------------

Status Pipeline::append(Outputs& outputs) {
  for (OutputTopic topic = 0; topic < output::kCount; ++topic)
    if (!outputs.lines(topic).empty()) NUDGE_TRY(sink_.append(output::kNames[topic], outputs.lines(topic)));
  outputs.clear();
  return Status::ok();
}

Status Pipeline::hand_over_outputs() {
  if (spine_) NUDGE_TRY(append(spine_->router().outputs()));
  for (const auto& task : tasks_.tasks()) NUDGE_TRY(append(task->keyed.outputs()));
  return spine_ ? append(spine_->global().outputs()) : Status::ok();
}

std::size_t Pipeline::held() const {
  std::size_t held = 0;
  for (const auto& task : tasks_.tasks()) held += task->memory_bytes();
  return held;
}

// Products stay where they are: what they take is not for the others, and never makes commits follow each other.
std::size_t Pipeline::held_most() const {
  std::size_t products = 0;
  for (const auto& task : tasks_.tasks()) products += task->keyed.products_bytes();
  return std::max(held_max_ - std::min(held_max_, products), std::min(held_max_, kHeldLeast));
}

void Pipeline::watch_memory() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_at_memory_ < kLooksEvery) return;  // a look opens a file of the system's
  looked_at_memory_ = now;
  const auto most = static_cast<double>(program_.settings().memory_budget) * kResidentShare;
  if (static_cast<double>(resident_memory()) < most || now - last_lowered_ < kLoweredEvery) return;
  held_max_ = std::max(std::min(held_max_, held() + held_max_ - held_most()) / 10 * 9, std::min(held_max_, kHeldLeast));
  last_lowered_ = now;
}

// How often depends on the clock on the wall and on memory; results do not.
Result<bool> Pipeline::commit_when_due() {
  tell_figures();
  watch_memory();
  const auto waited = std::chrono::steady_clock::now() - last_commit_;
  const EngineSettings& settings = program_.settings();
  const Millis interval = options_.live ? settings.commit_interval : settings.replay_commit_interval;
  const bool due = waited >= std::chrono::milliseconds(interval) && (!options_.may_commit || options_.may_commit());
  if (due || held() >= held_most()) {
    NUDGE_TRY(commit());
    return true;
  }
  if (options_.live) return false;
  std::size_t pending = 0;
  for (const auto& task : tasks_.tasks()) pending += task->keyed.pending_bytes();
  if (pending >= share(settings.memory_budget, kTimelinesShare)) NUDGE_TRY(write_timelines());
  return false;
}

Status Pipeline::write_timelines() {
  if (!bulk_) {
    NUDGE_ASSIGN(bulk_, store_.bulk_write());
  }
  state::ChangeWriter changes(*bulk_);
  for (const auto& task : tasks_.tasks()) task->keyed.write_timelines(changes);
  NUDGE_TRY(changes.finish());
  bytes_committed_ += changes.bytes();
  return bulk_->next_part();
}

Status Pipeline::commit() {
  const auto begun = std::chrono::steady_clock::now();
  NUDGE_ASSIGN(const connectors::SinkPosition position, sink_.flush());
  const std::size_t most = held_most();
  const bool shrink = held() >= most;
  if (!bulk_) {
    NUDGE_ASSIGN(bulk_, store_.bulk_write());
  }
  NUDGE_TRY(write_changes(position));
  NUDGE_TRY(bulk_->commit());
  bulk_.reset();
  const auto left = [&](double of) {
    return shrink ? static_cast<std::size_t>(static_cast<double>(most / tasks_.tasks().size()) * of / kHeldShare)
                  : SIZE_MAX;
  };
  pool_.run(tasks_.tasks().size(), [&](std::size_t i) {
    Task& task = *tasks_.tasks()[i];
    task.keyed.after_commit(left(kCustomersShare));
    task.visitors.after_commit(left(kVisitorsShare));
    task.ledger.after_commit(left(kLedgerShare));
  });
  last_commit_ = std::chrono::steady_clock::now();
  const std::size_t bytes = std::exchange(bytes_committed_, 0);
  if (figures_.wanted()) figures_.commit(last_commit_ - begun, bytes, store_.figures());
  log_memory(bytes);
  return Status::ok();
}

Status Pipeline::write_changes(const connectors::SinkPosition& position) {
  // What others were sent must outlast this process before what it followed from is done for good.
  if (options_.exchange) NUDGE_TRY(options_.exchange->flush());
  state::ChangeWriter changes(*bulk_);
  tasks_.write_changes(changes);
  NUDGE_TRY(changes.finish());
  bytes_committed_ += changes.bytes();
  if (!spine_) return Status::ok();
  state::Batch shared;
  spine_->write_changes(shared);
  std::string bytes;
  Encoder out(bytes);
  out.varint(position.size());
  for (const auto& [topic, length] : position) {
    out.text(topic);
    out.varint(length);
  }
  shared.put(outputs_key(), bytes);
  if (options_.exchange) {
    bytes.clear();
    out.varint(options_.exchange->offset(options_.exchange->spine()));
    shared.put(exchange_key(), bytes);
  }
  bytes_committed_ += shared.bytes();
  return bulk_->add(std::move(shared));
}

// ---- the end --------------------------------------------------------------------------------------------

Result<std::string> Pipeline::finish(Ending ending) {
  const auto& tasks = tasks_.tasks();
  const Millis end = spine_->has_started() ? spine_->end() : 0;
  if (!spine_->has_learned_last() && ending == Ending::kOfInput) {
    std::vector<std::vector<std::string>> partials(tasks.size());
    NUDGE_TRY(pool_.try_each(tasks.size(), [&](std::size_t p) -> Status {
      NUDGE_TRY(tasks[p]->keyed.close(end));
      partials[p] = tasks[p]->keyed.partials(end);
      return Status::ok();
    }));
    spine_->learn(partials, end, true);
    NUDGE_TRY(append(spine_->global().outputs()));
    const std::vector<Model> models = spine_->last_models();
    for (const auto& task : tasks) task->adopt(models);
  }
  tell_figures();
  NUDGE_TRY(commit());
  // A group at a time, so that the order of the output does not depend on which task is done first.
  const std::size_t group = static_cast<std::size_t>(pool_.threads());
  for (std::size_t first = 0; first < tasks.size(); first += group) {
    const std::size_t size = std::min(group, tasks.size() - first);
    std::vector<std::vector<std::string>> conclusions(size);
    std::vector<char> done(size);
    while (std::find(done.begin(), done.end(), 0) != done.end()) {
      NUDGE_TRY(pool_.try_each(size, [&](std::size_t i) -> Status {
        if (done[i]) return Status::ok();
        NUDGE_ASSIGN(const bool all, tasks[first + i]->keyed.finish(end));
        done[i] = all;
        if (all) conclusions[i] = tasks[first + i]->keyed.conclude();
        return Status::ok();
      }));
      for (std::size_t i = 0; i < size; ++i) {
        Outputs& outputs = tasks[first + i]->keyed.outputs();
        if (ending == Ending::kOfJournal) outputs.keep_only(output::kTargetsState);
        NUDGE_TRY(append(outputs));
      }
    }
    spine_->global().conclude(conclusions);
  }
  if (ending == Ending::kOfInput) {
    spine_->global().finish(end);
    NUDGE_TRY(append(spine_->global().outputs()));
  }
  NUDGE_ASSIGN([[maybe_unused]] const auto position, sink_.flush());
  return report();
}

void Pipeline::write_counters(JsonWriter& json) const {
  json.begin_object();
  for (std::size_t topic = 0; topic < kTopicCount; ++topic) {
    const TopicCounters& each = spine_->router().counters()[topic];
    json.key(kTopicNames[topic]);
    json.begin_object();
    json.member("read", each.read);
    json.member("processed", each.processed);
    json.member("dead_letters", each.dead_letters);
    json.member("duplicates", each.duplicates);
    json.member("late", each.late);
    json.end_object();
  }
  json.end_object();
}

std::string Pipeline::counters() const {
  std::string text;
  JsonWriter json(text);
  write_counters(json);
  return text;
}

std::string Pipeline::report() {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("engine", std::string_view("nudge"));
  json.member("version", kEngineVersion);
  if (spine_->has_started()) {
    json.member_time("until", spine_->end());
  } else {
    json.member_null("until");
  }
  json.key("counters");
  write_counters(json);
  std::map<std::string, std::uint64_t> counts;
  for (const auto& task : tasks_.tasks()) {
    for (const auto& [name, n] : task->keyed.counts()) counts[name] += n;
    // They are the same in every task.
    if (const ProductCatalog* products = task->keyed.products()) counts["products.left_out"] = products->left_out();
    counts["identity.moved"] += task->visitors.moved();
    counts["identity.beyond_retention"] += task->visitors.beyond_retention();
    counts["ledger.outdated"] += task->ledger.outdated();
  }
  json.key("counts");
  json.begin_object();
  for (const auto& [name, n] : counts) json.member(name, n);
  json.end_object();
  spine_->global().report(json);
  json.end_object();
  text.push_back('\n');
  return text;
}

PipelineProgress Pipeline::progress() const {
  PipelineProgress progress;
  for (const auto& input : spine_->ingest()) {
    progress.bytes_read += input->bytes_read();
    progress.bytes_total += input->info().bytes;
  }
  for (const TopicCounters& each : spine_->router().counters()) progress.events += each.read;
  progress.event_time = spine_->active();
  return progress;
}

}  // namespace nudge::runtime
