#include "operators/segments/customer_keeper.h"

#include <cmath>

#include "operators/segments/feature_space.h"

namespace nudge::segments {
namespace {

constexpr std::int64_t kOnlyPane = 0;

}  // namespace

void CustomerKeeper::look_at(CustomerContext& customer, Millis next) {
  const bool belongs = reader_.read(customer, point_);
  const auto* state = customer.peek<SegmentsSection>();
  const Standing* known = state ? state->find(segmentation_.id) : nullptr;
  if (!belongs && !(known && known->counted)) return;
  Standing& standing = customer.section<SegmentsSection>().of(segmentation_);
  count_as(standing, belongs);
  standing.changes_at = kNever;
  if (!belongs)
    move(standing, {kNoSegment, standing.segment}, customer);
  else if (model_)
    standing.changes_at = change_before(next, place(standing, customer).place, customer);
}

void CustomerKeeper::forget(CustomerContext& customer) {
  const Standing* known = customer.peek<SegmentsSection>()->find(segmentation_.id);
  if (!known) return;
  Standing& standing = customer.section<SegmentsSection>().of(segmentation_);
  count_as(standing, false);
  standing.changes_at = kNever;
  move(standing, {kNoSegment, standing.segment}, customer);
}

void CustomerKeeper::hear(std::span<const LabelKnown> labels, const CustomerContext& customer) {
  const auto* state = customer.peek<SegmentsSection>();
  const Standing* known = state ? state->find(segmentation_.id) : nullptr;
  if (!known || known->segment == kNoSegment) return;
  for (const LabelKnown& label : labels) partial_.outcomes.add(label.target, known->segment, label.is_true);
}

void CustomerKeeper::close(const CustomerContext& customer) {
  if (!model_ || !reader_.read(customer, point_)) return;
  if (partial_.last.segments().empty()) partial_.last = Tally(model_->k(), z_.size());
  partial_.last_version = version_;
  partial_.last.add(model_->nearest_of(reader_.y(), z_).place, point_, z_, 0);
}

void CustomerKeeper::finish(CustomerContext& customer) {
  if (!model_) return;
  if (conclusion_.segments().empty()) conclusion_ = Tally(model_->k(), z_.size());
  const auto* state = customer.peek<SegmentsSection>();
  const Standing* known = state ? state->find(segmentation_.id) : nullptr;
  if (!reader_.read(customer, point_)) {
    if (known && known->segment != kNoSegment)
      move(customer.section<SegmentsSection>().of(segmentation_), {kNoSegment, known->segment}, customer);
    return;
  }
  const Nearest found = place(customer.section<SegmentsSection>().of(segmentation_), customer);
  const Centres& means = model_->final_means ? *model_->final_means : model_->centres;
  conclusion_.add(found.place, point_, z_, std::sqrt(squared_distance(means.row(found.place), z_)));
}

void CustomerKeeper::count_as(Standing& standing, bool belongs) {
  if (belongs && standing.counted == point_) return;
  if (standing.counted) count(kOnlyPane, *standing.counted, -1);
  standing.counted.reset();
  if (!belongs) return;
  standing.counted = point_;
  count(kOnlyPane, point_, 1);
}

Nearest CustomerKeeper::place(Standing& standing, CustomerContext& customer) {
  const Nearest found = model_->nearest_of(reader_.y(), z_);
  move(standing, {model_->numbers[found.place], standing.segment, std::sqrt(found.squared_distance)}, customer);
  return found;
}

Millis CustomerKeeper::change_before(Millis next, std::size_t place, const CustomerContext& customer) {
  const auto stays = [&](Millis time) { return model_->nearest_of(reader_.y_at(customer, time), z_).place == place; };
  if (next == kNever || stays(next)) return kNever;
  Millis before = customer.now(), after = next;
  while (after - before > kMinute) {
    const Millis middle = before + (after - before) / 2;
    (stays(middle) ? before : after) = middle;
  }
  return after;
}

void CustomerKeeper::move(Standing& standing, Membership membership, CustomerContext& customer) {
  if (membership.segment == standing.segment) return;
  membership.version = version_;
  write_membership(segmentation_, {customer.customer_id(), customer.customer_id()}, membership, customer.now(),
                   customer.outputs());
  standing.put_into(membership.segment);
}

}  // namespace nudge::segments
