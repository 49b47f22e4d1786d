#include "engine/runtime/task.h"

namespace nudge::runtime {
namespace {

Status damaged() {
  return Status::io("the state is damaged: how far a task has come cannot be read; replay into a new engine.state_dir");
}

}  // namespace

Task::Task(std::uint32_t number, const Program& program, const state::Store& store, bool fresh)
    : number(number),
      visitors(number, program.settings().partitions, program.settings().identity_retention, store, fresh),
      ledger(number, program.settings().partitions, store, fresh),
      keyed(number, program, store, fresh),
      received(program.settings().partitions),
      incoming(program.settings().partitions),
      outgoing(program.settings().partitions),
      store_(store) {}

std::string Task::step_key(std::uint32_t number) { return key::task_prefix(key::kStep, number); }

Result<std::uint64_t> Task::restore(std::string_view own) {
  Decoder in(own);
  step = in.varint();
  watermark = in.zigzag();
  const std::uint64_t exchange_offset = in.varint();
  if (!in.ok()) return damaged();
  NUDGE_TRY(visitors.restore());
  NUDGE_TRY(ledger.restore());
  NUDGE_TRY(keyed.restore());
  NUDGE_ASSIGN(const auto stored, store_.get(key::task_prefix(key::kModels, number)));
  if (!stored) return exchange_offset;
  Decoder models(*stored);
  std::vector<Model> held;
  if (!decode(models, held)) return damaged();
  adopt(held);
  models_changed_ = false;
  return exchange_offset;
}

void Task::adopt(const std::vector<Model>& adopted) {
  for (const Model& model : adopted) {
    keyed.adopt(model);
    models_[model.name] = model;
    models_changed_ = true;
  }
}

void Task::write_changes(state::ChangeWriter& changes, std::uint64_t exchange_offset) {
  visitors.write_changes(changes);
  keyed.write_changes(changes);
  ledger.write_changes(changes);
  std::string bytes;
  Encoder out(bytes);
  if (std::exchange(models_changed_, false)) {
    std::vector<Model> held;
    for (const auto& [name, model] : models_) held.push_back(model);
    encode(out, held);
    changes.put(key::task_prefix(key::kModels, number), bytes);
    bytes.clear();
  }
  out.varint(step);
  out.zigzag(watermark);
  out.varint(exchange_offset);
  changes.put(step_key(number), bytes);
}

}  // namespace nudge::runtime
