#include "engine/runtime/live_share.h"

#include <algorithm>
#include <future>
#include <set>

#include "connectors/kafka/delivery_sink.h"
#include "connectors/kafka/restore.h"
#include "connectors/kafka/topics.h"
#include "engine/log.h"
#include "engine/runtime/lost_state.h"

namespace nudge::runtime {

namespace kafka = connectors::kafka;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds kIdle(5);
// Of outputs that do not wait for the commit: long enough for batches, without which the brokers have too much to do.
constexpr std::chrono::milliseconds kOutputLinger(3);
constexpr std::chrono::seconds kTrimEvery(30), kLagEvery(1), kAllOffsetsEvery(60);
constexpr std::uint64_t kBehindPart = 20;  // of the memory budget, for each of two layers

// The spine goes with the first task, so that it is in step with what it serves.
constexpr std::uint32_t kSpineGoesWith = 0;

std::string writer_id(const kafka::Settings& settings, const std::string& writer) {
  return settings.application() + ".run." + writer;
}

template <typename Includes>
std::vector<int> partitions_where(const kafka::Assignment& assignment, Includes includes) {
  std::vector<int> partitions;
  for (std::size_t task = 0; task < assignment.tasks.size(); ++task)
    if (includes(assignment.tasks[task])) partitions.push_back(static_cast<int>(task));
  // What the tasks share goes with the spine.
  if (!partitions.empty() && partitions.front() == kSpineGoesWith)
    partitions.push_back(static_cast<int>(assignment.tasks.size()));
  return partitions;
}

}  // namespace

std::vector<int> LiveShare::owned_partitions(const kafka::Assignment& assignment, const std::string& instance) {
  return partitions_where(assignment, [&](const kafka::TaskPlacement& task) { return task.owner == instance; });
}

std::vector<int> LiveShare::standby_partitions(const kafka::Assignment& assignment, const std::string& instance) {
  return partitions_where(assignment, [&](const kafka::TaskPlacement& task) {
    return std::ranges::find(task.standbys, instance) != task.standbys.end();
  });
}

LiveShare::LiveShare(const LiveInstance& instance, kafka::Membership::View view)
    : instance_(instance),
      view_(std::move(view)),
      has_spine_(view_.assignment.tasks[kSpineGoesWith].owner == view_.instance),
      is_alone_(std::ranges::all_of(view_.assignment.tasks,
                                    [this](const auto& task) { return task.owner == view_.instance; })) {
  for (std::uint32_t task = 0; task < view_.assignment.tasks.size(); ++task)
    if (view_.assignment.tasks[task].owner == view_.instance) tasks_.push_back(task);
}

LiveShare::~LiveShare() = default;

Status LiveShare::goes_on() const {
  if (instance_.options.stops()) return Status::error(ErrorClass::kUnavailable, "stops");
  const kafka::Membership::View now = instance_.membership.view();
  if (!now.failure) return now.failure;
  if (now.assignment.generation == view_.assignment.generation) return Status::ok();
  return Status::error(ErrorClass::kUnavailable, "the tasks are placed anew");
}

void LiveShare::enter(Phase phase) const {
  if (instance_.options.metrics) instance_.options.metrics->phase = phase;
}

Status LiveShare::run() {
  Status ended = open();
  if (ended) {
    has_worked_ = true;
    enter(Phase::kRunning);
    ended = has_spine_ ? lead() : follow();
  }
  if (goes_on()) return ended;
  // Told to stop, or no longer its tasks. What could not be committed is done again by whoever has them next.
  if (!ended) return Status::ok();
  if (const Status let_go = this->let_go(); !let_go) log::warn("leaves it to the next owners: {}", let_go.message());
  return Status::ok();
}

// ---- taking over ------------------------------------------------------------------------------------------

