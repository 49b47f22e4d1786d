#include "operators/basket_rules/keyed.h"

#include <utility>

#include "engine/customer_condition.h"
#include "operators/basket_rules/catalogue_teller.h"
#include "operators/basket_rules/sale_reader.h"
#include "operators/basket_rules/section.h"
#include "operators/basket_rules/task_log.h"
#include "operators/basket_rules/told.h"

namespace nudge::basket_rules {
namespace {

class KeyedBasketRules final : public KeyedOperator {
 public:
  KeyedBasketRules(Settings settings, const OperatorSetup& setup)
      : settings_(std::move(settings)),
        with_discounts_(settings_.uses(Attribute::kDiscountLevel)),
        window_(settings_.longest_window()),
        catalogue_(setup.products, setup.task, setup.tasks) {
    for (const RuleSet& set : settings_.all)
      for (const Segment& segment : set.segments)
        if (!segment.is_everybody) segments_.emplace_back(segment.bit, CustomerCondition(segment.where, setup.columns));
  }

  void apply(const Event& event, CustomerContext& customer) override {
    if (!is_sale(event)) return;
    entry_.kind = Told::kSale;
    if (const std::size_t left_out = read_lines(event, with_discounts_, entry_.lines); left_out > 0)
      customer.count("lines_left_out", left_out);
    tell_of(event, customer);
    if (segments_.empty()) return;
    const auto* known = customer.peek<CustomerSegments>();
    if (!known || known->newest_sale < event.time()) customer.section<CustomerSegments>().newest_sale = event.time();
  }

  void retract(const Event& event, CustomerContext& customer) override {
    if (!is_sale(event)) return;
    entry_.kind = Told::kSaleGone;
    tell_of(event, customer);
  }

  Millis next_sweep(Millis after) const override { return settings_.next_slide(after); }

  void sweep(CustomerContext& customer) override {
    const auto* known = customer.peek<CustomerSegments>();
    if (!known) return;
    const std::uint64_t segments = segments_at(customer, *known);
    if (segments == known->told) return;
    customer.section<CustomerSegments>().told = segments;
    tell_segments(customer, segments, log_.open());
    log_.end_entry();
  }

  std::string partial(Millis) override {
    std::string told = log_.take();
    catalogue_.tell(told);
    return told;
  }

  // Who belongs to what at the very end, after all other operators have had their say.
  void finish(CustomerContext& customer, TimelineReader&) override {
    const auto* known = customer.peek<CustomerSegments>();
    if (!known) return;
    if (const std::uint64_t segments = segments_at(customer, *known); segments != known->told)
      tell_segments(customer, segments, conclusion_);
  }
  std::string conclude() override { return std::exchange(conclusion_, {}); }

  void erase(CustomerContext& customer) override {
    entry_.kind = Told::kErased;
    entry_.customer = hash128(customer.customer_id());
    Encoder out(log_.open());
    entry_.encode(out);
    log_.end_entry();
  }

  void encode_task(Encoder&) const override {}
  void decode_task(Decoder&) override {}
  void write_task_pieces(PieceWriter& out) override { log_.write(out); }
  bool read_task_piece(std::uint64_t number, std::string_view bytes) override { return log_.read(number, bytes); }

 private:
  void tell_of(const Event& sale, const CustomerContext& customer) {
    entry_.customer = hash128(customer.customer_id());
    entry_.transaction = hash64(sale.text(field::transactions::kTransactionId));
    entry_.time = sale.time();
    Encoder out(log_.open());
    entry_.encode(out);
    log_.end_entry();
  }

  void tell_segments(const CustomerContext& customer, std::uint64_t segments, std::string& bytes) {
    entry_.kind = Told::kSegments;
    entry_.customer = hash128(customer.customer_id());
    entry_.segments = segments;
    Encoder out(bytes);
    entry_.encode(out);
  }

  // None where no window has a sale of the customer.
  std::uint64_t segments_at(const CustomerContext& customer, const CustomerSegments& known) {
    std::uint64_t segments = 0;
    if (known.newest_sale + window_ <= customer.now()) return segments;
    for (auto& [bit, condition] : segments_)
      if (condition.holds(customer)) segments |= std::uint64_t{1} << bit;
    return segments;
  }

  Settings settings_;
  const bool with_discounts_;
  const Millis window_;
  std::vector<std::pair<std::uint8_t, CustomerCondition>> segments_;
  CatalogueTeller catalogue_;
  TaskLog log_;
  std::string conclusion_;
  Entry entry_;
};

}  // namespace

std::unique_ptr<KeyedOperator> make_keyed(const OperatorSetup& setup) {
  return std::make_unique<KeyedBasketRules>(read_settings(setup), setup);
}

}  // namespace nudge::basket_rules
