// One task: its part of the identity, ledger and keyed stages, and how far it has come.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runtime/keyed_task.h"
#include "engine/runtime/ledger_task.h"
#include "engine/runtime/merge.h"
#include "engine/runtime/step.h"
#include "engine/runtime/visitor_task.h"

namespace nudge::runtime {

// What came for a task from one that is elsewhere; points into the exchange's bytes.
struct Received {
  std::vector<LedgerMessage> ledger;
  std::vector<EffectMessage> effects;
  std::vector<KeyedMessage> linked, records, facts, cancels;
  std::vector<ForgetMessage> visitors, transactions;
};

class Task {
 public:
  // `fresh`: the store holds nothing of this task. Otherwise call restore() before anything else.
  Task(std::uint32_t number, const Program& program, const state::Store& store, bool fresh);

  static std::string step_key(std::uint32_t number);

  // `own`: what the store has under step_key(). Gives the place in the exchange from where the task needs it.
  Result<std::uint64_t> restore(std::string_view own);
  void adopt(const std::vector<Model>& adopted);
  void write_changes(state::ChangeWriter& changes, std::uint64_t exchange_offset);
  std::size_t memory_bytes() const { return keyed.memory_bytes() + visitors.memory_bytes() + ledger.memory_bytes(); }

  const std::uint32_t number;
  VisitorTask visitors;
  LedgerTask ledger;
  KeyedTask keyed;
  std::uint64_t step = 0;             // done; but time may have to pass until
  Millis watermark = kBeforeAll;      // the end of it
  std::vector<std::string> partials;  // by slot; of the step, where it was one to learn from

  // During a round.
  Merge<LedgerMessage> ledger_merge;
  Merge<EffectMessage> effect_merge;
  Merge<KeyedMessage> keyed_merge;
  std::vector<VisitorMessage> routed_visitors;  // from a spine that is elsewhere
  std::vector<LedgerMessage> routed_ledger;
  std::vector<KeyedMessage> routed_keyed;
  std::vector<ProductMessage> routed_products;
  std::vector<Received> received;          // by sender
  std::vector<std::string_view> incoming;  // by sender: not decoded yet
  std::vector<std::string> outgoing;       // by receiver

 private:
  const state::Store& store_;
  std::map<std::string, Model> models_;  // that hold
  bool models_changed_ = false;
};

}  // namespace nudge::runtime
