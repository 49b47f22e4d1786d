#include "engine/runtime/pipeline.h"

#include <spdlog/spdlog.h>

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
constexpr std::chrono::milliseconds kLoweredEvery(1'500);
// Of what waits of the timelines; then it is put aside on disk.
constexpr double kTimelinesShare = 0.04;

std::string run_key() { return key::shared_prefix(key::kRun) + "run"; }

std::size_t share(std::uint64_t budget, double of, std::size_t tasks = 1) {
  const std::uint64_t usable = budget - std::min(kBase, budget / 2);
  return static_cast<std::size_t>(static_cast<double>(usable) * of / static_cast<double>(tasks));
}

}  // namespace

Pipeline::Pipeline(const Program& program, const PipelineOptions& options, const connectors::Source& source,
                   connectors::Sink& sink, state::Store& store)
    : program_(program),
      options_(options),
      source_(source),
      sink_(sink),
      store_(store),
      pool_(options.threads),
      ledger_merges_(program.settings().partitions),
      effect_merges_(program.settings().partitions),
      keyed_merges_(program.settings().partitions),
      figures_(options.metrics),
      held_max_(share(program.settings().memory_budget, kHeldShare)),
      last_commit_(std::chrono::steady_clock::now()) {}

Pipeline::~Pipeline() = default;

Result<bool> has_run(const state::Store& store) {
  NUDGE_ASSIGN(const auto stored, store.get(run_key()));
  return stored.has_value();
}

Status Pipeline::run(std::size_t tasks, const std::function<Status(std::size_t)>& step) {
  std::vector<Status> outcomes(tasks);
  pool_.run(tasks, [&](std::size_t i) { outcomes[i] = step(i); });
  for (Status& outcome : outcomes)
    if (!outcome) return std::move(outcome);
  return Status::ok();
}

Status Pipeline::open(bool fresh) {
  const EngineSettings& settings = program_.settings();
  for (std::uint32_t task = 0; task < settings.partitions; ++task) {
    visitors_.push_back(
        std::make_unique<VisitorTask>(task, settings.partitions, settings.identity_retention, store_, fresh));
    ledgers_.push_back(std::make_unique<LedgerTask>(task, settings.partitions, store_, fresh));
    keyed_.push_back(std::make_unique<KeyedTask>(task, program_, store_, fresh));
  }
  global_ = std::make_unique<GlobalStage>(program_);
  NUDGE_ASSIGN(repeats_, state::RepeatFilter::load(store_, key::shared_prefix(key::kRepeats),
                                                   share(settings.memory_budget, kRepeatsShare)));
  router_ = std::make_unique<Router>(Router::Options{settings.partitions, settings.disorder,
                                                     settings.fail_on_bad_record, options_.from, options_.until},
                                     inputs_, *repeats_);
  for (auto& task : keyed_) {
    task->set_horizon(horizon());
    task->outputs().set_live(options_.live);
  }
  NUDGE_TRY(fresh ? begin() : restore());
  if (figures_.wanted()) figures_.begin(*router_, settings.memory_budget);
  return Status::ok();
}

Status Pipeline::begin() {
  NUDGE_TRY(open_inputs(nullptr));
  return sink_.reset();
}

// ---- rounds -------------------------------------------------------------------------------------------

