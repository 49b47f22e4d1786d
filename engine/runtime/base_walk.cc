#include "engine/runtime/base_walk.h"

#include <algorithm>

namespace nudge::runtime {

BaseWalk::BaseWalk(EntityCache<Customer>& customers, const state::Store& store, std::uint32_t task,
                   const std::optional<Hash128>& after)
    : customers_(customers), store_(store), task_(task), after_(after) {
  customers_.for_each([&](const Customer& customer) {
    if (!after || *after < customer.key) cached_.push_back(customer.key);
  });
  std::sort(cached_.begin(), cached_.end());
  open_store();
}

void BaseWalk::open_store() {
  if (customers_.complete()) return;
  const std::string prefix = key::task_prefix(key::kCustomer, task_);
  stored_ = store_.scan(after_ ? key::after(key::entity(key::kCustomer, task_, *after_)) : prefix, key::after(prefix));
}

// What was loaded last is written by now, and an entry of the cache like any other.
void BaseWalk::renew() {
  loaded_ = nullptr;
  open_store();
}

void BaseWalk::forget() {
  if (loaded_ && !loaded_->dirty) customers_.erase(loaded_->key);
  loaded_ = nullptr;
}

Result<Customer*> BaseWalk::next() {
  for (;;) {
    forget();
    const bool has_cached = at_ < cached_.size();
    const bool has_stored = stored_ && stored_->valid();
    if (!has_stored) {
      if (stored_) NUDGE_TRY(stored_->status());
      if (!has_cached) return nullptr;
    }
    const Hash128 stored = has_stored ? key::hash_in(stored_->key()) : Hash128{};
    if (has_cached && (!has_stored || !(stored < cached_[at_]))) {
      const bool is_in_both = has_stored && stored == cached_[at_];
      Customer* const cached = customers_.find(cached_[at_++]);
      if (!cached) continue;  // it left the cache, and is loaded
      if (is_in_both) stored_->next();
      after_ = cached->key;
      if (cached->id.empty()) continue;
      return cached;
    }
    NUDGE_ASSIGN(loaded_, customers_.load(stored, stored_->value()));
    stored_->next();
    after_ = loaded_->key;
    if (!loaded_->id.empty()) return loaded_;
  }
}

}  // namespace nudge::runtime
