#include "operators/segments/transaction_keeper.h"

#include <cmath>

#include "operators/segments/membership.h"
#include "operators/segments/section.h"

namespace nudge::segments {
namespace {

std::string_view id_of(const Event& transaction) { return transaction.text(field::transactions::kTransactionId); }

}  // namespace

void TransactionKeeper::apply(const Event& transaction, CustomerContext& customer) {
  if (!reader_.read(transaction, point_)) return;
  count(pane_of(transaction.time()), point_, 1);
  if (!model_) return;
  const Nearest found = model_->nearest_of(reader_.y(), z_);
  const Membership membership{model_->numbers[found.place], kNoSegment, std::sqrt(found.squared_distance), version_};
  write_membership(segmentation_, {id_of(transaction), customer.customer_id()}, membership, customer.now(),
                   customer.outputs());
}

void TransactionKeeper::retract(const Event& transaction, CustomerContext& customer) {
  if (!reader_.read(transaction, point_)) return;
  count(pane_of(transaction.time()), point_, -1);
  if (!model_) return;
  write_membership(segmentation_, {id_of(transaction), customer.customer_id()}, {kNoSegment, kNoSegment, 0, version_},
                   customer.now(), customer.outputs());
}

}  // namespace nudge::segments
