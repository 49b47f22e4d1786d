#include "engine/runtime/spine.h"

#include <algorithm>

#include "engine/runtime/state_keys.h"

namespace nudge::runtime {

namespace {

std::string run_key() { return key::shared_prefix(key::kRun) + "run"; }

Status damaged() {
  return Status::io("the state is damaged: the positions of the input cannot be read; remove engine.state_dir");
}

}  // namespace

Result<bool> has_run(const state::Store& store) {
  NUDGE_ASSIGN(const auto stored, store.get(run_key()));
  return stored.has_value();
}

Spine::Spine(const Program& program, const Options& options, const connectors::Source& source,
             const state::Store& store, WorkerPool& pool)
    : program_(program),
      options_(options),
      source_(source),
      store_(store),
      pool_(pool),
      global_(program),
      sweeps_(program) {}

Status Spine::open() {
  const EngineSettings& settings = program_.settings();
  NUDGE_ASSIGN(repeats_, state::RepeatWindow::load(store_, key::shared_prefix(key::kRepeats), settings.repeat_retention,
                                                   options_.repeats_bytes_max));
  router_ =
      std::make_unique<Router>(Router::Options{settings.partitions, settings.disorder, settings.fail_on_bad_record,
                                               program_.reads_products(), options_.from, options_.until},
                               inputs_, *repeats_);
  NUDGE_ASSIGN(const auto stored, store_.get(run_key()));
  if (!stored) return open_inputs(nullptr);
  NUDGE_TRY(decode_own_state(*stored));
  return global_.restore(store_);
}

// Opens every partition at its stored position, or at its beginning.
Status Spine::open_inputs(Decoder* positions) {
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

// ---- input ----------------------------------------------------------------------------------------------

Status Spine::read_ahead() {
  const std::size_t ahead = std::clamp<std::size_t>(
      program_.settings().batch_events_max / std::max<std::size_t>(1, inputs_.size()), 256, 16'384);
  return pool_.try_each(inputs_.size(), [&](std::size_t i) {
    return inputs_[i]->waiting() < ahead / 2 || inputs_[i]->empty() ? inputs_[i]->fill(ahead) : Status::ok();
  });
}

std::vector<Sequencer::Input> Spine::inputs() const {
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

std::vector<std::uint64_t> Spine::positions() const {
  std::vector<std::uint64_t> positions;
  for (const auto& input : inputs_) positions.push_back(input->position().position.offset);
  return positions;
}

Status Spine::obey(const Cut& cut) {
  cut_ = cut;
  has_cut_ = true;
  router_->set_bound(cut.bound, cut.watermark);
  for (std::size_t i = 0; i < inputs_.size(); ++i) inputs_[i]->set_horizon(cut.horizons[i]);
  return pool_.try_each(inputs_.size(), [&](std::size_t i) { return inputs_[i]->fill_to(cut.horizons[i]); });
}

// ---- steps ----------------------------------------------------------------------------------------------

using NextStep = std::optional<Step>;

Result<std::optional<Step>> Spine::next() {
  if (clock_.boundary > 0) return NextStep(boundary());
  if (!has_cut_) NUDGE_TRY(read_ahead());
  if (!clock_.started) {
    if (!router_->can_take(kNever)) return NextStep();
    NUDGE_ASSIGN(NextStep step, start_clock());
    return step;
  }
  const Millis least = router_->watermark();
  const Millis watermark = least == kNever ? end() : std::min(least, horizon());
  const Millis next = std::min(clock_.next_epoch, sweeps_.next());
  const Millis limit = next > horizon() ? kNever : next;
  if (router_->can_take(limit)) {
    NUDGE_ASSIGN(NextStep step, round(limit));
    return step;
  }
  if (next <= watermark) {
    if (next > clock_.active + program_.settings().silence_max) return NextStep(jump(watermark));
    return NextStep(next == clock_.next_epoch ? boundary() : make(Step::Kind::kAdvance, kBeforeAll, next));
  }
  // What is due up to the end of what was read.
  if (watermark > clock_.advanced) return NextStep(make(Step::Kind::kAdvance, kBeforeAll, watermark));
  return NextStep();
}

Step Spine::make(Step::Kind kind, Millis at, Millis watermark) {
  Step step;
  step.number = ++step_;
  step.kind = kind;
  step.at = at;
  step.watermark = watermark;
  sweeps_.advance(watermark);
  clock_.advanced = std::max(clock_.advanced, watermark);
  return step;
}

// The clock starts with the first good record in the order of the input; the bad ones before it are taken.
Result<Step> Spine::start_clock() {
  NUDGE_ASSIGN(const std::size_t bad,
               router_->take(program_.settings().batch_events_max, -program_.settings().disorder));
  const auto first = router_->first_seen();
  router_->clear();
  if (bad > 0 || !first) return make(Step::Kind::kAdvance, kBeforeAll, kBeforeAll);
  clock_.started = true;
  clock_.active = std::max<Millis>(*first - program_.settings().disorder, 0);
  clock_.next_epoch = (clock_.active / program_.settings().epoch + 1) * program_.settings().epoch;
  sweeps_.start(clock_.active);
  return make(Step::Kind::kStart, clock_.active, kBeforeAll);
}

// Rounds end at every epoch and rescoring, so that models have their place in event time.
Result<Step> Spine::round(Millis boundary) {
  NUDGE_ASSIGN(const std::size_t taken, router_->take(program_.settings().batch_events_max, boundary));
  NUDGE_CHECK(taken > 0, "a round takes at least one record");
  const Millis watermark = std::min({router_->watermark(), boundary == kNever ? kNever : boundary - 1, horizon()});
  Step step = make(Step::Kind::kRound, kBeforeAll, watermark == kNever ? kBeforeAll : watermark);
  step.erases = router_->erases();
  clock_.active = std::max(clock_.active, router_->taken());
  return step;
}

// An epoch ends: what was due before comes first, then models that are valid from here, then it is learnt.
Step Spine::boundary() {
  const Millis at = clock_.next_epoch;
  switch (clock_.boundary++) {
    case 0:
      return make(Step::Kind::kAdvance, kBeforeAll, at - 1);
    case 1: {
      Step step = make(Step::Kind::kAdopt, at, at);
      step.models = global_.due(at);
      return step;
    }
    default:
      clock_.boundary = 0;
      clock_.next_epoch += program_.settings().epoch;
      return make(Step::Kind::kLearn, at, kBeforeAll);
  }
}

// Nothing happened for longer than the limit: the clock jumps, without the rescorings and epochs in between.
Step Spine::jump(Millis to) {
  clock_.next_epoch = (to / program_.settings().epoch + 1) * program_.settings().epoch;
  clock_.active = to;
  sweeps_.start(to - 1);
  Step step = make(Step::Kind::kJump, to, kBeforeAll);
  step.models = global_.due(to);
  return step;
}

void Spine::learn(const std::vector<std::vector<std::string>>& partials, Millis epoch_end, bool last) {
  global_.learn(partials, epoch_end, last);
  clock_.learned_last = clock_.learned_last || last;
}

// ---- state ----------------------------------------------------------------------------------------------

void Spine::write_changes(state::Batch& batch) {
  repeats_->write_changes(batch);
  global_.write_changes(batch);
  batch.put(run_key(), own_state());
}

std::string Spine::own_state() const {
  std::string bytes;
  Encoder out(bytes);
  out.varint(step_);
  out.boolean(clock_.started);
  out.zigzag(clock_.active);
  out.zigzag(clock_.next_epoch);
  out.byte(clock_.boundary);
  out.zigzag(clock_.advanced);
  out.boolean(clock_.learned_last);
  sweeps_.encode(out);
  out.zigzag(router_->newest());
  encode(out, cut_);
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
  return bytes;
}

Status Spine::decode_own_state(std::string_view bytes) {
  Decoder in(bytes);
  step_ = in.varint();
  clock_.started = in.boolean();
  clock_.active = in.zigzag();
  clock_.next_epoch = in.zigzag();
  clock_.boundary = in.byte();
  clock_.advanced = in.zigzag();
  clock_.learned_last = in.boolean();
  sweeps_.decode(in);
  router_->set_newest(in.zigzag());
  if (!decode(in, cut_)) return damaged();
  for (TopicCounters& each : router_->counters())
    for (std::uint64_t* n : {&each.read, &each.processed, &each.dead_letters, &each.duplicates, &each.late})
      *n = in.varint();
  if (in.count() != source_.partitions().size()) return damaged();
  NUDGE_TRY(open_inputs(&in));
  return in.ok() ? Status::ok() : damaged();
}

}  // namespace nudge::runtime
