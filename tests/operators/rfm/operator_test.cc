// The operator as the engine calls it: which records are written, what they say, what the tasks tell the global part.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "operators/rfm/cut_points.h"
#include "tests/support/fake_customer.h"

namespace nudge::rfm {

const OperatorSpec& spec();

namespace {

using nudge::testing::FakeCustomer;
using nudge::testing::FakeTimeline;
using nudge::testing::JsonEvents;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Millis kStart = 1'704'067'200'000;  // 2024-01-01

// Keeps what is published.
class FakeGlobal final : public GlobalContext {
 public:
  void publish(std::string name, std::int64_t version, Millis trained_until, std::string bytes) override {
    published.push_back({std::move(name), version, valid_from(), trained_until, std::move(bytes)});
  }
  Millis valid_from() const override { return kStart + kDay; }
  Outputs& outputs() override { return outputs_; }
  std::vector<Model> published;

 private:
  Outputs outputs_;
};

class RfmOperator : public ::testing::Test {
 protected:
  RfmOperator() : keyed_(spec().make(setup_)), global_(spec().make_global(setup_)) {}

  Event event(const std::string& id, const std::string& fields, Millis at) {
    return events_(Topic::kTransactions, R"({"event_id":")" + id + R"(","customer_id":"c1","event_time":)" +
                                             std::to_string(at) + R"(,"transaction_id":"t)" + id + R"(",)" + fields +
                                             "}");
  }
  Event sale(const std::string& id, int price, Millis at) {
    return event(
        id, R"("kind":"sale","lines":[{"product_id":"p","quantity":2,"unit_price":)" + std::to_string(price) + "}]",
        at);
  }
  void own(const Event& record) {
    customer_.at(record);
    keyed_->record(record, true, customer_);
  }
  void buy(const Event& record) {
    own(record);
    keyed_->apply(record, customer_);
    keyed_->settle(customer_);
  }
  void learn(bool last) {
    global_->merge(keyed_->partial(kStart));
    global_->learn(kStart, last, context_);
    if (!context_.published.empty()) keyed_->adopt(context_.published.back());
  }
  std::vector<std::string> lines() { return customer_.take_lines(output::kRfm); }

