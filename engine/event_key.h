// The Kafka key of a record, as the contract has it: records of one customer stay in one partition, in order.
#pragma once

#include <string_view>

#include "engine/event.h"

namespace nudge {

// The product of `products`; else the customer, or the visitor where the customer is unknown.
inline std::string_view key_of(const Event& event) {
  if (event.topic() == Topic::kProducts) return event.text(field::products::kProductId);
  return event.customer_id().empty() ? event.visitor_id() : event.customer_id();
}

}  // namespace nudge
