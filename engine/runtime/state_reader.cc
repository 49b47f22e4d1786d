#include "engine/runtime/state_reader.h"

#include <algorithm>
#include <filesystem>

#include "engine/runtime/customer.h"
#include "engine/runtime/state_folder.h"
#include "engine/runtime/state_keys.h"
#include "engine/runtime/state_marker.h"
#include "engine/runtime/step.h"

namespace nudge::runtime {
namespace {

constexpr std::uint64_t kMemory = 64 << 20;

Status damaged() { return Status::io("the state is damaged: a record in it cannot be read"); }

}  // namespace

Result<std::unique_ptr<StateReader>> StateReader::open(const std::string& folder, const Program& program) {
  const auto marker = read_marker(folder);
  if (!marker) return Status::config(folder + ": holds no state of nudge; replay or run first");
  NUDGE_TRY(check_format(folder, *marker));
  if (marker->partitions != 0 && marker->partitions != program.settings().partitions)
    return Status::config(folder + ": its engine.partitions are others than the configuration's");
  state::StoreOptions options;
  options.folder = store_in(folder);
  options.memory_budget_bytes = kMemory;
  NUDGE_ASSIGN(auto store, state::open_rocksdb(options));
  std::unique_ptr<StateReader> reader(new StateReader(program, std::move(store)));
  NUDGE_TRY(reader->read_clock_and_models());
  return reader;
}

Status StateReader::read_clock_and_models() {
  for (std::uint32_t task = 0; task < program_.settings().partitions; ++task) {
    NUDGE_ASSIGN(const auto clock, store_->get(key::task_prefix(key::kKeyedClock, task)));
    if (clock) now_ = std::max(now_, Decoder(*clock).zigzag());
    NUDGE_ASSIGN(const auto stored, store_->get(key::task_prefix(key::kModels, task)));
    if (!stored) continue;
    Decoder in(*stored);
    std::vector<Model> held;
    if (!decode(in, held)) return damaged();
    for (Model& model : held) {
      Model& known = models_[model.name];
      if (known.version <= model.version) known = std::move(model);
    }
  }
  return Status::ok();
}

Status StateReader::for_each(const std::function<void(const StoredCustomer&)>& take) const {
  for (std::uint32_t task = 0; task < program_.settings().partitions; ++task) {
    const std::string prefix = key::task_prefix(key::kCustomer, task);
    const auto cursor = store_->scan(prefix, key::after(prefix));
    for (; cursor->valid(); cursor->next()) {
      Customer customer;
      customer.bind(program_);
      if (!customer.decode(cursor->value())) return damaged();
      if (customer.id.empty()) continue;  // erased
      customer.key = key::hash_in(cursor->key());
      NUDGE_TRY(customer.read_pieces(*store_, task));
      take({customer.id, [&](const ColumnRef& column) {
              return column.column->read(customer.slots.section(column.slot).get(), now_);
            }});
    }
    NUDGE_TRY(cursor->status());
  }
  return Status::ok();
}

}  // namespace nudge::runtime
