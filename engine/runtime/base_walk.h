// Every customer of a task once, in the order of keys: those in the cache as they are, the others from the store. What
// an erased customer left, an entry without an id, is no customer.
//
// A walk sees the store as of its making; after a commit it goes on with renew(). Else nothing may come into the cache
// or leave it meanwhile.
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
  // There was a commit: changes are in the store, and customers may have left the cache.
  void renew();

 private:
  void open_store();
  void forget();

  EntityCache<Customer>& customers_;
  const state::Store& store_;
  const std::uint32_t task_;
  std::optional<Hash128> after_;  // the last one
  std::vector<Hash128> cached_;   // rising; some may have left the cache by now
  std::size_t at_ = 0;
  std::unique_ptr<state::Cursor> stored_;  // null: all are cached
  Customer* loaded_ = nullptr;             // by the last call
};

}  // namespace nudge::runtime
