#include "operators/segments/keyed.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "engine/check.h"
#include "engine/hash.h"
#include "operators/segments/customer_keeper.h"
#include "operators/segments/product_keeper.h"
#include "operators/segments/transaction_keeper.h"

namespace nudge::segments {
namespace {

class KeyedSegments final : public KeyedOperator {
 public:
  KeyedSegments(Settings settings, const ColumnCatalog& columns, const ProductCatalog* products)
      : settings_(std::move(settings)), products_known_(products) {
    NUDGE_CHECK(products || !settings_.needs_categories(), "products are there where a feature follows from them");
    for (const Segmentation& segmentation : settings_.all) {
      if (segmentation.of == Entity::kCustomers)
        all_.push_back(&customers_.emplace_back(segmentation, columns));
      else if (segmentation.of == Entity::kTransactions)
        all_.push_back(&transactions_.emplace_back(segmentation));
      else
        all_.push_back(&products_.emplace_back(segmentation));
    }
    needs_spending_ = settings_.needs_spending();
    if (const Segmentation* products = settings_.of_products()) novelty_ = products->novelty_name();
    by_piece_ = all_;
    std::sort(by_piece_.begin(), by_piece_.end(),
              [](const Keeper* left, const Keeper* right) { return left->first_piece() < right->first_piece(); });
  }

  void apply(const Event& event, CustomerContext& customer) override {
    touched_ = true;
    const CategoryCount categories = count_categories(event, customer);
    for (TransactionKeeper& keeper : transactions_) keeper.apply(event, categories, customer);
    for (ProductKeeper& keeper : products_) keeper.apply(event);
    if (needs_spending_ && event.topic() == Topic::kTransactions)
      customer.section<SegmentsSection>().spending().apply(event, new_products_);
  }
  void retract(const Event& event, CustomerContext& customer) override {
    touched_ = true;
    const std::optional<CategoryCount> categories = counted_categories(event, customer);
    for (TransactionKeeper& keeper : transactions_) keeper.retract(event, categories, customer);
    for (ProductKeeper& keeper : products_) keeper.retract(event);
    if (needs_spending_ && event.topic() == Topic::kTransactions &&
        !customer.section<SegmentsSection>().spending().retract(event))
      customer.count("sales_judged_too_long_ago");
  }

  void settle(CustomerContext& customer) override {
    if (const auto& labels = customer.signals().of<LabelKnown>(); !labels.empty())
      for (CustomerKeeper& keeper : customers_) keeper.hear(labels, customer);
    if (!std::exchange(touched_, false)) return;
    for (CustomerKeeper& keeper : customers_) look_at(keeper, customer);
    arm(customer);
  }

  void timer(CustomerContext& customer) override {
    for (CustomerKeeper& keeper : customers_) {
      const Standing* standing = customer.peek<SegmentsSection>()->find(keeper.segmentation().id);
      if (standing && standing->changes_at <= customer.now()) look_at(keeper, customer);
    }
    arm(customer);
  }

  Millis next_sweep(Millis after) const override {
    Millis next = kNever;
    for (const Segmentation& each : settings_.all) next = std::min(next, settings_.next_due(each, after));
    return next;
  }

  void sweep(CustomerContext& customer) override {
    const Millis due = customer.cause().event_time;
    for (CustomerKeeper& keeper : customers_)
      if (settings_.is_due(keeper.segmentation(), due)) look_at(keeper, customer);
    arm(customer);
  }

  std::string partial(Millis) override {
    std::string bytes;
    Encoder out(bytes);
    out.varint(all_.size());
    for (Keeper* keeper : all_) keeper->take_partial(out);
    return bytes;
  }

  void adopt(const Model& model) override {
    if (model.name == novelty_) {
      new_products_ = NewProducts::decode(model.bytes);
      NUDGE_CHECK(new_products_.has_value(), "a model as it was published");
      return;
    }
    for (Keeper* keeper : all_)
      if (keeper->segmentation().model_name() == model.name) keeper->adopt(model);
  }

  void close(CustomerContext& customer) override {
    for (CustomerKeeper& keeper : customers_) keeper.close(customer);
  }

  void finish(CustomerContext& customer, TimelineReader&) override {
    for (CustomerKeeper& keeper : customers_) keeper.finish(customer);
  }

