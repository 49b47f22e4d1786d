#include "engine/runtime/program.h"

#include <algorithm>
#include <bit>

#include "engine/hash.h"

namespace nudge::runtime {

namespace {

EngineSettings settings_of(const config::Value& root) {
  const config::Value& engine = root.at("engine");
  EngineSettings settings;
  settings.partitions = static_cast<std::uint32_t>(engine.at("partitions").integer());
  settings.threads = static_cast<int>(engine.at("threads").integer());
  settings.epoch = engine.at("epoch").duration();
  settings.disorder = engine.at("disorder").duration();
  settings.allowed_lateness = engine.at("allowed_lateness").duration();
  settings.future_max = engine.at("future_max").duration();
  settings.silence_max = engine.at("silence_max").duration();
  settings.identity_retention = engine.at("identity_retention").duration();
  // Files end; whatever they hold is remembered.
  if (root.at("input").at("connector").text() == "kafka")
    settings.repeat_retention = engine.at("repeat_retention").duration();
  settings.commit_interval = engine.at("commit_interval").duration();
  settings.standbys = static_cast<std::size_t>(engine.at("standbys").integer());
  settings.merge_wait = engine.at("merge_wait").duration();
  settings.delivers_once = engine.at("delivery").text() == "exactly_once";
  settings.replay_commit_interval = engine.at("replay_commit_interval").duration();
  settings.memory_budget = static_cast<std::uint64_t>(engine.at("memory_budget").integer());
  settings.batch_events_max = static_cast<std::uint64_t>(engine.at("batch_events_max").integer());
  settings.products_max = static_cast<std::uint64_t>(engine.at("products_max").integer());
  settings.keeps_whole_history = engine.at("history").text() == "whole";
  settings.fail_on_bad_record = engine.at("on_bad_record").text() == "fail";
  return settings;
}

// Writers of a signal before its readers; otherwise the order of the registry.
std::vector<const OperatorSpec*> in_call_order(std::vector<const OperatorSpec*> left) {
  std::vector<const OperatorSpec*> ordered;
  const auto waits = [&left](const OperatorSpec* reader) {
    for (const std::string_view signal : reader->reads)
      for (const OperatorSpec* writer : left)
        if (writer != reader && std::find(writer->writes.begin(), writer->writes.end(), signal) != writer->writes.end())
          return true;
    return false;
  };
  while (!left.empty()) {
    const auto next = std::find_if_not(left.begin(), left.end(), waits);
    if (next == left.end()) return {};
    ordered.push_back(*next);
    left.erase(next);
  }
  return ordered;
}

std::size_t bit_of(Call call) { return static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(call))); }

// What results depend on. Threads, memory and intervals are left out: results do not depend on them.
std::uint64_t fingerprint_of(const config::Value& root, const EngineSettings& settings) {
  std::uint64_t hash = hash64(root.at("operators").canonical());
  hash = mix(hash, hash64(root.at("targeting").canonical()));
  hash = mix(hash, hash64(root.at("promotions").canonical()));
  for (const Millis part :
       {static_cast<Millis>(settings.partitions), settings.epoch, settings.disorder, settings.allowed_lateness,
        settings.future_max, settings.silence_max, settings.identity_retention})
    hash = mix(hash, static_cast<std::uint64_t>(part));
  return hash;
}

}  // namespace

Result<std::unique_ptr<Program>> Program::make(const config::Application& application) {
  std::unique_ptr<Program> program(new Program);
  program->root_ = &application.root;
  program->settings_ = settings_of(application.root);
  const std::vector<const OperatorSpec*> ordered = in_call_order(application.operators);
  if (ordered.size() != application.operators.size())
    return Status::config("the operators' signals go in a circle; leave one of them out");
  for (const OperatorSpec* spec : ordered) {
    const auto slot = static_cast<std::uint8_t>(program->operators_.size());
    program->operators_.push_back({spec, &application.config_of(*spec), static_cast<std::uint32_t>(hash64(spec->name)),
                                   spec->reads_products && spec->reads_products(application.config_of(*spec))});
    program->columns_.add(slot, spec->columns, spec->features);
    if (spec->columns_of) program->columns_.add(slot, spec->columns_of(application.config_of(*spec)));
    for (const Topic topic : spec->inputs) {
      program->taking_[static_cast<std::size_t>(topic)].push_back(slot);
      program->kept_[static_cast<std::size_t>(topic)] |= spec->reads_timeline;
    }
    const bool timed = has_call(spec->calls, Call::kTimer) || has_call(spec->calls, Call::kSweep);
    program->timer_places_.push_back(timed ? static_cast<std::uint8_t>(program->timed_.size()) : kUntimed);
    if (timed) program->timed_.push_back(slot);
    if (spec->section && spec->section->in_pieces) program->in_pieces_.push_back(slot);
    for (std::size_t bit = 0; bit < program->implementing_.size(); ++bit)
      if (has_call(spec->calls, static_cast<Call>(1u << bit))) program->implementing_[bit].push_back(slot);
  }
  if (program->settings_.keeps_whole_history) program->kept_.fill(true);
  program->fingerprint_ = fingerprint_of(application.root, program->settings_);
  if (program->reads_products()) program->fingerprint_ = mix(program->fingerprint_, program->settings_.products_max);
  return program;
}

bool Program::reads_products() const {
  return std::any_of(operators_.begin(), operators_.end(),
                     [](const ActiveOperator& each) { return each.reads_products; });
}

const std::vector<std::uint8_t>& Program::implementing(Call call) const { return implementing_[bit_of(call)]; }

std::optional<std::size_t> Program::slot_of(std::uint32_t id) const {
  for (std::size_t slot = 0; slot < operators_.size(); ++slot)
    if (operators_[slot].id == id) return slot;
  return std::nullopt;
}

}  // namespace nudge::runtime
