#include "engine/runtime/base_walk.h"

#include <algorithm>

namespace nudge::runtime {

BaseWalk::BaseWalk(EntityCache<Customer>& customers, const state::Store& store, std::uint32_t task,
                   const std::optional<Hash128>& after)
    : customers_(customers) {
  customers_.for_each([&](const Customer& customer) {
    if (!after || *after < customer.key) cached_.push_back(customer.key);
  });
  std::sort(cached_.begin(), cached_.end());
  if (customers_.complete()) return;
  const std::string prefix = key::task_prefix(key::kCustomer, task);
  stored_ = store.scan(after ? key::after(key::entity(key::kCustomer, task, *after)) : prefix, key::after(prefix));
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
      if (has_stored && stored == cached_[at_]) stored_->next();
      Customer* const cached = customers_.find(cached_[at_++]);
      if (cached->id.empty()) continue;
      return cached;
    }
    NUDGE_ASSIGN(loaded_, customers_.load(stored, stored_->value()));
    stored_->next();
    if (!loaded_->id.empty()) return loaded_;
  }
}

}  // namespace nudge::runtime
