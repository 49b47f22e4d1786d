// The fields of the input topics (contract, section 2), declared once. Decoding, validation, CSV and SQL
// columns follow from these tables.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/topic.h"

namespace nudge {

enum class FieldType : std::uint8_t {
  kText,        // any string
  kIdentifier,  // a non-empty string
  kInteger,     // saturates at 64 bits
  kBoolean,
  kTime,
  kMoney,       // Micro, not negative
  kQuantity,    // Milli, positive
  kChoice,      // the index into `choices`
  kTexts,       // an array of strings
  kLines,       // the lines of a transaction
  kIdentities,  // {type, value} of a profile
  kConsents,    // {channel, status, at} of a profile
  kObject,      // an object, kept as JSON text
  kAny,         // any JSON value, kept as JSON text
};

// A field's number is its place in its topic's table; the common fields have the same in all.
using Field = std::uint8_t;

struct FieldSpec {
  std::string_view name;
  FieldType type;
  bool required = false;
  std::span<const std::string_view> choices = {};
};

std::span<const FieldSpec> fields_of(Topic topic);
std::optional<Field> field_named(Topic topic, std::string_view name);

namespace field {

// Common to all topics. kExtra is no field of the contract: the unknown members of the record as JSON text
// without the braces and white space (`"a":1,"b":[2]`), in their order. Its name is empty: no member is called so.
inline constexpr Field kEventId = 0, kEventTime = 1, kCustomerId = 2, kVisitorId = 3, kSource = 4, kSchemaVersion = 5,
                       kExtra = 6;
inline constexpr Field kFirstOwn = 7;

namespace transactions {
inline constexpr Field kTransactionId = 7, kKind = 8, kVersion = 9, kOriginalTransactionId = 10, kChannel = 11,
                       kStoreId = 12, kCurrency = 13, kCoupons = 14, kCampaignId = 15, kPaymentMethod = 16, kLines = 17;
}
namespace page_views {
inline constexpr Field kSessionId = 7, kAction = 8, kProductId = 9, kQuantity = 10, kPrice = 11, kUrl = 12,
                       kReferrer = 13, kQuery = 14, kDevice = 15, kRegion = 16, kPromotionId = 17;
}
namespace campaign_events {
inline constexpr Field kCampaignId = 7, kAction = 8, kChannel = 9, kMessageId = 10, kMachine = 11, kGroup = 12,
                       kCost = 13, kTransactionId = 14, kValue = 15;
}
namespace products {
inline constexpr Field kProductId = 7, kName = 8, kCategory = 9, kDepartment = 10, kAudience = 11, kBrand = 12,
                       kColour = 13, kListPrice = 14, kUnitCost = 15, kLaunchedAt = 16;
}
namespace customers {
inline constexpr Field kGender = 7, kBirthYear = 8, kAgeBand = 9, kCity = 10, kCitySize = 11, kCountry = 12,
                       kJoinedAt = 13, kIdentities = 14, kConsents = 15, kAttributes = 16, kTombstone = 17;
}
namespace care {
inline constexpr Field kType = 7, kReason = 8, kProductId = 9, kTransactionId = 10, kStatus = 11;
}

}  // namespace field

// The values of the choices, in the order of the contract.
enum class TransactionKind : std::uint8_t { kSale, kReturn, kCancel };
enum class SaleChannel : std::uint8_t { kOnline, kStore, kPhone, kMarketplace };
enum class PageAction : std::uint8_t {
  kView,
  kProductView,
  kListView,
  kSearch,
  kCartAdd,
  kCartRemove,
  kCartView,
  kCheckout,
  kPromoView,
  kPromoClick,
  kIdentify
};
enum class CampaignAction : std::uint8_t {
  kSent,
  kDelivered,
  kBounced,
  kOpened,
  kClicked,
  kConverted,
  kUnsubscribed,
  kComplained,
  kAssigned
};
enum class Channel : std::uint8_t { kEmail, kSms, kPush, kWeb, kCall, kMail, kAds, kVideo };
enum class ConsentStatus : std::uint8_t { kGranted, kDenied, kRevoked };
enum class CareType : std::uint8_t { kComplaint, kResignation, kQuestion };

inline constexpr std::size_t kChannelCount = 8;
std::span<const std::string_view> channel_names();  // email, sms, …

}  // namespace nudge
