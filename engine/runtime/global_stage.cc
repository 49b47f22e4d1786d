#include "engine/runtime/global_stage.h"

#include <algorithm>

#include "engine/runtime/state_keys.h"
#include "engine/runtime/step.h"

namespace nudge::runtime {

namespace {

std::string state_key(const ActiveOperator& active) {
  return key::shared_prefix(key::kGlobalState) + std::to_string(active.id);
}
std::string models_key() { return key::shared_prefix(key::kRun) + "models"; }

}  // namespace

class GlobalStage::Context final : public GlobalContext {
 public:
  Context(GlobalStage& stage, Millis valid_from) : stage_(stage), valid_from_(valid_from) {}
  void publish(std::string name, std::int64_t version, Millis trained_until, std::string bytes) override {
    stage_.waiting_.push_back({std::move(name), version, valid_from_, trained_until, std::move(bytes)});
  }
  Millis valid_from() const override { return valid_from_; }
  Outputs& outputs() override { return stage_.outputs_; }

 private:
  GlobalStage& stage_;
  Millis valid_from_;
};

GlobalStage::GlobalStage(const Program& program) : program_(program) {
  for (std::size_t slot = 0; slot < program.operators().size(); ++slot) {
    const auto make = program.operators()[slot].spec->make_global;
    operators_.push_back(make ? make(program.setup(slot)) : nullptr);
  }
}

GlobalStage::~GlobalStage() = default;

void GlobalStage::learn(const std::vector<std::vector<std::string>>& partials, Millis epoch_end, bool last) {
  Context context(*this, last ? epoch_end : epoch_end + program_.settings().epoch);
  for (std::size_t slot = 0; slot < operators_.size(); ++slot) {
    if (!operators_[slot]) continue;
    for (const auto& task : partials) operators_[slot]->merge(task[slot]);
    operators_[slot]->learn(epoch_end, last, context);
  }
  changed_ = true;
}

std::vector<Model> GlobalStage::due(Millis time) {
  std::vector<Model> due;
  const auto later = std::stable_partition(waiting_.begin(), waiting_.end(),
                                           [time](const Model& model) { return model.valid_from <= time; });
  due.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(later));
  waiting_.erase(waiting_.begin(), later);
  changed_ = changed_ || !due.empty();
  return due;
}

void GlobalStage::conclude(const std::vector<std::vector<std::string>>& conclusions) {
  for (std::size_t slot = 0; slot < operators_.size(); ++slot) {
    if (!operators_[slot]) continue;
    for (const auto& task : conclusions) operators_[slot]->conclude(task[slot]);
  }
}

void GlobalStage::finish(Millis end) {
  Context context(*this, end);
  for (const auto& each : operators_)
    if (each) each->finish(end, context);
}

void GlobalStage::report(JsonWriter& json) {
  for (const auto& each : operators_)
    if (each) each->report(json);
}

void GlobalStage::write_changes(state::Batch& batch) {
  if (!changed_) return;
  changed_ = false;
  std::string bytes;
  for (std::size_t slot = 0; slot < operators_.size(); ++slot) {
    if (!operators_[slot]) continue;
    bytes.clear();
    Encoder out(bytes);
    operators_[slot]->encode(out);
    batch.put(state_key(program_.operators()[slot]), bytes);
  }
  bytes.clear();
  Encoder out(bytes);
  encode(out, waiting_);
  batch.put(models_key(), bytes);
}

Status GlobalStage::restore(const state::Store& store) {
  const auto damaged = [] {
    return Status::io("the state is damaged: the models cannot be read; replay into a new engine.state_dir");
  };
  for (std::size_t slot = 0; slot < operators_.size(); ++slot) {
    if (!operators_[slot]) continue;
    NUDGE_ASSIGN(const auto bytes, store.get(state_key(program_.operators()[slot])));
    if (!bytes) continue;
    Decoder in(*bytes);
    operators_[slot]->decode(in);
    if (!in.ok()) return damaged();
  }
  NUDGE_ASSIGN(const auto models, store.get(models_key()));
  if (!models) return Status::ok();
  Decoder in(*models);
  return decode(in, waiting_) ? Status::ok() : damaged();
}

}  // namespace nudge::runtime
