// The operator as the engine calls it: which records are written, what they say, what the tasks tell the global part.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>
#include <string>

#include "config/loader.h"
#include "operators/rfm/cut_points.h"
#include "operators/rfm/lifetime_model.h"
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

  Event event(const std::string& id, const std::string& fields, Millis at, const std::string& customer = "c1") {
    return events_(Topic::kTransactions, R"({"event_id":")" + id + R"(","customer_id":")" + customer +
                                             R"(","event_time":)" + std::to_string(at) + R"(,"transaction_id":"t)" +
                                             id + R"(",)" + fields + "}");
  }
  Event sale(const std::string& id, int price, Millis at, const std::string& customer = "c1") {
    return event(
        id, R"("kind":"sale","lines":[{"product_id":"p","quantity":2,"unit_price":)" + std::to_string(price) + "}]", at,
        customer);
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
    for (const Model& model : context_.published) keyed_->adopt(model);
  }
  std::vector<std::string> lines() { return customer_.take_lines(output::kRfm); }

  JsonEvents events_;
  config::LoadedConfig config_ = config::load_text("", "test", {}, spec().parameters);
  ColumnCatalog columns_;
  OperatorSetup setup_{config_.root, config_.root, columns_};
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
  keyed->restore(customer_);
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

// Customers of whom most come back now and then, and some stay away.
class RfmLifetime : public RfmOperator {
 protected:
  void populate(int customers, unsigned seed = 1) {
    std::mt19937_64 random(seed);
    for (int i = 0; i < customers; ++i) {
      const std::string id = "c" + std::to_string(customers_.size());
      FakeCustomer& customer = customers_.emplace_back(std::vector{&spec()}, std::span<const Column>{}, id);
      Millis at = kStart + static_cast<Millis>(random() % 30) * kDay;
      for (std::uint64_t order = 1 + i % 4; order > 0; --order) {
        sell(customer, sale(id + "-" + std::to_string(order), 5 + static_cast<int>(random() % 40), at, id));
        at += static_cast<Millis>(1 + random() % 20) * kDay;
      }
    }
  }
  void sell(FakeCustomer& customer, const Event& sale) {
    customer.at(sale);
    keyed_->record(sale, true, customer);
    keyed_->apply(sale, customer);
    keyed_->settle(customer);
  }
  std::string final_line(FakeCustomer& customer, Millis at) {
    customer.take_lines(output::kRfm);
    FakeTimeline timeline;
    customer.at(at, Cause::Kind::kFinish);
    keyed_->finish(customer, timeline);
    return customer.take_lines(output::kRfm).at(0);
  }
  void learn_at(Millis epoch_end, bool last = false) {
    global_->merge(keyed_->partial(epoch_end));
    global_->learn(epoch_end, last, context_);
    for (const Model& model : context_.published) keyed_->adopt(model);
  }
  std::vector<LifetimeModel> models() const {
    std::vector<LifetimeModel> found;
    for (const Model& model : context_.published)
      if (model.name == kLifetimeName) found.push_back(*LifetimeModel::decode(model.bytes));
    return found;
  }

  static constexpr Millis kEnd = kStart + 120 * kDay;
  std::deque<FakeCustomer> customers_;
};

TEST_F(RfmLifetime, IsUnknownUntilEnoughCustomersHaveComeBack) {
  populate(132);  // of whom 99 came back
  learn_at(kEnd);
  EXPECT_THAT(models(), IsEmpty());
  EXPECT_THAT(final_line(customers_[1], kEnd),
              HasSubstr(R"("p_alive":null,"expected_orders_90d":null,"clv_365d":null)"));
  populate(4, 2);
  learn_at(kEnd);
  ASSERT_EQ(models().size(), 1u);
  EXPECT_EQ(models()[0].model, PurchaseModel::kMbgNbd) << "by default";
  EXPECT_THAT(context_.outputs().lines(output::kModels),
              AllOf(HasSubstr(R"("name":"btyd","version":1,"valid_from":"2024-01-02T00:00:00.000Z")"),
                    HasSubstr(R"("model":"mbg_nbd","unit":"7d","r":)"), HasSubstr(R"("repeat_customers":102)")));
}

TEST_F(RfmLifetime, FollowsFromThePublishedParameters) {
  populate(200);
  learn_at(kEnd);
  ASSERT_EQ(models().size(), 1u);
  FakeCustomer customer({&spec()}, {}, "new");
  const Millis first = kEnd + kDay, second = first + 10 * kDay;
  sell(customer, sale("n1", 10, first, "new"));
  sell(customer, sale("n2", 15, second, "new"));
  const Lifetime expected = models()[0].of({2, first, second, 30'000'000}, second + kWeek);
  std::string figures;
  JsonWriter json(figures);
  json.begin_object();
  json.member("p_alive", expected.p_alive);
  json.member("expected_orders_90d", expected.expected_orders_90d);
  json.member("clv_365d", expected.clv_365d.value());
  json.end_object();
  EXPECT_THAT(final_line(customer, second + kWeek), HasSubstr(figures.substr(1, figures.size() - 2)));
  EXPECT_GT(expected.clv_365d.value(), 0);
}

