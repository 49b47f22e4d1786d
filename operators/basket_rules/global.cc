#include "operators/basket_rules/global.h"

#include <deque>

#include "engine/check.h"
#include "engine/log.h"
#include "operators/basket_rules/learner.h"
#include "operators/basket_rules/products.h"
#include "operators/basket_rules/sale_window.h"
#include "operators/basket_rules/told.h"

namespace nudge::basket_rules {
namespace {

class GlobalBasketRules final : public GlobalOperator {
 public:
  explicit GlobalBasketRules(Settings settings) : settings_(std::move(settings)), window_(settings_.epoch) {
    for (const RuleSet& set : settings_.all) learners_.emplace_back(set, settings_.epoch);
  }

  void merge(std::string_view partial) override { hear(partial); }

  void learn(Millis epoch_end, bool last, GlobalContext& context) override {
    settle(epoch_end);
    if (last) return;  // who belongs to what is known in the end
    for (Learner& learner : learners_)
      if (const auto until = learner.due(epoch_end)) learner.learn(*until, window_, products_, context);
  }

  void conclude(std::string_view from_task) override { hear(from_task); }

  void finish(Millis end, GlobalContext& context) override {
    for (Learner& learner : learners_) learner.learn(end, window_, products_, context);
  }

  void report(JsonWriter& json) override {
    json.key("basket_rules");
    json.begin_object();
    json.member("sales", static_cast<std::uint64_t>(window_.size()));
    json.member("sales_left_out", left_out_);
    for (std::size_t i = 0; i < learners_.size(); ++i) {
      json.key(settings_.all[i].name);
      learners_[i].report(json);
    }
    json.end_object();
  }

  void encode(Encoder& out) const override {
    products_.encode(out);
    window_.encode(out);
    out.varint(left_out_);
    for (const Learner& learner : learners_) learner.encode(out);
  }

  void decode(Decoder& in) override {
    bool is_good = products_.decode(in) && window_.decode(in);
    left_out_ = in.varint();
    for (Learner& learner : learners_) is_good = is_good && learner.decode(in);
    if (!is_good) in.fail();
  }

 private:
  void hear(std::string_view told) {
    Decoder in(told);
    while (!in.at_end()) {
      NUDGE_CHECK(entry_.decode(in), "a log as a task wrote it");
      switch (entry_.kind) {
        case Told::kSale:
          lines_.clear();
          for (const ToldLine& line : entry_.lines)
            lines_.push_back(Line::of(products_.number_of(line.product), line.discount));
          window_.add(entry_.customer, entry_.transaction, entry_.time, lines_);
          break;
        case Told::kSaleGone:
          window_.remove(entry_.customer, entry_.transaction, entry_.time);
          break;
        case Told::kSegments:
          window_.set_segments(entry_.customer, entry_.segments);
          break;
        case Told::kErased:
          window_.forget(entry_.customer);
          break;
        case Told::kProduct:
          products_.set(entry_.product, entry_.facts);
          break;
      }
    }
  }

  void settle(Millis epoch_end) {
    window_.settle();
    // Slides may end before the epoch does.
    window_.forget_before(epoch_end - settings_.longest_window() - settings_.longest_slide());
    if (const std::size_t gone = window_.limit(settings_.sales_most); gone > 0) {
      if (left_out_ == 0)
        log::warn("basket_rules: more sales in the window than sales_max; the oldest are left out sales_max={}",
                  settings_.sales_most);
      left_out_ += gone;
    }
    const std::vector<std::uint32_t> changed = products_.take_changed();
    for (Learner& learner : learners_) learner.forget(changed);
  }

  Settings settings_;
  Products products_;
  SaleWindow window_;
  std::deque<Learner> learners_;
  std::uint64_t left_out_ = 0;
  Entry entry_;
  std::vector<Line> lines_;
};

}  // namespace

std::unique_ptr<GlobalOperator> make_global(Settings settings) {
  return std::make_unique<GlobalBasketRules>(std::move(settings));
}

}  // namespace nudge::basket_rules
