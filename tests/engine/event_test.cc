// Events as bytes: what EventWriter writes, Event reads; the tables of names behind both.
#include "engine/event.h"

#include <gtest/gtest.h>

#include "engine/member_table.h"

namespace nudge {
namespace {

TEST(Event, ReadsWhatWasWritten) {
  using namespace field::transactions;
  std::string bytes;
  EventWriter writer(bytes, Topic::kTransactions, 1'709'287'872'123);
  writer.text(field::kEventId, "e1");
  writer.text(field::kCustomerId, "c1");
  writer.text(field::kSource, "");
  writer.text(field::kExtra, R"("x":[1,2])");
  writer.byte(kKind, static_cast<std::uint8_t>(TransactionKind::kReturn));
  writer.number(kVersion, -5'000'000'000);
  writer.text(kStoreId, std::string(300, 's'));
  writer.begin_list(kCoupons, 2);
  writer.item(std::string_view("WELCOME"));
  writer.item(std::string_view());
  writer.end_list();
  writer.begin_list(kLines, 2);
  writer.item(LineItem{"p1", 1'500, 19'990'000, 24'990'000, {}, 0, "size"});
  writer.item(LineItem{"p2", kMilliLimit - 1, kMicroLimit - 1, {}, kMicroLimit - 1, {}, ""});
  writer.end_list();

  const Event event(bytes);
  EXPECT_EQ(event.topic(), Topic::kTransactions);
  EXPECT_EQ(event.time(), 1'709'287'872'123);
  EXPECT_EQ(event.number(field::kEventTime), event.time());
  EXPECT_TRUE(event.has(field::kEventTime));
  EXPECT_EQ(event.event_id(), "e1");
  EXPECT_EQ(event.customer_id(), "c1");
  EXPECT_EQ(event.text(field::kExtra), R"("x":[1,2])");
  EXPECT_EQ(event.choice(kKind, TransactionKind::kSale), TransactionKind::kReturn);
  EXPECT_EQ(event.number(kVersion), -5'000'000'000);
  EXPECT_EQ(event.text(kStoreId), std::string(300, 's'));

  // Empty is not missing.
  EXPECT_TRUE(event.has(field::kSource));
  EXPECT_EQ(event.source(), "");
  for (const Field missing : {field::kVisitorId, field::kSchemaVersion, kTransactionId, kChannel, kPaymentMethod}) {
    SCOPED_TRACE(int{missing});
    EXPECT_FALSE(event.has(missing));
    EXPECT_EQ(event.text(missing), "");
    EXPECT_EQ(event.number(missing), std::nullopt);
  }
  EXPECT_EQ(event.choice(kChannel, SaleChannel::kPhone), SaleChannel::kPhone);

  auto coupons = event.texts(kCoupons);
  std::string_view coupon;
  EXPECT_EQ(coupons.left(), 2u);
  ASSERT_TRUE(coupons.next(coupon));
  EXPECT_EQ(coupon, "WELCOME");
  ASSERT_TRUE(coupons.next(coupon));
  EXPECT_EQ(coupon, "");
  EXPECT_FALSE(coupons.next(coupon));

  auto lines = event.lines(kLines);
  LineItem line;
  ASSERT_TRUE(lines.next(line));
  EXPECT_EQ(line.product_id, "p1");
  EXPECT_EQ(line.quantity, 1'500);
  EXPECT_EQ(line.unit_price, 19'990'000);
  EXPECT_EQ(line.list_price, 24'990'000);
  EXPECT_EQ(line.discount, std::nullopt);
  EXPECT_EQ(line.unit_cost, 0);
  EXPECT_EQ(line.return_reason, "size");
  ASSERT_TRUE(lines.next(line));
  EXPECT_EQ(line.quantity, kMilliLimit - 1);
  EXPECT_EQ(line.unit_price, kMicroLimit - 1);
  EXPECT_EQ(line.list_price, std::nullopt);
  EXPECT_EQ(line.discount, kMicroLimit - 1);
  EXPECT_EQ(line.unit_cost, std::nullopt);
  EXPECT_EQ(line.return_reason, "");
  EXPECT_FALSE(lines.next(line));
}

TEST(Event, KeepsProfiles) {
  using namespace field::customers;
  std::string bytes;
  EventWriter writer(bytes, Topic::kCustomers, 0);
  writer.begin_list(kIdentities, 1);
  writer.item(Identity{"visitor", "v1"});
  writer.end_list();
  writer.begin_list(kConsents, 2);
  writer.item(Consent{Channel::kVideo, ConsentStatus::kRevoked, kLastTime});
  writer.item(Consent{Channel::kSms, ConsentStatus::kGranted, {}});
  writer.end_list();
  writer.byte(kTombstone, 1);

  const Event event(bytes);
  EXPECT_EQ(event.time(), 0);
  EXPECT_EQ(event.number(kTombstone), 1);
  auto identities = event.identities(kIdentities);
  Identity identity;
  ASSERT_TRUE(identities.next(identity));
  EXPECT_EQ(identity.type, "visitor");
  EXPECT_EQ(identity.value, "v1");
  EXPECT_FALSE(identities.next(identity));
  auto consents = event.consents(kConsents);
  Consent consent;
  ASSERT_TRUE(consents.next(consent));
  EXPECT_EQ(consent.channel, Channel::kVideo);
  EXPECT_EQ(consent.status, ConsentStatus::kRevoked);
  EXPECT_EQ(consent.at, kLastTime);
  ASSERT_TRUE(consents.next(consent));
  EXPECT_EQ(consent.channel, Channel::kSms);
  EXPECT_EQ(consent.at, std::nullopt);
  EXPECT_FALSE(consents.next(consent));
}

TEST(Event, HasNothingWithoutBytes) {
  const Event event;
  EXPECT_FALSE(event.has(field::kEventId));
  EXPECT_EQ(event.lines(field::transactions::kLines).left(), 0u);
}

TEST(EventDeathTest, FieldsOutOfOrderAreABug) {
  std::string bytes;
  EventWriter writer(bytes, Topic::kCare, 0);
  writer.text(field::kCustomerId, "c");
  EXPECT_DEATH(writer.text(field::kEventId, "e"), "rising order");
  EXPECT_DEATH(writer.text(field::kCustomerId, "c"), "rising order");
}

TEST(Schema, FindsEachFieldByItsNameAndNoOther) {
  for (std::size_t i = 0; i < kTopicCount; ++i) {
    const auto topic = static_cast<Topic>(i);
    const auto fields = fields_of(topic);
    for (std::size_t field = 0; field < fields.size(); ++field) {
      const std::string name(fields[field].name);
      SCOPED_TRACE(std::string(name_of(topic)) + "." + name);
      if (field == field::kExtra) {
        EXPECT_EQ(field_named(topic, name), std::nullopt);
        continue;
      }
      EXPECT_EQ(field_named(topic, name), static_cast<Field>(field));
      for (std::size_t at = 0; at < name.size(); ++at) {
        std::string other = name;
        other[at] ^= 1;
        EXPECT_EQ(field_named(topic, other), std::nullopt) << other;
        EXPECT_EQ(field_named(topic, name + name.substr(at)), std::nullopt);
      }
      EXPECT_EQ(field_named(topic, name + '\0'), std::nullopt);
    }
  }
}

TEST(Schema, NumbersTheChoicesInTheOrderOfTheContract) {
  EXPECT_EQ(channel_names()[static_cast<std::size_t>(Channel::kAds)], "ads");
  EXPECT_EQ(channel_names().size(), kChannelCount);
  const auto choice = [](Topic topic, Field field, std::string_view name) {
    return members_of(topic).choices[field]->find(name);
  };
  EXPECT_EQ(choice(Topic::kTransactions, field::transactions::kKind, "cancel"),
            static_cast<int>(TransactionKind::kCancel));
  EXPECT_EQ(choice(Topic::kTransactions, field::transactions::kChannel, "phone"),
            static_cast<int>(SaleChannel::kPhone));
  EXPECT_EQ(choice(Topic::kPageViews, field::page_views::kAction, "identify"), static_cast<int>(PageAction::kIdentify));
  EXPECT_EQ(choice(Topic::kPageViews, field::page_views::kAction, "cart_view"),
            static_cast<int>(PageAction::kCartView));
  EXPECT_EQ(choice(Topic::kCampaignEvents, field::campaign_events::kAction, "complained"),
            static_cast<int>(CampaignAction::kComplained));
  EXPECT_EQ(choice(Topic::kCare, field::care::kType, "question"), static_cast<int>(CareType::kQuestion));
  EXPECT_EQ(choice(Topic::kCare, field::care::kType, "questions"), NameTable::kNone);
}

}  // namespace
}  // namespace nudge
