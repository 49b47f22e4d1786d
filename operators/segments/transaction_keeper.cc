#include "operators/segments/transaction_keeper.h"

#include <cmath>

#include "engine/hash.h"
#include "operators/segments/membership.h"
#include "operators/segments/section.h"

namespace nudge::segments {
namespace {

std::string_view id_of(const Event& transaction) { return transaction.text(field::transactions::kTransactionId); }

}  // namespace

void TransactionKeeper::apply(const Event& transaction, CategoryCount categories, CustomerContext& customer) {
  if (!reader_.read(transaction, categories, point_)) return;
  count(pane_of(transaction.time()), point_, 1);
  if (!model_) return;
  const Nearest found = model_->nearest_of(reader_.y(), z_);
  const Membership membership{model_->numbers[found.place], kNoSegment, std::sqrt(found.squared_distance), version_};
  write_membership(segmentation_, {id_of(transaction), customer.customer_id()}, membership, customer.now(),
                   customer.outputs());
  link(transaction, membership.segment, customer);
}

void TransactionKeeper::retract(const Event& transaction, std::optional<CategoryCount> categories,
                                CustomerContext& customer) {
  if (!reader_.read(transaction, categories.value_or(CategoryCount()), point_)) return;
  if (categories || !needs_categories_)
    count(pane_of(transaction.time()), point_, -1);
  else
    customer.count("sales_counted_too_long_ago");
  if (!model_) return;
  write_membership(segmentation_, {id_of(transaction), customer.customer_id()}, {kNoSegment, kNoSegment, 0, version_},
                   customer.now(), customer.outputs());
  unlink(transaction, customer);
}

void TransactionKeeper::link(const Event& transaction, std::int32_t order, CustomerContext& customer) {
  if (!linked_customers_) return;
  const auto* state = customer.peek<SegmentsSection>();
  const Standing* known = state ? state->named(*linked_customers_) : nullptr;
  if (!known || known->segment == kNoSegment) return;
  const PlacedSale sale{segmentation_.id, hash64(id_of(transaction)), known->segment, order};
  customer.section<SegmentsSection>().keep(sale);
  count_purchases(transaction, sale, 1);
}

void TransactionKeeper::unlink(const Event& transaction, CustomerContext& customer) {
  if (!linked_customers_ || !customer.peek<SegmentsSection>()) return;
  const auto sale = customer.section<SegmentsSection>().take(segmentation_.id, hash64(id_of(transaction)));
  if (sale)
    count_purchases(transaction, *sale, -1);
  else
    customer.count("sales_not_unlinked");
}

void TransactionKeeper::count_purchases(const Event& transaction, const PlacedSale& sale, int sign) {
  Purchases bought;
  bought.add(transaction, {pane_of(transaction.time()), sale.customer, sale.order}, sign);
  partial_.changes.purchases.merge(bought);
  log_.purchases(bought, partial_.changes);
}

}  // namespace nudge::segments
