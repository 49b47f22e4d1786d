#include "operators/rules/sale_teller.h"

#include <algorithm>
#include <utility>

#include "engine/customer_condition.h"
#include "operators/rules/catalogue_teller.h"
#include "operators/rules/sale_reader.h"
#include "operators/rules/section.h"
#include "operators/rules/task_log.h"
#include "operators/rules/told.h"

namespace nudge::rules {
namespace {

class SaleTeller final : public KeyedOperator {
 public:
  SaleTeller(Telling telling, const OperatorSetup& setup)
      : telling_(std::move(telling)), catalogue_(setup.products, setup.task, setup.tasks) {
    for (const Segment& segment : telling_.segments)
      segments_.emplace_back(segment.bit, CustomerCondition(segment.where, setup.columns));
  }

  void apply(const Event& event, CustomerContext& customer) override {
    if (!is_sale(event)) return;
    entry_.kind = Told::kSale;
    if (const std::size_t left_out = read_lines(event, telling_.with_discounts, entry_.lines); left_out > 0)
      customer.count("lines_left_out", left_out);
    tell_of(event, hash128(customer.customer_id()));
    if (segments_.empty()) return;
    const auto* known = customer.peek<CustomerSegments>();
    if (!known || known->newest_sale < event.time()) customer.section<CustomerSegments>().newest_sale = event.time();
  }

  void retract(const Event& event, CustomerContext& customer) override {
    if (!is_sale(event)) return;
    entry_.kind = Told::kSaleGone;
    tell_of(event, hash128(customer.customer_id()));
  }

  // All visitors are one customer, who is in no segment.
  void unowned(const Event& event, bool holds) override {
    if (!is_sale(event)) return;
    entry_.kind = holds ? Told::kSale : Told::kSaleGone;
    if (holds) read_lines(event, telling_.with_discounts, entry_.lines);
    tell_of(event, {});
  }

  Millis next_sweep(Millis after) const override { return telling_.next_slide(after); }

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
  void tell_of(const Event& sale, const Hash128& customer) {
    entry_.customer = customer;
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
    if (known.newest_sale + telling_.reach <= customer.now()) return segments;
    for (auto& [bit, condition] : segments_)
      if (condition.holds(customer)) segments |= std::uint64_t{1} << bit;
    return segments;
  }

  const Telling telling_;
  std::vector<std::pair<std::uint8_t, CustomerCondition>> segments_;
  CatalogueTeller catalogue_;
  TaskLog log_;
  std::string conclusion_;
  Entry entry_;
};

}  // namespace

void Telling::add(const Scope& scope, Millis slide) {
  with_discounts = with_discounts || scope.uses(Attribute::kDiscountLevel);
  if (!scope.has_segments()) return;
  slides.push_back(slide);
  for (const Segment& segment : scope.segments)
    if (!segment.is_everybody) segments.push_back(segment);
}

Millis Telling::next_slide(Millis after) const {
  Millis next = kNever;
  for (const Millis slide : slides) next = std::min(next, floor_to(after, slide) + slide);
  return next;
}

std::unique_ptr<KeyedOperator> make_sale_teller(Telling telling, const OperatorSetup& setup) {
  return std::make_unique<SaleTeller>(std::move(telling), setup);
}

}  // namespace nudge::rules