  std::string conclude() override {
    std::string bytes;
    Encoder out(bytes);
    out.varint(customers_.size());
    for (const CustomerKeeper& keeper : customers_) {
      out.fixed32(keeper.segmentation().id);
      keeper.conclusion().encode(out);
    }
    return bytes;
  }

  void erase(CustomerContext& customer) override {
    touched_ = false;  // no settle follows what was applied before
    if (!customer.peek<SegmentsSection>()) return;
    for (CustomerKeeper& keeper : customers_) keeper.forget(customer);
  }

  void encode_task(Encoder& out) const override {
    out.varint(all_.size());
    for (const Keeper* keeper : all_) {
      std::string bytes;
      Encoder own(bytes);
      keeper->encode(own);
      out.fixed32(keeper->segmentation().id);
      out.text(bytes);
    }
  }
  void decode_task(Decoder& in) override {
    for (std::size_t left = in.count(5); left > 0; --left) {
      const std::uint32_t id = in.fixed32();
      Decoder own(in.text());
      Keeper* keeper = find(id);
      if (keeper && !keeper->decode(own)) in.fail();
    }
  }

  // Numbered by segmentation, then by place.
  void write_task_pieces(PieceWriter& out) override {
    auto forgotten = of_no_segmentation_.begin();
    for (Keeper* keeper : by_piece_) {
      for (; forgotten != of_no_segmentation_.end() && *forgotten < keeper->first_piece(); ++forgotten)
        out.erase(*forgotten);
      keeper->write_pieces(out);
    }
    for (; forgotten != of_no_segmentation_.end(); ++forgotten) out.erase(*forgotten);
    of_no_segmentation_.clear();
  }
  bool read_task_piece(std::uint64_t number, std::string_view bytes) override {
    if (Keeper* keeper = find(static_cast<std::uint32_t>(number >> 32))) return keeper->read_piece(bytes);
    of_no_segmentation_.push_back(number);
    return true;
  }

 private:
  static std::uint64_t transaction_of(const Event& event) {
    return hash64(event.text(field::transactions::kTransactionId));
  }
  bool has_categories(const Event& event) const { return products_known_ && event.topic() == Topic::kTransactions; }
  CategoryCount count_categories(const Event& event, CustomerContext& customer) {
    if (!has_categories(event)) return {};
    const CategoryCount count(event, *products_known_);
    customer.section<SegmentsSection>().categories().keep(transaction_of(event), count);
    return count;
  }
  // As the sale was counted when it came.
  std::optional<CategoryCount> counted_categories(const Event& event, CustomerContext& customer) {
    if (!has_categories(event)) return std::nullopt;
    return customer.section<SegmentsSection>().categories().take(transaction_of(event));
  }
  void look_at(CustomerKeeper& keeper, CustomerContext& customer) {
    keeper.look_at(customer, settings_.next_due(keeper.segmentation(), customer.now()));
  }
  // By the segmentation's id; null where it is no longer configured.
  Keeper* find(std::uint32_t id) {
    const auto found =
        std::find_if(all_.begin(), all_.end(), [id](const Keeper* each) { return each->segmentation().id == id; });
    return found == all_.end() ? nullptr : *found;
  }
  static void arm(CustomerContext& customer) {
    if (const auto* section = customer.peek<SegmentsSection>()) customer.arm(section->changes_at());
  }

  Settings settings_;
  const ProductCatalog* products_known_;  // null: nobody asks for categories
  std::deque<CustomerKeeper> customers_;
  std::deque<TransactionKeeper> transactions_;
  std::deque<ProductKeeper> products_;
  std::vector<Keeper*> all_, by_piece_;
  std::vector<std::uint64_t> of_no_segmentation_;  // pieces that are stored and belong to none any more
  bool touched_ = false;
  bool needs_spending_ = false;
  std::string novelty_;                      // the model that says what is new; empty: none does
  std::optional<NewProducts> new_products_;  // as adopted
};

}  // namespace

std::unique_ptr<KeyedOperator> make_keyed(Settings settings, const ColumnCatalog& columns,
                                          const ProductCatalog* products) {
  return std::make_unique<KeyedSegments>(std::move(settings), columns, products);
}

}  // namespace nudge::segments