TEST_F(RfmLifetime, OfAPopulationDoesNotShowTasksCorrectionsOrTheErased) {
  populate(160);
  learn_at(kEnd, true);

  // The same customers in two tasks, one epoch after the other, with an order that is taken back, one that is moved to
  // an earlier time, and a customer who is erased.
  const auto other_global = spec().make_global(setup_);
  const std::unique_ptr<KeyedOperator> tasks[] = {spec().make(setup_), spec().make(setup_)};
  FakeGlobal other;
  std::mt19937_64 random(1);
  const auto end_epoch = [&](Millis epoch_end, bool last) {
    for (const auto& task : tasks) other_global->merge(task->partial(epoch_end));
    other_global->learn(epoch_end, last, other);
  };
  const auto apply = [&](KeyedOperator& task, FakeCustomer& customer, const Event& sale) {
    customer.at(sale);
    task.apply(sale, customer);
    task.settle(customer);
  };
  const auto retract = [&](KeyedOperator& task, FakeCustomer& customer, const Event& sale) {
    customer.at(sale.time(), Cause::Kind::kMove);
    task.retract(sale, customer);
    task.settle(customer);
  };
  std::deque<FakeCustomer> customers;
  for (int i = 0; i < 160; ++i) {
    const std::string id = "c" + std::to_string(i);
    KeyedOperator& task = *tasks[i % 2];
    FakeCustomer& customer = customers.emplace_back(std::vector{&spec()}, std::span<const Column>{}, id);
    Millis at = kStart + static_cast<Millis>(random() % 30) * kDay;
    for (std::uint64_t order = 1 + i % 4; order > 0; --order) {
      const int price = 5 + static_cast<int>(random() % 40);
      const Event right = sale(id + "-" + std::to_string(order), price, at, id);
      if (i % 5 == 0) {
        const Event wrong = sale(id + "x" + std::to_string(order), price + 1, at + 3 * kDay, id);
        apply(task, customer, wrong);
        if (i % 10 == 0) end_epoch(kStart + i * kHour, false);
        retract(task, customer, wrong);
      }
      apply(task, customer, right);
      at += static_cast<Millis>(1 + random() % 20) * kDay;
    }
  }
  FakeCustomer gone(std::vector{&spec()}, {}, "gone");
  apply(*tasks[0], gone, sale("g1", 500, kStart, "gone"));
  end_epoch(kStart + 60 * kDay, false);
  apply(*tasks[0], gone, sale("g2", 500, kStart + kDay, "gone"));
  tasks[0]->erase(gone);
  end_epoch(kEnd, true);

  ASSERT_FALSE(other.published.empty());
  ASSERT_FALSE(context_.published.empty());
  EXPECT_EQ(other.published.back().name, kLifetimeName);
  EXPECT_EQ(other.published.back().bytes, context_.published.back().bytes);
}

TEST_F(RfmLifetime, TasksAndTheLearnerGoOnFromTheirStoredState) {
  populate(160);
  learn_at(kStart + 60 * kDay);
  populate(40, 2);
  std::string task, global;
  Encoder task_encoder(task), global_encoder(global);
  keyed_->encode_task(task_encoder);
  global_->encode(global_encoder);
  const auto keyed = spec().make(setup_);
  const auto learner = spec().make_global(setup_);
  Decoder task_decoder(task), global_decoder(global);
  keyed->decode_task(task_decoder);
  learner->decode(global_decoder);
  ASSERT_TRUE(task_decoder.ok() && task_decoder.at_end());
  EXPECT_LT(task.size(), 20u) << "written with every commit";
  for (const FakeCustomer& customer : customers_) keyed->restore(customer);
  ASSERT_TRUE(global_decoder.ok() && global_decoder.at_end());

  FakeGlobal other;
  learner->merge(keyed->partial(kEnd));
  learner->learn(kEnd, false, other);
  learn_at(kEnd);
  EXPECT_EQ(other.published.back().version, 2);
  EXPECT_EQ(other.published.back().bytes, context_.published.back().bytes);
  EXPECT_EQ(other.outputs().lines(output::kModels).substr(0, 20),
            context_.outputs().lines(output::kModels).substr(0, 20));
}

TEST_F(RfmLifetime, IsOfTheModelThatTheConfigurationNames) {
  config_ = config::load_text("lifetime_model: bg_nbd", "test", {}, spec().parameters);
  ASSERT_TRUE(config_.problems.empty());
  global_ = spec().make_global(setup_);
  populate(200);
  learn_at(kEnd);
  ASSERT_EQ(models().size(), 1u);
  EXPECT_EQ(models()[0].model, PurchaseModel::kBgNbd);
  EXPECT_THAT(final_line(customers_[0], kEnd), HasSubstr(R"("p_alive":1,)")) << "who has ordered once";
  EXPECT_FALSE(config::load_text("lifetime_model: pareto", "test", {}, spec().parameters).problems.empty());
}

}  // namespace
}  // namespace nudge::rfm