Status Pipeline::fill() {
  const std::size_t ahead = std::clamp<std::size_t>(
      program_.settings().batch_events_max / std::max<std::size_t>(1, inputs_.size()), 256, 16'384);
  return run(inputs_.size(), [&](std::size_t i) {
    return inputs_[i]->waiting() < ahead / 2 || inputs_[i]->empty() ? inputs_[i]->fill(ahead) : Status::ok();
  });
}

// The clock starts with the first good record in the order of the input. False: nothing but bad records so far.
Result<bool> Pipeline::start_clock() {
  NUDGE_ASSIGN(const std::size_t bad,
               router_->take(program_.settings().batch_events_max, -program_.settings().disorder));
  const auto first = router_->first_seen();
  router_->clear();
  if (bad > 0 || !first) return false;
  clock_.started = true;
  clock_.active = std::max<Millis>(*first - program_.settings().disorder, 0);
  clock_.next_epoch = (clock_.active / program_.settings().epoch + 1) * program_.settings().epoch;
  for (auto& task : keyed_) task->start(clock_.active);
  return true;
}

Result<bool> Pipeline::step() {
  NUDGE_TRY(fill());
  const Millis waiting = router_->watermark();
  const bool ended = waiting == kNever;
  if (!clock_.started) {
    if (ended) return false;
    NUDGE_ASSIGN(const bool started, start_clock());
    if (!started) NUDGE_TRY(hand_over_outputs());
    return true;
  }
  const Millis watermark = ended ? end() : std::min(waiting, horizon());
  Millis next = std::min(clock_.next_epoch, next_sweep());
  if (next <= watermark) {
    if (next > clock_.active + program_.settings().silence_max) {
      NUDGE_TRY(skip_silence(watermark));
    } else {
      NUDGE_TRY(boundary(next));
    }
  } else if (ended) {
    NUDGE_TRY(advance(watermark));
    NUDGE_TRY(hand_over_outputs());
    return false;
  } else {
    NUDGE_TRY(round(next > horizon() ? kNever : next));
  }
  NUDGE_TRY(commit_when_due().status());
  return true;
}

Status Pipeline::round(Millis boundary) {
  // What was put aside cannot be read before the commit, and an erasure reads.
  if (bulk_ && router_->erases_next()) NUDGE_TRY(commit());
  NUDGE_ASSIGN(const std::size_t taken, router_->take(program_.settings().batch_events_max, boundary));
  NUDGE_CHECK(taken > 0, "a round takes at least one record");
  const std::size_t tasks = keyed_.size();
  NUDGE_TRY(run(tasks, [&](std::size_t p) { return visitors_[p]->process(router_->to_visitors()[p]); }));
  NUDGE_TRY(run(tasks, [&](std::size_t p) {
    Merge<LedgerMessage>& merge = ledger_merges_[p];
    merge.clear();
    merge.add(router_->to_ledger()[p]);
    for (const auto& visitor : visitors_) merge.add(visitor->to_ledger()[p]);
    return ledgers_[p]->decide(merge.in_order());
  }));
  NUDGE_TRY(run(tasks, [&](std::size_t p) {
    Merge<EffectMessage>& merge = effect_merges_[p];
    merge.clear();
    for (const auto& ledger : ledgers_) merge.add(ledger->effects()[p]);
    return ledgers_[p]->settle(merge.in_order());
  }));
  const Millis watermark = std::min({router_->watermark(), boundary == kNever ? kNever : boundary - 1, horizon()});
  NUDGE_TRY(run(tasks, [&](std::size_t p) -> Status {
    Merge<KeyedMessage>& merge = keyed_merges_[p];
    merge.clear();
    // Moves and corrections first, the record itself last: what it causes sees all that it changed.
    for (const auto& visitor : visitors_) merge.add(visitor->to_keyed()[p]);
    for (const auto& ledger : ledgers_) merge.add(ledger->facts()[p]);
    for (const auto& ledger : ledgers_) merge.add(ledger->records()[p]);
    for (const auto& ledger : ledgers_) merge.add(ledger->cancels()[p]);
    merge.add(router_->to_keyed()[p]);
    return keyed_[p]->process(merge.in_order());
  }));
  if (router_->erases()) NUDGE_TRY(forget());
  clock_.active = std::max(clock_.active, router_->taken());
  router_->clear();
  NUDGE_TRY(hand_over_outputs());
  return watermark == kNever ? Status::ok() : advance(watermark);
}

// The round ended with a tombstone: what the customer had in the other stages goes before anything else comes.
Status Pipeline::forget() {
  return run(keyed_.size(), [&](std::size_t p) -> Status {
    for (const auto& task : keyed_) {
      NUDGE_TRY(visitors_[p]->forget(task->traces().visitors()[p]));
      NUDGE_TRY(ledgers_[p]->forget(task->traces().transactions()[p]));
    }
    return Status::ok();
  });
}

// ---- live -----------------------------------------------------------------------------------------------

std::vector<Sequencer::Input> Pipeline::inputs() const {
  std::vector<Sequencer::Input> inputs;
  for (const auto& input : inputs_) {
    Sequencer::Input& each = inputs.emplace_back();
    each.next = input->next();
    each.behind = input->behind();
    if (input->last() != OrderKey()) each.newest = input->last();
    if (input->waits()) each.first = input->front_order();
  }
  return inputs;
}

Status Pipeline::round_to(const Cut& cut) {
  cut_ = cut;
  router_->set_bound(cut.bound, cut.watermark);
  for (std::size_t i = 0; i < inputs_.size(); ++i) inputs_[i]->set_horizon(cut.horizons[i]);
  NUDGE_TRY(run(inputs_.size(), [&](std::size_t i) { return inputs_[i]->fill_to(cut.horizons[i]); }));
  for (;;) {
    if (!clock_.started) {
      if (!router_->can_take(kNever)) break;
      NUDGE_TRY(start_clock().status());
      NUDGE_TRY(hand_over_outputs());
      continue;
    }
    const Millis next = std::min(clock_.next_epoch, next_sweep());
    const Millis watermark = std::min(router_->watermark(), horizon());
    if (router_->can_take(next)) {
      NUDGE_TRY(round(next));
    } else if (next <= watermark) {
      NUDGE_TRY(next > clock_.active + program_.settings().silence_max ? skip_silence(watermark) : boundary(next));
    } else {
      NUDGE_TRY(advance(watermark));
      break;
    }
    NUDGE_TRY(commit_when_due().status());
  }
  return hand_over_outputs();
}

std::vector<std::uint64_t> Pipeline::positions() const {
  std::vector<std::uint64_t> positions;
  for (const auto& input : inputs_) positions.push_back(input->position().position.offset);
  return positions;
}

// ---- event time ---------------------------------------------------------------------------------------

// Sweeps and timers of the whole base, a part at a time: outputs and changes do not pile up.
Status Pipeline::advance(Millis watermark) {
  std::vector<char> done(keyed_.size());
  for (;;) {
    NUDGE_TRY(run(keyed_.size(), [&](std::size_t p) -> Status {
      if (done[p]) return Status::ok();
      NUDGE_ASSIGN(const bool all, keyed_[p]->advance(watermark));
      done[p] = all;
      return Status::ok();
    }));
    NUDGE_TRY(hand_over_outputs());
    if (std::find(done.begin(), done.end(), 0) == done.end()) return Status::ok();
    NUDGE_TRY(commit_when_due().status());
  }
}

// Of the task that is furthest behind: in the middle of a sweep others may have done it already.
Millis Pipeline::next_sweep() const {
  Millis next = kNever;
  for (const auto& task : keyed_) next = std::min(next, task->next_sweep());
  return next;
}

// An epoch ends, a rescoring is due, or both: what was due before comes first, then models that are valid from here.
Status Pipeline::boundary(Millis at) {
  NUDGE_TRY(advance(at - 1));
  if (at == clock_.next_epoch) adopt(at);
  NUDGE_TRY(advance(at));
  if (at == clock_.next_epoch) {
    NUDGE_TRY(learn(at, false));
    clock_.next_epoch += program_.settings().epoch;
  }
  return hand_over_outputs();
}

// Nothing happened for longer than the limit: the clock jumps, without the rescorings and epochs in between.
Status Pipeline::skip_silence(Millis to) {
  for (auto& task : keyed_) task->start(to - 1);
  clock_.next_epoch = (to / program_.settings().epoch + 1) * program_.settings().epoch;
  adopt(to);
  clock_.active = to;
  return Status::ok();
}

void Pipeline::adopt(Millis time) {
  for (const Model& model : global_->due(time))
    for (auto& task : keyed_) task->adopt(model);
}

Status Pipeline::learn(Millis epoch_end, bool last) {
  std::vector<std::vector<std::string>> partials(keyed_.size());
  pool_.run(keyed_.size(), [&](std::size_t p) { partials[p] = keyed_[p]->partials(epoch_end); });
  global_->learn(partials, epoch_end, last);
  return append(global_->outputs());
}

// ---- outputs and commits ------------------------------------------------------------------------------

Status Pipeline::append(Outputs& outputs) {
  for (OutputTopic topic = 0; topic < output::kCount; ++topic)
    if (!outputs.lines(topic).empty()) NUDGE_TRY(sink_.append(output::kNames[topic], outputs.lines(topic)));
  outputs.clear();
  return Status::ok();
}

Status Pipeline::hand_over_outputs() {
  NUDGE_TRY(append(router_->outputs()));
  for (auto& task : keyed_) NUDGE_TRY(append(task->outputs()));
  return append(global_->outputs());
}

std::size_t Pipeline::held() const {
  std::size_t held = 0;
  for (std::size_t p = 0; p < keyed_.size(); ++p)
    held += keyed_[p]->memory_bytes() + visitors_[p]->memory_bytes() + ledgers_[p]->memory_bytes();
  return held;
}

void Pipeline::watch_memory() {
  const auto now = std::chrono::steady_clock::now();
  const auto most = static_cast<double>(program_.settings().memory_budget) * kResidentShare;
  if (static_cast<double>(resident_memory()) < most || now - last_lowered_ < kLoweredEvery) return;
  held_max_ = std::max(std::min(held_max_, held()) / 10 * 9, std::min(held_max_, kHeldLeast));
  last_lowered_ = now;
}

// How often depends on the clock on the wall and on memory; results do not.
Result<bool> Pipeline::commit_when_due() {
  tell_figures();
  watch_memory();
  const auto waited = std::chrono::steady_clock::now() - last_commit_;
  const EngineSettings& settings = program_.settings();
  const Millis interval = options_.live ? settings.commit_interval : settings.replay_commit_interval;
  if (waited >= std::chrono::milliseconds(interval) || held() >= held_max_) {
    NUDGE_TRY(commit());
    return true;
  }
  if (options_.live) return false;
  std::size_t pending = 0;
  for (const auto& task : keyed_) pending += task->pending_bytes();
  if (pending >= share(settings.memory_budget, kTimelinesShare)) NUDGE_TRY(write_timelines());
  return false;
}

Status Pipeline::write_timelines() {
  if (!bulk_) {
    NUDGE_ASSIGN(bulk_, store_.bulk_write());
  }
  state::ChangeWriter changes(*bulk_);
  for (const auto& task : keyed_) task->write_timelines(changes);
  NUDGE_TRY(changes.finish());
  bytes_committed_ += changes.bytes();
  return bulk_->next_part();
}

Status Pipeline::commit() {
  const auto begun = std::chrono::steady_clock::now();
  NUDGE_ASSIGN(const connectors::SinkPosition position, sink_.flush());
  const bool shrink = held() >= held_max_;
  if (!bulk_) {
    NUDGE_ASSIGN(bulk_, store_.bulk_write());
  }
  NUDGE_TRY(write_changes(position));
  NUDGE_TRY(bulk_->commit());
  bulk_.reset();
  const auto left = [&](double of) {
    return shrink ? static_cast<std::size_t>(static_cast<double>(held_max_ / keyed_.size()) * of / kHeldShare)
                  : SIZE_MAX;
  };
  pool_.run(keyed_.size(), [&](std::size_t p) {
    keyed_[p]->after_commit(left(kCustomersShare));
    visitors_[p]->after_commit(left(kVisitorsShare));
    ledgers_[p]->after_commit(left(kLedgerShare));
  });
  last_commit_ = std::chrono::steady_clock::now();
  const std::size_t bytes = std::exchange(bytes_committed_, 0);
  if (figures_.wanted()) figures_.commit(last_commit_ - begun, bytes, store_.figures());
  log_memory(bytes);
  return Status::ok();
}

Status Pipeline::write_changes(const connectors::SinkPosition& position) {
  state::ChangeWriter changes(*bulk_);
  for (std::size_t p = 0; p < keyed_.size(); ++p) {
    visitors_[p]->write_changes(changes);
    keyed_[p]->write_changes(changes);
    ledgers_[p]->write_changes(changes);
  }
  NUDGE_TRY(changes.finish());
  state::Batch shared;
  repeats_->write_changes(shared);
  global_->write_changes(shared);
  shared.put(run_key(), own_state(position));
  bytes_committed_ += changes.bytes() + shared.bytes();
  return bulk_->add(shared);
}

std::string Pipeline::own_state(const connectors::SinkPosition& position) const {
  std::string bytes;
  Encoder out(bytes);
  out.boolean(clock_.started);
  out.zigzag(clock_.active);
  out.zigzag(clock_.next_epoch);
  out.boolean(clock_.learned_last);
  out.zigzag(router_->newest());
  out.varint(cut_.round);
  out.zigzag(cut_.watermark);
  out.zigzag(cut_.bound.seen);
  out.byte(cut_.bound.topic);
  out.varint(cut_.bound.partition);
  out.varint(cut_.bound.offset);
  out.varint(cut_.horizons.size());
  for (const std::uint64_t horizon : cut_.horizons) out.varint(horizon);
  for (const TopicCounters& each : router_->counters())
    for (const std::uint64_t n : {each.read, each.processed, each.dead_letters, each.duplicates, each.late})
      out.varint(n);
  out.varint(inputs_.size());
  for (const auto& input : inputs_) {
    const IngestTask::Start start = input->position();
    out.varint(start.position.offset);
    out.varint(start.position.place);
    out.zigzag(start.seen);
  }
  out.varint(position.size());
  for (const auto& [topic, length] : position) {
    out.text(topic);
    out.varint(length);
  }
  return bytes;
}

// Opens every partition at its stored position, or at its beginning.
Status Pipeline::open_inputs(Decoder* positions) {
  for (const connectors::PartitionInfo& partition : source_.partitions()) {
    IngestTask::Start start;
    if (positions) {
      start.position.offset = positions->varint();
      start.position.place = positions->varint();
      start.seen = positions->zigzag();
    }
    NUDGE_ASSIGN(auto input, IngestTask::open(source_, partition, start,
                                              {program_.settings().allowed_lateness, program_.settings().future_max}));
    inputs_.push_back(std::move(input));
  }
  return Status::ok();
}

Status Pipeline::restore() {
  NUDGE_ASSIGN(const auto stored, store_.get(run_key()));
  if (!stored) return begin();  // Interrupted before its first commit.
  NUDGE_TRY(decode_own_state(*stored));
  NUDGE_TRY(global_->restore(store_));
  NUDGE_TRY(run(keyed_.size(), [&](std::size_t p) -> Status {
    NUDGE_TRY(visitors_[p]->restore());
    NUDGE_TRY(ledgers_[p]->restore());
    return keyed_[p]->restore();
  }));
  for (const auto& [name, model] : global_->in_force())
    for (auto& task : keyed_) task->adopt(model);
  return Status::ok();
}

Status Pipeline::decode_own_state(std::string_view bytes) {
  Decoder in(bytes);
  clock_.started = in.boolean();
  clock_.active = in.zigzag();
  clock_.next_epoch = in.zigzag();
  clock_.learned_last = in.boolean();
  router_->set_newest(in.zigzag());
  cut_.round = in.varint();
  cut_.watermark = in.zigzag();
  cut_.bound.seen = in.zigzag();
  cut_.bound.topic = in.byte();
  cut_.bound.partition = static_cast<std::uint32_t>(in.varint());
  cut_.bound.offset = in.varint();
  cut_.horizons.resize(in.count());
  for (std::uint64_t& horizon : cut_.horizons) horizon = in.varint();
  for (TopicCounters& each : router_->counters())
    for (std::uint64_t* n : {&each.read, &each.processed, &each.dead_letters, &each.duplicates, &each.late})
      *n = in.varint();
  Status damaged =
      Status::io("the state is damaged: the positions of the input cannot be read; remove engine.state_dir");
  if (in.count() != source_.partitions().size()) return damaged;
  NUDGE_TRY(open_inputs(&in));
  connectors::SinkPosition position;
  for (std::size_t left = in.count(); left > 0; --left) {
    const std::string topic(in.text());
    position[topic] = in.varint();
  }
  if (!in.ok()) return damaged;
  return sink_.rewind(position);
}

// ---- the end --------------------------------------------------------------------------------------------

Result<std::string> Pipeline::finish(Ending ending) {
  const Millis end = clock_.started ? this->end() : 0;
  if (!clock_.learned_last && ending == Ending::kOfInput) {
    NUDGE_TRY(learn(end, true));
    clock_.learned_last = true;
    adopt(kNever - 1);
  }
  tell_figures();
  NUDGE_TRY(commit());
  // A group at a time, so that the order of the output does not depend on which task is done first.
  const std::size_t group = static_cast<std::size_t>(pool_.threads());
  for (std::size_t first = 0; first < keyed_.size(); first += group) {
    const std::size_t size = std::min(group, keyed_.size() - first);
    std::vector<std::vector<std::string>> conclusions(size);
    std::vector<char> done(size);
    while (std::find(done.begin(), done.end(), 0) != done.end()) {
      NUDGE_TRY(run(size, [&](std::size_t i) -> Status {
        if (done[i]) return Status::ok();
        NUDGE_ASSIGN(const bool all, keyed_[first + i]->finish(end));
        done[i] = all;
        if (all) conclusions[i] = keyed_[first + i]->conclude();
        return Status::ok();
      }));
      for (std::size_t i = 0; i < size; ++i) {
        Outputs& outputs = keyed_[first + i]->outputs();
        if (ending == Ending::kOfJournal) outputs.keep_only(output::kTargetsState);
        NUDGE_TRY(append(outputs));
      }
    }
    global_->conclude(conclusions);
  }
  NUDGE_ASSIGN([[maybe_unused]] const auto position, sink_.flush());
  return report();
}

void Pipeline::write_counters(JsonWriter& json) const {
  json.begin_object();
  for (std::size_t topic = 0; topic < kTopicCount; ++topic) {
    const TopicCounters& each = router_->counters()[topic];
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
  if (clock_.started) {
    json.member_time("until", end());
  } else {
    json.member_null("until");
  }
  json.key("counters");
  write_counters(json);
  std::map<std::string, std::uint64_t> counts;
  for (std::size_t p = 0; p < keyed_.size(); ++p) {
    for (const auto& [name, n] : keyed_[p]->counts()) counts[name] += n;
    counts["identity.moved"] += visitors_[p]->moved();
    counts["identity.beyond_retention"] += visitors_[p]->beyond_retention();
    counts["ledger.outdated"] += ledgers_[p]->outdated();
  }
  json.key("counts");
  json.begin_object();
  for (const auto& [name, n] : counts) json.member(name, n);
  json.end_object();
  global_->report(json);
  json.end_object();
  text.push_back('\n');
  return text;
}

PipelineProgress Pipeline::progress() const {
  PipelineProgress progress;
  for (const auto& input : inputs_) {
    progress.bytes_read += input->bytes_read();
    progress.bytes_total += input->info().bytes;
  }
  for (const TopicCounters& each : router_->counters()) progress.events += each.read;
  progress.event_time = clock_.active;
  return progress;
}

}  // namespace nudge::runtime
