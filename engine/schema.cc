#include "engine/schema.h"

#include <array>

#include "engine/member_table.h"

namespace nudge {
namespace {

using enum FieldType;
using Names = std::span<const std::string_view>;

constexpr std::string_view kKinds[] = {"sale", "return", "cancel"};
constexpr std::string_view kSaleChannels[] = {"online", "store", "phone", "marketplace"};
constexpr std::string_view kPageActions[] = {"view",       "product_view", "list_view", "search",
                                             "cart_add",   "cart_remove",  "cart_view", "checkout",
                                             "promo_view", "promo_click",  "identify"};
constexpr std::string_view kCampaignActions[] = {"sent",      "delivered",    "bounced",    "opened",  "clicked",
                                                 "converted", "unsubscribed", "complained", "assigned"};
constexpr std::string_view kChannels[] = {"email", "sms", "push", "web", "call", "mail", "ads", "video"};
constexpr std::string_view kGroups[] = {"treatment", "control"};
constexpr std::string_view kConsentStatuses[] = {"granted", "denied", "revoked"};
constexpr std::string_view kCareTypes[] = {"complaint", "resignation", "question"};
static_assert(std::size(kChannels) == kChannelCount);

// The common fields, then a topic's own. The name of kExtra is empty: no member of a record is called so.
template <std::size_t kOwn>
constexpr std::array<FieldSpec, field::kFirstOwn + kOwn> with_common(const FieldSpec (&own)[kOwn],
                                                                     bool customer_required = false) {
  std::array<FieldSpec, field::kFirstOwn + kOwn> fields = {{{"event_id", kIdentifier, true},
                                                            {"event_time", kTime, true},
                                                            {"customer_id", kIdentifier, customer_required},
                                                            {"visitor_id", kIdentifier},
                                                            {"source", kText},
                                                            {"schema_version", kAny},
                                                            {"", kAny}}};
  for (std::size_t i = 0; i < kOwn; ++i) fields[field::kFirstOwn + i] = own[i];
  return fields;
}

constexpr auto kTransactions = with_common({{"transaction_id", kIdentifier, true},
                                            {"kind", kChoice, true, kKinds},
                                            {"version", kInteger},
                                            {"original_transaction_id", kIdentifier},
                                            {"channel", kChoice, false, kSaleChannels},
                                            {"store_id", kText},
                                            {"currency", kText},
                                            {"coupons", kTexts},
                                            {"campaign_id", kIdentifier},
                                            {"payment_method", kText},
                                            {"lines", kLines}});
constexpr auto kPageViews = with_common({{"session_id", kIdentifier},
                                         {"action", kChoice, true, kPageActions},
                                         {"product_id", kIdentifier},
                                         {"quantity", kQuantity},
                                         {"price", kMoney},
                                         {"url", kText},
                                         {"referrer", kText},
                                         {"query", kText},
                                         {"device", kText},
                                         {"region", kText},
                                         {"promotion_id", kIdentifier}});
constexpr auto kCampaignEvents = with_common({{"campaign_id", kIdentifier, true},
                                              {"action", kChoice, true, kCampaignActions},
                                              {"channel", kChoice, false, kChannels},
                                              {"message_id", kIdentifier},
                                              {"machine", kBoolean},
                                              {"group", kChoice, false, kGroups},
                                              {"cost", kMoney},
                                              {"transaction_id", kIdentifier},
                                              {"value", kMoney}});
constexpr auto kProducts = with_common({{"product_id", kIdentifier, true},
                                        {"name", kText},
                                        {"category", kText},
                                        {"department", kText},
                                        {"audience", kText},
                                        {"brand", kText},
                                        {"colour", kText},
                                        {"list_price", kMoney},
                                        {"unit_cost", kMoney},
                                        {"launched_at", kTime}});
constexpr auto kCustomers = with_common({{"gender", kText},
                                         {"birth_year", kInteger},
                                         {"age_band", kText},
                                         {"city", kText},
                                         {"city_size", kText},
                                         {"country", kText},
                                         {"joined_at", kTime},
                                         {"identities", kIdentities},
                                         {"consents", kConsents},
                                         {"attributes", kObject},
                                         {"tombstone", kBoolean}},
                                        true);
constexpr auto kCare = with_common({{"type", kChoice, true, kCareTypes},
                                    {"reason", kText},
                                    {"product_id", kIdentifier},
                                    {"transaction_id", kIdentifier},
                                    {"status", kText}});

constexpr FieldSpec kLineMembers[] = {{"product_id", kIdentifier, true},
                                      {"quantity", kQuantity, true},
                                      {"unit_price", kMoney, true},
                                      {"list_price", kMoney},
                                      {"discount", kMoney},
                                      {"unit_cost", kMoney},
                                      {"return_reason", kText}};
constexpr FieldSpec kIdentityMembers[] = {{"type", kText, true}, {"value", kIdentifier, true}};
constexpr FieldSpec kConsentMembers[] = {
    {"channel", kChoice, true, kChannels}, {"status", kChoice, true, kConsentStatuses}, {"at", kTime}};

struct ChoiceTable {
  Names choices;
  NameTable names;
};
template <std::size_t kCount>
consteval ChoiceTable choice_table(const std::string_view (&choices)[kCount]) {
  return {choices, NameTable(choices)};
}
constexpr std::array kChoiceTables = {choice_table(kKinds),           choice_table(kSaleChannels),
                                      choice_table(kPageActions),     choice_table(kCampaignActions),
                                      choice_table(kChannels),        choice_table(kGroups),
                                      choice_table(kConsentStatuses), choice_table(kCareTypes)};

constexpr Payload payload_of(FieldType type) {
  switch (type) {
    case kInteger:
    case kTime:
    case kMoney:
    case kQuantity:
      return Payload::kVarint;
    case kBoolean:
    case kChoice:
      return Payload::kByte;
    default:
      return Payload::kBytes;
  }
}

// The tombstone is nudge's own mark in a folder: another value than a boolean says nothing about it.
constexpr std::uint32_t kTombstoneBit = std::uint32_t{1} << field::customers::kTombstone;

consteval MemberTable member_table(std::span<const FieldSpec> fields, std::uint32_t lenient = 0) {
  std::array<std::string_view, NameTable::kNamesMax> names;
  MemberTable table;
  table.fields = fields;
  table.lenient = lenient;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    names[i] = fields[i].name;
    table.payloads[i] = payload_of(fields[i].type);
    table.required |= static_cast<std::uint32_t>(fields[i].required) << i;
    for (const ChoiceTable& choice : kChoiceTables)
      if (choice.choices.data() == fields[i].choices.data()) table.choices[i] = &choice.names;
  }
  table.names = NameTable(std::span(names).first(fields.size()));
  return table;
}

static_assert(kTransactions[field::transactions::kLines].name == "lines");
static_assert(kPageViews[field::page_views::kPromotionId].name == "promotion_id");
static_assert(kCampaignEvents[field::campaign_events::kValue].name == "value");
static_assert(kProducts[field::products::kLaunchedAt].name == "launched_at");
static_assert(kCustomers[field::customers::kTombstone].name == "tombstone");
static_assert(kCare[field::care::kStatus].name == "status");

}  // namespace

constinit const std::array<MemberTable, kTopicCount> kTopicMembers = {member_table(kTransactions),
                                                                      member_table(kPageViews),
                                                                      member_table(kCampaignEvents),
                                                                      member_table(kProducts),
                                                                      member_table(kCustomers, kTombstoneBit),
                                                                      member_table(kCare)};
constinit const MemberTable kLineTable = member_table(kLineMembers);
constinit const MemberTable kIdentityTable = member_table(kIdentityMembers);
constinit const MemberTable kConsentTable = member_table(kConsentMembers);

std::span<const FieldSpec> fields_of(Topic topic) { return members_of(topic).fields; }

std::optional<Field> field_named(Topic topic, std::string_view name) {
  const int found = members_of(topic).names.find(name);
  return found == NameTable::kNone ? std::nullopt : std::optional(static_cast<Field>(found));
}

std::span<const std::string_view> channel_names() { return kChannels; }

}  // namespace nudge
