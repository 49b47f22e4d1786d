// The operator as the engine calls it: what it tells the others, when it wakes, what its columns say.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "config/loader.h"
#include "operators/sessions/page_view.h"
#include "operators/signals.h"
#include "tests/support/fake_customer.h"

namespace nudge::sessions {

const OperatorSpec& spec();

namespace {

using nudge::testing::FakeCustomer;
using nudge::testing::FakeTimeline;
using nudge::testing::JsonEvents;

constexpr Millis kStart = 1'704'067'200'000;  // 2024-01-01

class SessionsOperator : public ::testing::Test {
 protected:
  SessionsOperator() : keyed_(spec().make({config_.root, config_.root, columns_})) {}

  Event view(const std::string& action, Millis at, const std::string& more = R"(,"session_id":"s1")") {
    return events_(Topic::kPageViews, R"({"event_id":"e)" + std::to_string(++number_) +
                                          R"(","customer_id":"c1","event_time":)" + std::to_string(at) +
                                          R"(,"action":")" + action + "\"" + more + "}");
  }
  Event sale(Millis at) {
    return events_(
        Topic::kTransactions,
        R"({"event_id":"e)" + std::to_string(++number_) +
            R"(","customer_id":"c1","transaction_id":"t","kind":"sale","lines":)" +
            R"([{"product_id":"p","quantity":1,"unit_price":5}],"event_time":)" +
            std::to_string(at) + "}");
  }
  // The record arrives in time; `disorder` is a minute.
  void arrive(const Event& event) {
    customer_.at(event);
    customer_.set_watermark(std::max(customer_.watermark(), event.time() - kMinute));
    keyed_->apply(event, customer_);
    keyed_->settle(customer_);
  }
  void wake(Millis at) {
    customer_.set_watermark(at);
    customer_.at(at, Cause::Kind::kTimer);
    keyed_->timer(customer_);
    keyed_->settle(customer_);
  }
  template <typename Signal>
  std::vector<Signal> take() {
    return std::exchange(customer_.signals().of<Signal>(), {});
  }
  double real(std::string_view column) { return as_real(customer_.value_of(column), -1); }

  JsonEvents events_;
  int number_ = 0;
  config::LoadedConfig config_ = config::load_text("gap: 30m", "test", {}, spec().parameters);
  ColumnCatalog columns_;
  std::unique_ptr<KeyedOperator> keyed_;
  FakeCustomer customer_{{&spec()}};
};

TEST_F(SessionsOperator, TellsOfEachPageViewAndOfTheEnd) {
  arrive(view("product_view", kStart));
  auto touched = take<SessionTouched>();
  ASSERT_EQ(touched.size(), 1u);
  EXPECT_EQ(touched[0].session_id, "s1");
  EXPECT_EQ(touched[0].at, kStart);
  EXPECT_FALSE(touched[0].bought);
  EXPECT_EQ(customer_.due(), kStart + 30 * kMinute);

  arrive(sale(kStart + 10 * kMinute));
  EXPECT_TRUE(take<SessionTouched>().empty()) << "a sale is scored by nobody";
  arrive(view("view", kStart + 11 * kMinute));
  touched = take<SessionTouched>();
  ASSERT_EQ(touched.size(), 1u);
  EXPECT_TRUE(touched[0].bought);
  EXPECT_EQ(customer_.due(), kStart + 30 * kMinute) << "the timer is not armed again at each event";

  wake(kStart + 30 * kMinute);
  EXPECT_TRUE(take<SessionEnded>().empty());
  EXPECT_EQ(customer_.due(), kStart + 41 * kMinute);
  customer_.reload();
  wake(kStart + 41 * kMinute);
  const auto ended = take<SessionEnded>();
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].session, touched[0].session);
  EXPECT_EQ(ended[0].from, kStart);
  EXPECT_EQ(ended[0].until, kStart + 11 * kMinute);
}

TEST_F(SessionsOperator, TellsOfNoLateMovedOrRetractedPageView) {
  customer_.set_watermark(kStart + kMinute);
  const Event late = view("view", kStart);
  customer_.at(late);
  keyed_->apply(late, customer_);
  keyed_->settle(customer_);
  EXPECT_TRUE(take<SessionTouched>().empty());

  const Event moved = view("view", kStart + 2 * kMinute);
  customer_.at(kStart + 2 * kMinute, Cause::Kind::kMove);
  keyed_->apply(moved, customer_);
  keyed_->settle(customer_);
  EXPECT_TRUE(take<SessionTouched>().empty());
  EXPECT_EQ(real("page_views"), 2);

  for (const Event& event : {late, moved}) keyed_->retract(event, customer_);
  keyed_->settle(customer_);
  EXPECT_EQ(real("page_views"), 0);
  EXPECT_EQ(real("sessions"), 0);
  EXPECT_EQ(take<SessionEnded>().size(), 1u) << "who waits for the session's end need not wait for ever";
}