  JsonEvents events_;
  config::Value config_;
  ColumnCatalog columns_;
  OperatorSetup setup_{config_, config_, columns_};
  std::unique_ptr<KeyedOperator> keyed_;
  std::unique_ptr<GlobalOperator> global_;
  FakeCustomer customer_{{&spec()}};
  FakeGlobal context_;
};

TEST_F(RfmOperator, WritesOneRecordPerOwnTransactionRecord) {
  buy(sale("1", 5, kStart));
  EXPECT_THAT(
      lines(),
      ElementsAre(AllOf(HasSubstr(R"("key":"c1")"), HasSubstr(R"("customer_id":"c1")"), HasSubstr(R"("trigger":"1")"),
                        HasSubstr(R"("as_of":"2024-01-01T00:00:00.000Z")"), HasSubstr(R"("recency_days":0)"),
                        HasSubstr(R"("orders":1,"items":2,"gross":10,"net":10,"returns_net":0,"margin":null)"),
                        HasSubstr(R"("interval_mean_days":null)"), HasSubstr(R"("r":null,"f":null,"m":null)"),
                        HasSubstr(R"("p_alive":null,"expected_orders_90d":null,"clv_365d":null)"))));
  own(event("2", R"("kind":"cancel","original_transaction_id":"unknown")", kStart + kDay));
  keyed_->settle(customer_);
  EXPECT_THAT(lines(), ElementsAre(AllOf(HasSubstr(R"("trigger":"2")"), HasSubstr(R"("recency_days":1)"))))
      << "a record without a fact is one too";
}

TEST_F(RfmOperator, WritesNothingForOtherRecordsAndOneMoveForChangedFacts) {
  const Event first = sale("1", 5, kStart);
  buy(first);
  lines();
  customer_.at(
      events_(Topic::kPageViews, R"({"event_id":"v","customer_id":"c1","event_time":1704067200000,"action":"view"})"));
  keyed_->settle(customer_);
  EXPECT_THAT(lines(), IsEmpty());
  customer_.at(kStart + kDay, Cause::Kind::kMove);
  keyed_->record(first, false, customer_);
  keyed_->retract(first, customer_);
  keyed_->settle(customer_);
  EXPECT_THAT(lines(),
              ElementsAre(AllOf(HasSubstr(R"("trigger":"move")"), HasSubstr(R"("orders":0)"),
                                HasSubstr(R"("first_order_at":null,"last_order_at":null,"recency_days":null)"))));
  customer_.at(kStart + 2 * kDay, Cause::Kind::kMove);
  keyed_->settle(customer_);
  EXPECT_THAT(lines(), IsEmpty()) << "nothing changed";
}

TEST_F(RfmOperator, WritesFinalRecordsWithTheClassesOfTheFinalPopulation) {
  buy(sale("1", 5, kStart));
  lines();
  learn(true);
  EXPECT_THAT(context_.published, ::testing::SizeIs(1));
  FakeTimeline timeline;
  customer_.at(kStart + 3 * kDay, Cause::Kind::kFinish);
  keyed_->finish(customer_, timeline);
  EXPECT_THAT(lines(), ElementsAre(AllOf(HasSubstr(R"("trigger":"final")"), HasSubstr(R"("recency_days":3)"),
                                         HasSubstr(R"("as_of":"2024-01-04T00:00:00.000Z")"),
                                         HasSubstr(R"("r":1,"f":1,"m":1)"))));
  EXPECT_EQ(customer_.value_of("f"), Value(std::int64_t{1}));
  customer_.reload();
  EXPECT_EQ(customer_.value_of("f"), Value(std::int64_t{1}));
}

TEST_F(RfmOperator, WritesNoFinalRecordForWhoOwnsNoTransactionRecord) {
  const Event first = sale("1", 5, kStart);
  buy(first);
  customer_.at(kStart, Cause::Kind::kMove);
  keyed_->record(first, false, customer_);
  keyed_->retract(first, customer_);
  keyed_->settle(customer_);
  lines();
  FakeTimeline timeline;
  customer_.at(kStart, Cause::Kind::kFinish);
  keyed_->finish(customer_, timeline);
  EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(RfmOperator, PublishesCutPointsWhenTheyChangeAndAlwaysAtTheEnd) {
  learn(false);
  EXPECT_THAT(context_.published, IsEmpty()) << "nobody has bought";
  buy(sale("1", 5, kStart));
  learn(false);
  learn(false);
  ASSERT_EQ(context_.published.size(), 1u);
  EXPECT_EQ(context_.published[0].name, kCutPointsName);
  EXPECT_EQ(CutPoints::decode(context_.published[0].bytes)->last_order_at[0], kStart);
  buy(sale("2", 5, kStart + kHour));
  learn(false);
  learn(true);
  ASSERT_EQ(context_.published.size(), 3u);
  EXPECT_EQ(context_.published[2].version, 3);
  EXPECT_THAT(context_.outputs().lines(output::kModels), HasSubstr(R"("name":"rfm.cut_points","version":3)"));
}

TEST_F(RfmOperator, TaskAndGlobalStateRoundTripAndAnErasedCustomerIsForgotten) {
  buy(sale("1", 5, kStart));
  learn(false);
  std::string task, global;
  Encoder task_encoder(task), global_encoder(global);
  keyed_->encode_task(task_encoder);
  global_->encode(global_encoder);

  const auto keyed = spec().make(setup_);
  Decoder task_decoder(task);
  keyed->decode_task(task_decoder);
  EXPECT_TRUE(task_decoder.ok() && task_decoder.at_end());
  EXPECT_EQ(keyed->partial(0), keyed_->partial(0));

  const auto learner = spec().make_global(setup_);
  Decoder global_decoder(global);
  learner->decode(global_decoder);
  EXPECT_TRUE(global_decoder.ok() && global_decoder.at_end());
  learner->merge(keyed->partial(kStart));
  learner->learn(kStart, false, context_);
  EXPECT_EQ(context_.published.size(), 1u) << "it knows what it has published";

  keyed->erase(customer_);
  learner->merge(keyed->partial(kStart));
  learner->learn(kStart, true, context_);
  EXPECT_EQ(context_.published.size(), 1u) << "nobody is left";
}

}  // namespace
}  // namespace nudge::rfm
