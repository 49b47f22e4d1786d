// The members of an object of the contract (a record of a topic, or an item of one of its lists) with what decoding
// needs to know of them beyond their declaration.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "engine/name_table.h"
#include "engine/schema.h"

namespace nudge {

// How a field's payload lies in an event (engine/event.h).
enum class Payload : std::uint8_t { kBytes, kVarint, kByte };

struct MemberTable {
  std::span<const FieldSpec> fields;
  NameTable names;
  std::array<Payload, NameTable::kNamesMax> payloads{};
  std::array<const NameTable*, NameTable::kNamesMax> choices{};  // null where the field is no choice
  std::uint32_t required = 0;                                    // one bit per field
  std::uint32_t lenient = 0;  // fields that, with a value of another type, count as unknown members
};

extern const std::array<MemberTable, kTopicCount> kTopicMembers;
inline const MemberTable& members_of(Topic topic) { return kTopicMembers[static_cast<std::size_t>(topic)]; }

// The items of the lists, with the numbers of their members.
namespace line_member {
inline constexpr Field kProductId = 0, kQuantity = 1, kUnitPrice = 2, kListPrice = 3, kDiscount = 4, kUnitCost = 5,
                       kReturnReason = 6;
}
namespace identity_member {
inline constexpr Field kType = 0, kValue = 1;
}
namespace consent_member {
inline constexpr Field kChannel = 0, kStatus = 1, kAt = 2;
}
extern const MemberTable kLineTable, kIdentityTable, kConsentTable;

}  // namespace nudge