TEST_F(SessionsOperator, EarlierEventsOfTheVisitorAreInTheSessionThatTheLinkTouches) {
  const std::string by_visitor = R"(,"visitor_id":"v","device":"mobile")";
  const Event earlier = view("cart_add", kStart, by_visitor), link = view("identify", kStart + kMinute, by_visitor);
  customer_.at(link);
  for (const Event& event : {earlier, link}) keyed_->apply(event, customer_);
  keyed_->settle(customer_);
  const auto touched = take<SessionTouched>();
  ASSERT_EQ(touched.size(), 1u);
  EXPECT_EQ(touched[0].at, kStart + kMinute);
  EXPECT_EQ(touched[0].session_id, "");
  EXPECT_EQ(real("session_cart_adds"), 1);
  EXPECT_EQ(real("session_seconds"), 60);
}

TEST_F(SessionsOperator, ColumnsDescribeTheSessionTouchedLast) {
  const std::string other = R"(,"session_id":"s2","device":"mobile","region":"north","product_id":"p","price":12.5)";
  arrive(view("view", kStart));
  arrive(view("product_view", kStart + kSecond, other));
  arrive(view("cart_add", kStart + 2 * kSecond, other));
  EXPECT_EQ(customer_.value_of("session_device"), Value(std::string_view("mobile")));
  EXPECT_EQ(customer_.value_of("session_region"), Value(std::string_view("north")));
  EXPECT_EQ(real("session_product_views"), 1);
  EXPECT_EQ(real("session_cart_adds"), 1);
  EXPECT_EQ(real("session_page_views"), 2);
  EXPECT_EQ(real("session_products"), 1);
  EXPECT_EQ(real("session_last_price"), 12.5);
  EXPECT_EQ(real("session_hour"), 0);
  customer_.reload();
  EXPECT_EQ(customer_.value_of("session_device"), Value(std::string_view("mobile")));
  arrive(view("checkout", kStart + 3 * kSecond));
  EXPECT_EQ(real("session_checkouts"), 1);
  EXPECT_FALSE(is_known(customer_.value_of("session_device")));
  wake(kStart + kDay);
  EXPECT_FALSE(is_known(customer_.value_of("session_checkouts"))) << "no session is open";
}

TEST_F(SessionsOperator, ColumnsDescribeTheVisitsSoFar) {
  EXPECT_EQ(real("sessions"), 0);
  EXPECT_FALSE(is_known(customer_.value_of("sessions_bought_share")));
  arrive(view("cart_add", kStart));
  arrive(sale(kStart + kMinute));
  wake(kStart + kDay);
  arrive(view("cart_add", kStart + 2 * kDay, R"(,"session_id":"s2")"));
  wake(kStart + 3 * kDay);
  EXPECT_EQ(real("sessions"), 2);
  EXPECT_EQ(real("sessions_bought_share"), 0.5);
  EXPECT_EQ(real("days_since_visit"), 1);
  EXPECT_EQ(real("days_between_visits"), 2);
  EXPECT_EQ(real("cart_adds_30d"), 2);
  EXPECT_EQ(customer_.value_of("last_visit_at"), Value(std::string_view("2024-01-03T00:00:00.000Z")));
  customer_.at(kStart + 31 * kDay, Cause::Kind::kSweep);
  EXPECT_EQ(real("sessions_30d"), 1);
}

TEST_F(SessionsOperator, FinishEndsWhatIsOpen) {
  arrive(view("view", kStart));
  FakeTimeline timeline;
  customer_.at(kStart + kMinute, Cause::Kind::kFinish);
  keyed_->finish(customer_, timeline);
  const auto ended = take<SessionEnded>();
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].until, kStart);
}

TEST(PageViews, AreSortedByWhereTheyComeFrom) {
  const struct {
    std::string_view referrer, url, name;
  } rows[] = {
      {"", "https://shop.example/a", ""},
      {"https://shop.example/b", "https://shop.example/a", "internal"},
      {"/b", "https://shop.example/a", "internal"},
      {"https://www.google.co.uk/search?q=x", "https://shop.example/", "search"},
      {"https://m.facebook.com", "https://shop.example/", "social"},
      {"https://mail.yahoo.com/", "https://shop.example/", "mail"},
      {"https://news.example:8080/x", "https://shop.example/", "other"},
      {"https://www.google.com/", "https://shop.example/?utm_source=x", "campaign"},
  };
  for (const auto& row : rows) EXPECT_EQ(name_of(referrer_of(row.referrer, row.url)), row.name) << row.referrer;
}

}  // namespace
}  // namespace nudge::sessions