Status LiveShare::open() {
  enter(Phase::kRestoring);
  // Each may wait for the brokers to undo what was left open: so all at once.
  auto earlier = end_earlier_writers();
  NUDGE_ASSIGN(transaction_,
               kafka::Transaction::make(instance_.settings,
                                        writer_id(instance_.settings, view_.assignment.writer(view_.instance))));
  transaction_->observe(instance_.options.at_step);
  for (std::future<Status>& ended : earlier) NUDGE_TRY(ended.get());
  NUDGE_TRY(goes_on());
  NUDGE_TRY(restore());
  transaction_->reached("restored");
  if (has_spine_) {
    NUDGE_ASSIGN(const bool begun, has_run(instance_.store));
    if (!begun) NUDGE_TRY(expect_no_commits(instance_.settings));
  }
  NUDGE_TRY(goes_on());
  NUDGE_ASSIGN(exchange_log_, KafkaExchangeLog::make(instance_.settings));
  exchange_ =
      std::make_unique<Exchange>(*exchange_log_, instance_.program.settings().partitions, [this] { return goes_on(); });
  if (has_spine_) {
    NUDGE_ASSIGN(source_, kafka::open_live_source(instance_.root));
    for (const std::string& warning : source_->warnings()) log::warn("{}", warning);
  }
  NUDGE_TRY(open_sink());
  store_ = std::make_unique<LoggedStore>(
      instance_.changelog, owned_partitions(view_.assignment, view_.instance), instance_.store, *transaction_,
      instance_.admin, WriteBehind::Limits{.bytes_max = instance_.program.settings().memory_budget / kBehindPart},
      [this] { return before_commit(); });
  PipelineOptions options;
  options.threads = instance_.program.settings().threads;
  options.live = true;
  options.may_commit = [this] { return !transaction_->is_ending(); };
  options.metrics = instance_.options.metrics;
  options.tasks = tasks_;
  options.exchange = exchange_.get();
  pipeline_ = std::make_unique<Pipeline>(instance_.program, options, source_.get(), *sink_, *store_);
  return pipeline_->open();
}

Status LiveShare::open_sink() {
  const config::Value& topics = instance_.root.at("topics");
  if (instance_.program.settings().delivers_once) {
    sink_ = kafka::make_transaction_sink(*transaction_, topics);
    return Status::ok();
  }
  NUDGE_ASSIGN(outputs_, kafka::Producer::make(instance_.settings, {.transactional_id = {}, .linger = kOutputLinger}));
  sink_ = kafka::make_delivery_sink(*outputs_, topics);
  return Status::ok();
}

// Of the tasks that are this instance's now. They can commit no more.
std::vector<std::future<Status>> LiveShare::end_earlier_writers() const {
  std::set<std::string> writers;
  for (const std::uint32_t task : tasks_)
    for (const std::string& writer : view_.assignment.earlier_writers[task]) writers.insert(writer);
  std::vector<std::future<Status>> ended;
  for (const std::string& writer : writers)
    ended.push_back(std::async(std::launch::async, [this, id = writer_id(instance_.settings, writer)] {
      return kafka::Transaction::make(instance_.settings, id).status();
    }));
  return ended;
}

Status LiveShare::restore() const {
  const auto begin = Clock::now();
  Metrics* const metrics = instance_.options.metrics;
  kafka::RestoreOptions options;
  options.progress = [&](const kafka::RestoreProgress& now) {
    log::info("restores records={} of={}", now.records, now.records_total);
    if (!metrics) return;
    metrics->restore_done.set(static_cast<double>(now.records));
    metrics->restore_total.set(static_cast<double>(now.records_total));
  };
  const std::vector<int> partitions = owned_partitions(view_.assignment, view_.instance);
  NUDGE_ASSIGN(const auto done,
               kafka::restore(instance_.settings, instance_.changelog, partitions, instance_.store, options));
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  log::info("restored records={} partitions={} bytes={} seconds={:.2f}", done.records, partitions.size(), done.bytes,
            seconds);
  return Status::ok();
}

// ---- work -------------------------------------------------------------------------------------------------

Status LiveShare::lead() {
  const EngineSettings& settings = instance_.program.settings();
  NUDGE_ASSIGN(journal_, Journal::open(instance_.settings, view_.assignment.generation, view_.instance,
                                       source_->partitions(), pipeline_->last_cut()));
  NUDGE_TRY(pipeline_->catch_up());
  NUDGE_TRY(take_missed_rounds());
  log::info("live generation={} tasks={} of={} round={} partitions={}", view_.assignment.generation, tasks_.size(),
            settings.partitions, pipeline_->last_cut().round, source_->partitions().size());
  Sequencer sequencer(settings.disorder, std::chrono::milliseconds(settings.merge_wait), pipeline_->last_cut());
  while (!is_over()) {
    NUDGE_TRY(pipeline_->read_ahead());
    auto cut = sequencer.next(pipeline_->inputs(), Clock::now());
    if (cut) {
      transaction_->reached("round cut");
      NUDGE_TRY(journal_->append(*cut));
      // Before others see what comes of it, nobody else may have cut this round.
      if (!is_alone_) NUDGE_TRY(journal_->confirm());
      transaction_->reached("cut sent");
      NUDGE_TRY(pipeline_->round_to(*cut));
      transaction_->reached("round done");
      NUDGE_TRY(transaction_->send_gathered());
      uncommitted_ = true;
    }
    NUDGE_TRY(commit_when_due());
    tell_lag();
    if (!cut) source_->wait_for_more(kIdle);
  }
  return Status::ok();
}

