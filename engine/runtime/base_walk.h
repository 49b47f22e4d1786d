// Every customer of a task once, in the order of keys: those in the cache as they are, the others from the store. What
// an erased customer left, an entry without an id, is no customer.
//
// A walk sees the store as of its making; after a commit a new one goes on behind the last key. Nothing else may come
// into the cache or leave it meanwhile.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/runtime/customer.h"
#include "engine/runtime/entity_cache.h"

namespace nudge::runtime {

class BaseWalk {
 public:
  // `after`: where an earlier walk has come to.
  BaseWalk(EntityCache<Customer>& customers, const state::Store& store, std::uint32_t task,
           const std::optional<Hash128>& after);
  // Null after the last. A customer that was only in the store and has not become dirty is forgotten with the next
  // call.
  Result<Customer*> next();

 private:
  void forget();

  EntityCache<Customer>& customers_;
  std::vector<Hash128> cached_;  // rising
  std::size_t at_ = 0;
  std::unique_ptr<state::Cursor> stored_;  // null: all are cached
  Customer* loaded_ = nullptr;             // by the last call
};

}  // namespace nudge::runtime
