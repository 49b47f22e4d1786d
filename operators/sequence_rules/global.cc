#include "operators/sequence_rules/global.h"

#include <deque>

#include "operators/rules/told_sales.h"
#include "operators/sequence_rules/learner.h"

namespace nudge::sequence_rules {
namespace {

class GlobalSequenceRules final : public GlobalOperator {
 public:
  explicit GlobalSequenceRules(Settings settings)
      : settings_(std::move(settings)), sales_("sequence_rules", settings_.epoch) {
    for (const RuleSet& set : settings_.all) learners_.emplace_back(set);
  }

  void merge(std::string_view partial) override { sales_.hear(partial); }

  void learn(Millis epoch_end, bool last, GlobalContext& context) override {
    // None is too old: a purchase is in a spell or starts one by what came before, back to the customer's first.
    const std::vector<std::uint32_t> changed = sales_.settle(kBeforeAll, settings_.sales_most);
    for (Learner& learner : learners_) learner.forget(changed);
    if (last) return;  // who belongs to what is known in the end
    for (Learner& learner : learners_)
      if (const auto until = learner.due(epoch_end)) learner.learn(*until, sales_.window(), sales_.products(), context);
  }

  void conclude(std::string_view from_task) override { sales_.hear(from_task); }

  void finish(Millis end, GlobalContext& context) override {
    for (Learner& learner : learners_) learner.learn(end, sales_.window(), sales_.products(), context);
  }

  void report(JsonWriter& json) override {
    json.key("sequence_rules");
    json.begin_object();
    json.member("sales", static_cast<std::uint64_t>(sales_.window().size()));
    json.member("sales_left_out", sales_.left_out());
    for (std::size_t i = 0; i < learners_.size(); ++i) {
      json.key(settings_.all[i].name);
      learners_[i].report(json);
    }
    json.end_object();
  }

  void encode(Encoder& out) const override {
    sales_.encode(out);
    for (const Learner& learner : learners_) learner.encode(out);
  }

  void decode(Decoder& in) override {
    bool is_good = sales_.decode(in);
    for (Learner& learner : learners_) is_good = is_good && learner.decode(in);
    if (!is_good) in.fail();
  }

 private:
  Settings settings_;
  ToldSales sales_;
  std::deque<Learner> learners_;
};

}  // namespace

std::unique_ptr<GlobalOperator> make_global(Settings settings) {
  return std::make_unique<GlobalSequenceRules>(std::move(settings));
}

}  // namespace nudge::sequence_rules
