#include "engine/runtime/task_set.h"

#include <algorithm>

#include "engine/check.h"
#include "engine/runtime/message_codec.h"

namespace nudge::runtime {
namespace {

Status unreadable() {
  return Status::io("what another instance sent cannot be read: it runs another version of the program");
}

}  // namespace

TaskSet::TaskSet(const Program& program, state::Store& store, WorkerPool& pool, Exchange* exchange)
    : program_(program),
      partitions_(program.settings().partitions),
      store_(store),
      pool_(pool),
      exchange_(exchange),
      by_number_(partitions_),
      active_by_number_(partitions_) {}

Status TaskSet::open(const std::vector<std::uint32_t>& owned, bool spine_is_here, Millis horizon) {
  spine_is_here_ = spine_is_here;
  std::vector<std::optional<std::string>> stored;
  for (const std::uint32_t number : owned) {
    NUDGE_ASSIGN(auto own, store_.get(Task::step_key(number)));
    tasks_.push_back(std::make_unique<Task>(number, program_, store_, !own));
    stored.push_back(std::move(own));
    tasks_.back()->keyed.set_horizon(horizon);
    by_number_[number] = tasks_.back().get();
  }
  std::vector<std::uint64_t> offsets(tasks_.size());
  NUDGE_TRY(pool_.try_each(tasks_.size(), [&](std::size_t i) -> Status {
    if (!stored[i]) return Status::ok();
    NUDGE_ASSIGN(offsets[i], tasks_[i]->restore(*stored[i]));
    return Status::ok();
  }));
  if (exchange_)
    for (std::size_t i = 0; i < tasks_.size(); ++i)
      NUDGE_TRY(exchange_->open(tasks_[i]->number, tasks_[i]->step, offsets[i]));
  return Status::ok();
}

std::uint64_t TaskSet::step() const {
  std::uint64_t least = ~std::uint64_t{0};
  for (const auto& task : tasks_) least = std::min(least, task->step);
  return least;
}

void TaskSet::activate(std::uint64_t step) {
  active_.clear();
  std::fill(active_by_number_.begin(), active_by_number_.end(), nullptr);
  for (const auto& task : tasks_) {
    if (task->step >= step) continue;
    NUDGE_CHECK(task->step + 1 == step, "a task does every step, one after the other");
    active_.push_back(task.get());
    active_by_number_[task->number] = task.get();
  }
}

Status TaskSet::each(const std::function<Status(Task&)>& work) {
  return pool_.try_each(active_.size(), [&](std::size_t i) { return work(*active_[i]); });
}

// ---- from and to elsewhere --------------------------------------------------------------------------------

Result<bool> TaskSet::arrived(std::chrono::milliseconds timeout) {
  const std::uint64_t next = step() + 1;
  for (const auto& task : tasks_) {
    if (task->step >= next) continue;
    NUDGE_ASSIGN(const bool is_here,
                 exchange_->arrived(next, Stage::kRouted, exchange_->spine(), task->number, timeout));
    if (!is_here) return false;
  }
  return true;
}

Result<Step> TaskSet::receive() {
  const std::uint64_t next = step() + 1;
  Step step;
  for (const auto& task : tasks_) {
    if (task->step >= next) continue;
    NUDGE_ASSIGN(const std::string_view bytes,
                 exchange_->receive(next, Stage::kRouted, exchange_->spine(), task->number));
    Decoder in(bytes);
    if (!decode(in, step)) return unreadable();
    if (step.kind != Step::Kind::kRound) continue;
    if (!decode(in, task->routed_visitors) || !decode(in, task->routed_ledger) || !decode(in, task->routed_keyed) ||
        !decode(in, task->routed_products))
      return unreadable();
  }
  return step;
}

// Sends the step to the tasks that are elsewhere.
Status TaskSet::announce(const Step& step, Router& router) {
  std::string bytes;
  for (std::uint32_t to = 0; to < partitions_; ++to) {
    if (by_number_[to]) continue;
    bytes.clear();
    Encoder out(bytes);
    encode(out, step);
    if (step.kind == Step::Kind::kRound) {
      encode(out, router.to_visitors()[to]);
      encode(out, router.to_ledger()[to]);
      encode(out, router.to_keyed()[to]);
      encode(out, router.to_all());
    }
    NUDGE_TRY(exchange_->send(step.number, Stage::kRouted, exchange_->spine(), to, bytes));
  }
  return exchange_->post();
}

// Sends what the tasks at work have for those elsewhere, and waits for what is theirs from those that are not at work.
Status TaskSet::swap(const Step& step, Stage stage, const Encode& encode) {
  if (active_.size() == partitions_) return Status::ok();
  NUDGE_TRY(each([&](Task& from) {
    for (std::uint32_t to = 0; to < partitions_; ++to) {
      if (by_number_[to]) continue;
      from.outgoing[to].clear();
      Encoder out(from.outgoing[to]);
      encode(from, to, out);
    }
    return Status::ok();
  }));
  for (Task* const from : active_)
    for (std::uint32_t to = 0; to < partitions_; ++to)
      if (!by_number_[to]) NUDGE_TRY(exchange_->send(step.number, stage, from->number, to, from->outgoing[to]));
  NUDGE_TRY(exchange_->post());
  for (Task* const to : active_)
    for (std::uint32_t from = 0; from < partitions_; ++from) {
      if (is_active(from)) continue;
      NUDGE_ASSIGN(to->incoming[from], exchange_->receive(step.number, stage, from, to->number));
    }
  return Status::ok();
}

Status TaskSet::decode_incoming(Task& task, const Decode& decode) const {
  for (std::uint32_t from = 0; from < partitions_; ++from) {
    if (is_active(from)) continue;
    Decoder in(task.incoming[from]);
    if (!decode(task.received[from], in)) return unreadable();
  }
  return Status::ok();
}

// ---- steps --------------------------------------------------------------------------------------------------

Status TaskSet::perform(const Step& step, Router* router) {
  if (router && !is_complete()) NUDGE_TRY(announce(step, *router));
  activate(step.number);
  switch (step.kind) {
    case Step::Kind::kStart:
      for (Task* const task : active_) task->keyed.start(step.at);
      break;
    case Step::Kind::kJump:
      for (Task* const task : active_) task->keyed.start(step.at - 1);
      [[fallthrough]];
    case Step::Kind::kAdopt:
      for (Task* const task : active_) task->adopt(step.models);
      break;
    case Step::Kind::kRound:
      NUDGE_TRY(round(step, router));
      if (step.erases) NUDGE_TRY(forget(step));
      break;
    case Step::Kind::kLearn:
      NUDGE_TRY(learn(step));
      break;
    case Step::Kind::kAdvance:
      break;
  }
  for (Task* const task : active_) {
    task->step = step.number;
    task->watermark = step.watermark;
    if (exchange_) exchange_->done(task->number, step.number);
  }
  return Status::ok();
}

Status TaskSet::round(const Step& step, Router* router) {
  NUDGE_TRY(each([&](Task& task) {
    return task.visitors.process(router ? router->to_visitors()[task.number] : task.routed_visitors);
  }));
  NUDGE_TRY(swap(step, Stage::kLinked, [](Task& from, std::uint32_t to, Encoder& out) {
    encode(out, from.visitors.to_ledger()[to]);
    encode(out, from.visitors.to_keyed()[to]);
  }));
  NUDGE_TRY(each([&](Task& task) -> Status {
    NUDGE_TRY(decode_incoming(
        task, [](Received& from, Decoder& in) { return decode(in, from.ledger) && decode(in, from.linked); }));
    Merge<LedgerMessage>& merge = task.ledger_merge;
    merge.clear();
    merge.add(router ? router->to_ledger()[task.number] : task.routed_ledger);
    for (std::uint32_t from = 0; from < partitions_; ++from) {
      Task* const here = active_by_number_[from];
      merge.add(here ? here->visitors.to_ledger()[task.number] : task.received[from].ledger);
    }
    return task.ledger.decide(merge.in_order());
  }));
  NUDGE_TRY(swap(step, Stage::kDecided, [](Task& from, std::uint32_t to, Encoder& out) {
    encode(out, from.ledger.effects()[to]);
    encode(out, from.ledger.records()[to]);
  }));
  NUDGE_TRY(each([&](Task& task) -> Status {
    NUDGE_TRY(decode_incoming(
        task, [](Received& from, Decoder& in) { return decode(in, from.effects) && decode(in, from.records); }));
    Merge<EffectMessage>& merge = task.effect_merge;
    merge.clear();
    for (std::uint32_t from = 0; from < partitions_; ++from) {
      Task* const here = active_by_number_[from];
      merge.add(here ? here->ledger.effects()[task.number] : task.received[from].effects);
    }
    return task.ledger.settle(merge.in_order());
  }));
  NUDGE_TRY(swap(step, Stage::kSettled, [](Task& from, std::uint32_t to, Encoder& out) {
    encode(out, from.ledger.facts()[to]);
    encode(out, from.ledger.cancels()[to]);
  }));
  return each([&](Task& task) -> Status {
    NUDGE_TRY(decode_incoming(
        task, [](Received& from, Decoder& in) { return decode(in, from.facts) && decode(in, from.cancels); }));
    Merge<KeyedMessage>& merge = task.keyed_merge;
    merge.clear();
    const auto add = [&](auto of_task, auto of_received) {
      for (std::uint32_t from = 0; from < partitions_; ++from) {
        Task* const here = active_by_number_[from];
        merge.add(here ? of_task(*here)[task.number] : task.received[from].*of_received);
      }
    };
    // Moves and corrections first, the record itself last: what it causes sees all that it changed.
    add(
        [](Task & from) -> auto& { return from.visitors.to_keyed(); }, &Received::linked);
    add(
        [](Task & from) -> auto& { return from.ledger.facts(); }, &Received::facts);
    add(
        [](Task & from) -> auto& { return from.ledger.records(); }, &Received::records);
    add(
        [](Task & from) -> auto& { return from.ledger.cancels(); }, &Received::cancels);
    merge.add(router ? router->to_keyed()[task.number] : task.routed_keyed);
    task.keyed.take_unowned(task.ledger.unowned());
    return task.keyed.process(merge.in_order(), router ? router->to_all() : task.routed_products);
  });
}

// The round ended with a tombstone: what the customer had in the other stages goes before anything else comes.
Status TaskSet::forget(const Step& step) {
  NUDGE_TRY(swap(step, Stage::kTraced, [](Task& from, std::uint32_t to, Encoder& out) {
    encode(out, from.keyed.traces().visitors()[to]);
    encode(out, from.keyed.traces().transactions()[to]);
  }));
  return each([&](Task& task) -> Status {
    NUDGE_TRY(decode_incoming(
        task, [](Received& from, Decoder& in) { return decode(in, from.visitors) && decode(in, from.transactions); }));
    for (std::uint32_t from = 0; from < partitions_; ++from) {
      Task* const here = active_by_number_[from];
      const Received& elsewhere = task.received[from];
      NUDGE_TRY(task.visitors.forget(here ? here->keyed.traces().visitors()[task.number] : elsewhere.visitors));
      NUDGE_TRY(task.ledger.forget(here ? here->keyed.traces().transactions()[task.number] : elsewhere.transactions));
    }
    return Status::ok();
  });
}

Status TaskSet::learn(const Step& step) {
  NUDGE_TRY(each([&](Task& task) {
    task.partials = task.keyed.partials(step.at);
    return Status::ok();
  }));
  if (spine_is_here_) return Status::ok();
  std::string bytes;
  for (const Task* const task : active_) {
    bytes.clear();
    Encoder out(bytes);
    out.varint(task->partials.size());
    for (const std::string& partial : task->partials) out.text(partial);
    NUDGE_TRY(exchange_->send(step.number, Stage::kPartials, task->number, exchange_->spine(), bytes));
  }
  return exchange_->post();
}

Result<std::vector<std::vector<std::string>>> TaskSet::partials(const Step& step) {
  std::vector<std::vector<std::string>> partials(partitions_);
  for (std::uint32_t from = 0; from < partitions_; ++from) {
    if (is_active(from)) {
      partials[from] = std::move(active_by_number_[from]->partials);
      continue;
    }
    NUDGE_ASSIGN(const std::string_view bytes,
                 exchange_->receive(step.number, Stage::kPartials, from, exchange_->spine()));
    Decoder in(bytes);
    partials[from].resize(in.count());
    for (std::string& partial : partials[from]) partial = in.text();
    if (!in.ok() || partials[from].size() != program_.operators().size()) return unreadable();
  }
  if (exchange_) exchange_->done(exchange_->spine(), step.number);
  return partials;
}

Result<bool> TaskSet::advance() {
  std::vector<char> done(tasks_.size());
  NUDGE_TRY(pool_.try_each(tasks_.size(), [&](std::size_t i) -> Status {
    NUDGE_ASSIGN(done[i], tasks_[i]->keyed.advance(tasks_[i]->watermark));
    return Status::ok();
  }));
  return std::find(done.begin(), done.end(), 0) == done.end();
}

void TaskSet::write_changes(state::ChangeWriter& changes) {
  for (const auto& task : tasks_) task->write_changes(changes, exchange_ ? exchange_->offset(task->number) : 0);
}

}  // namespace nudge::runtime
