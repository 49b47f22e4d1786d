// A task's customers in one segmentation: as what each is counted, in which segment it is, and until when.
#pragma once

#include "operators/segments/customer_reader.h"
#include "operators/segments/keeper.h"
#include "operators/segments/membership.h"
#include "operators/segments/section.h"
#include "operators/segments/tally.h"
#include "operators/signals.h"

namespace nudge::segments {

class CustomerKeeper final : public Keeper {
 public:
  CustomerKeeper(const Segmentation& segmentation, const ColumnCatalog& columns)
      : Keeper(segmentation), reader_(segmentation, columns) {}

  // The customer as it is now, and until `next`, when it is looked at again.
  void look_at(CustomerContext& customer, Millis next);
  void forget(CustomerContext& customer);
  // Labels of the customer that have just become known count for the segment in which it is.
  void hear(std::span<const LabelKnown> labels, const CustomerContext& customer);

  // At a replay's end: adds the customer of the final population; then, with what was learnt of all, places it for the
  // last time.
  void close(const CustomerContext& customer);
  void finish(CustomerContext& customer);
  const Tally& conclusion() const { return conclusion_; }

 private:
  void count_as(Standing& standing, bool belongs);
  Nearest place(Standing& standing, CustomerContext& customer);
  // When time alone has brought another segment nearer, to the minute; kNever: not before `next`.
  Millis change_before(Millis next, std::size_t place, const CustomerContext& customer);
  void move(Standing& standing, Membership membership, CustomerContext& customer);

  CustomerReader reader_;
  Tally conclusion_;
};

}  // namespace nudge::segments
