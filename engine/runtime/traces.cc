#include "engine/runtime/traces.h"

namespace nudge::runtime {

void Traces::add(const Event& event, std::string_view customer_id) {
  if (const std::string_view visitor = event.visitor_id(); !visitor.empty()) visitors_.add(visitor, customer_id);
  if (event.topic() == Topic::kTransactions)
    transactions_.add(event.text(field::transactions::kTransactionId), customer_id);
  if (event.topic() != Topic::kCustomers) return;
  auto identities = event.identities(field::customers::kIdentities);
  for (Identity identity; identities.next(identity);)
    if (identity.type == "visitor") visitors_.add(identity.value, customer_id);
}

bool Traces::has(const Event& event) {
  return event.topic() == Topic::kTransactions || event.topic() == Topic::kCustomers || !event.visitor_id().empty();
}

void Traces::reduce(const Event& event, std::string& out) {
  EventWriter writer(out, event.topic(), event.time());
  if (const std::string_view visitor = event.visitor_id(); !visitor.empty()) writer.text(field::kVisitorId, visitor);
  if (event.topic() == Topic::kTransactions)
    writer.text(field::transactions::kTransactionId, event.text(field::transactions::kTransactionId));
  if (event.topic() != Topic::kCustomers) return;
  std::vector<Identity> visitors;
  auto identities = event.identities(field::customers::kIdentities);
  for (Identity identity; identities.next(identity);)
    if (identity.type == "visitor") visitors.push_back(identity);
  if (visitors.empty()) return;
  writer.begin_list(field::customers::kIdentities, visitors.size());
  for (const Identity& identity : visitors) writer.item(identity);
  writer.end_list();
}

void Traces::clear() {
  visitors_.clear();
  transactions_.clear();
}

void Traces::Named::add(std::string_view entity, std::string_view customer_id) {
  const Hash128 hash = hash128(entity);
  if (!all.insert(hash).second) return;
  by_partition[partition_of(entity, static_cast<std::uint32_t>(by_partition.size()))].push_back({hash, customer_id});
}

void Traces::Named::clear() {
  if (all.empty()) return;
  for (auto& list : by_partition) list.clear();
  all.clear();
}

}  // namespace nudge::runtime