void LiveShare::tell_lag() {
  if (Clock::now() - told_lag_ < kLagEvery) return;
  told_lag_ = Clock::now();
  pipeline_->tell_lag(source_->known_ends(), kafka::wall_clock());
}

// Rounds that were cut, and not committed by whoever cut them.
Status LiveShare::take_missed_rounds() {
  uncommitted_ = true;
  if (pipeline_->last_cut().round > 0) NUDGE_TRY(pipeline_->round_to(Cut(pipeline_->last_cut())));
  for (const Cut& cut : journal_->missed()) {
    NUDGE_TRY(goes_on());
    NUDGE_TRY(pipeline_->round_to(cut));
    NUDGE_TRY(commit_when_due());
  }
  return Status::ok();
}

Status LiveShare::follow() {
  log::info("live generation={} tasks={} of={}", view_.assignment.generation, tasks_.size(),
            instance_.program.settings().partitions);
  while (!is_over()) {
    NUDGE_ASSIGN(const bool followed, pipeline_->follow(kIdle));
    uncommitted_ = uncommitted_ || followed;
    if (followed) transaction_->reached("step followed");
    NUDGE_TRY(transaction_->send_gathered());
    NUDGE_TRY(commit_when_due());
  }
  return Status::ok();
}

Status LiveShare::commit_when_due() {
  // A commit that is on its way may fail while nothing comes.
  NUDGE_TRY(transaction_->status());
  if (outputs_) {
    outputs_->poll();
    NUDGE_TRY(outputs_->deliveries().anew());
  }
  if (!uncommitted_) return Status::ok();
  NUDGE_ASSIGN(const bool committed, pipeline_->commit_when_due());
  uncommitted_ = !committed;
  if (committed) trim_exchange();
  return Status::ok();
}

Status LiveShare::let_go() {
  log::info("lets its tasks go: commits");
  enter(Phase::kDraining);
  if (uncommitted_) NUDGE_TRY(pipeline_->commit());
  return transaction_->settle();
}

Result<LoggedStore::Consumed> LiveShare::before_commit() {
  LoggedStore::Consumed consumed;
  // The brokers write a record for each, and forget what was not committed for days: all of them now and then, those
  // that have changed every time.
  const bool all = Clock::now() - committed_all_ >= kAllOffsetsEvery;
  if (all) committed_all_ = Clock::now();
  const auto add = [&](kafka::TopicPartition place, std::uint64_t offset) {
    if (std::exchange(committed_[place], offset) != offset || all)
      consumed.offsets.push_back({std::move(place), static_cast<std::int64_t>(offset)});
  };
  const std::string exchange = kafka::exchange_topic(instance_.settings.application());
  for (const std::uint32_t task : tasks_) add({exchange, static_cast<int>(task)}, exchange_->offset(task));
  consumed.group = instance_.membership.view().group;
  if (!has_spine_) return consumed;
  NUDGE_TRY(journal_->flush());
  const std::string note = commit_note(pipeline_->last_cut().round, pipeline_->counters());
  NUDGE_TRY(transaction_->send(kafka::journal_topic(instance_.settings.application()),
                               {.key = std::nullopt, .value = note, .partition = 0}));
  const std::vector<std::uint64_t> positions = pipeline_->positions();
  const std::vector<kafka::TopicPartition> places = source_->places();
  for (std::size_t i = 0; i < places.size(); ++i)
    if (positions[i] > 0) add(places[i], positions[i]);
  return consumed;
}

// Right behind a commit: what this instance has received and committed, nobody needs any more.
void LiveShare::trim_exchange() {
  if (Clock::now() - trimmed_ < kTrimEvery) return;
  trimmed_ = Clock::now();
  if (!transaction_->settle()) return;
  const std::string topic = kafka::exchange_topic(instance_.settings.application());
  std::vector<std::pair<kafka::TopicPartition, std::int64_t>> before;
  const auto add = [&](std::uint32_t receiver) {
    const std::uint64_t offset = exchange_->offset(receiver);
    if (offset > 0) before.push_back({{topic, static_cast<int>(receiver)}, static_cast<std::int64_t>(offset)});
  };
  for (const std::uint32_t task : tasks_) add(task);
  if (has_spine_) add(exchange_->spine());
  if (const Status trimmed = instance_.admin.remove_before(before); !trimmed)
    log::warn("the exchange grows: {}", trimmed.message());
}

}  // namespace nudge::runtime
