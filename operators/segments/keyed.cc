#include "operators/segments/keyed.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>
#include <utility>

#include "engine/check.h"
#include "operators/segments/customer_reader.h"
#include "operators/segments/membership.h"
#include "operators/segments/partial.h"
#include "operators/segments/section.h"
#include "operators/segments/segment_model.h"

namespace nudge::segments {
namespace {

// A task's part of one segmentation.
class Keeper {
 public:
  Keeper(const Segmentation& segmentation, const ColumnCatalog& columns)
      : segmentation_(segmentation), reader_(segmentation, columns), z_(segmentation.features.size()) {
    partial_.segmentation = segmentation.id;
    partial_.changes = MicroClusters(segmentation.first_shifts());
  }

  const Segmentation& segmentation() const { return segmentation_; }
  Partial& partial() { return partial_; }
  const Partial& partial() const { return partial_; }

  // The customer as it is now, and until `next`, when it is looked at again.
  void look_at(CustomerContext& customer, Millis next) {
    const bool belongs = reader_.read(customer, point_);
    const auto* state = customer.peek<SegmentsSection>();
    const Standing* known = state ? state->find(segmentation_.id) : nullptr;
    if (!belongs && !(known && known->counted)) return;
    Standing& standing = customer.section<SegmentsSection>().of(segmentation_.id);
    count(standing, belongs);
    standing.changes_at = kNever;
    if (!belongs)
      move(standing, {kNoSegment, standing.segment}, customer);
    else if (model_)
      standing.changes_at = change_before(next, place(standing, customer).place, customer);
  }

  void forget(CustomerContext& customer) {
    const Standing* known = customer.peek<SegmentsSection>()->find(segmentation_.id);
    if (!known) return;
    Standing& standing = customer.section<SegmentsSection>().of(segmentation_.id);
    count(standing, false);
    standing.changes_at = kNever;
    move(standing, {kNoSegment, standing.segment}, customer);
  }

  void adopt(const Model& model) {
    std::optional<SegmentModel> decoded = SegmentModel::decode(model.bytes);
    NUDGE_CHECK(decoded.has_value(), "a model as it was published");
    if (decoded->segmentation != segmentation_.id) return;  // of other features, from before the configuration changed
    model_ = std::move(decoded);
    version_ = model.version;
    partial_.changes.coarsen(model_->shifts);
  }

  // Adds the customer of the final population.
  void close(const CustomerContext& customer) {
    if (!model_ || !reader_.read(customer, point_)) return;
    if (partial_.last.segments().empty()) partial_.last = Tally(model_->k(), z_.size());
    partial_.last_version = version_;
    partial_.last.add(model_->nearest_of(reader_.y(), z_).place, point_, z_, 0);
  }

  void finish(CustomerContext& customer) {
    if (!model_) return;
    if (conclusion_.segments().empty()) conclusion_ = Tally(model_->k(), z_.size());
    const auto* state = customer.peek<SegmentsSection>();
    const Standing* known = state ? state->find(segmentation_.id) : nullptr;
    if (!reader_.read(customer, point_)) {
      if (known && known->segment != kNoSegment)
        move(customer.section<SegmentsSection>().of(segmentation_.id), {kNoSegment, known->segment}, customer);
      return;
    }
    const Nearest found = place(customer.section<SegmentsSection>().of(segmentation_.id), customer);
    const Centres& means = model_->final_means ? *model_->final_means : model_->centres;
    conclusion_.add(found.place, point_, z_, std::sqrt(squared_distance(means.row(found.place), z_)));
  }
  const Tally& conclusion() const { return conclusion_; }

 private:
  void count(Standing& standing, bool belongs) {
    if (belongs && standing.counted == point_) return;
    if (standing.counted) partial_.changes.remove(*standing.counted);
    standing.counted.reset();
    if (!belongs) return;
    standing.counted = point_;
    partial_.changes.add(point_);
  }

  Nearest place(Standing& standing, CustomerContext& customer) {
    const Nearest found = model_->nearest_of(reader_.y(), z_);
    move(standing, {model_->numbers[found.place], standing.segment, std::sqrt(found.squared_distance), version_},
         customer);
    return found;
  }

  // When time alone has brought another segment nearer, to the minute; kNever: not before `next`.
  Millis change_before(Millis next, std::size_t place, const CustomerContext& customer) {
    const auto stays = [&](Millis time) { return model_->nearest_of(reader_.y_at(customer, time), z_).place == place; };
    if (next == kNever || stays(next)) return kNever;
    Millis before = customer.now(), after = next;
    while (after - before > kMinute) {
      const Millis middle = before + (after - before) / 2;
      (stays(middle) ? before : after) = middle;
    }
    return after;
  }

  void move(Standing& standing, Membership membership, CustomerContext& customer) {
    if (membership.segment == standing.segment) return;
    membership.version = version_;
    write_membership(segmentation_, membership, customer);
    standing.segment = membership.segment;
  }

  const Segmentation& segmentation_;
  CustomerReader reader_;
  std::optional<SegmentModel> model_;  // as adopted
  std::int64_t version_ = 0;
  Partial partial_;
  Tally conclusion_;
  Point point_;  // of the customer under way
  std::vector<double> z_;
};

class KeyedSegments final : public KeyedOperator {
 public:
  KeyedSegments(Settings settings, const ColumnCatalog& columns) : settings_(std::move(settings)) {
    for (const Segmentation& segmentation : settings_.all) keepers_.emplace_back(segmentation, columns);
  }

  void apply(const Event&, CustomerContext&) override { touched_ = true; }
  void retract(const Event&, CustomerContext&) override { touched_ = true; }

  void settle(CustomerContext& customer) override {
    if (!std::exchange(touched_, false)) return;
    for (Keeper& keeper : keepers_) look_at(keeper, customer);
    arm(customer);
  }

  void timer(CustomerContext& customer) override {
    for (Keeper& keeper : keepers_) {
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
    for (Keeper& keeper : keepers_)
      if (settings_.is_due(keeper.segmentation(), due)) look_at(keeper, customer);
    arm(customer);
  }

  std::string partial(Millis) override {
    std::string bytes;
    Encoder out(bytes);
    out.varint(keepers_.size());
    for (Keeper& keeper : keepers_) {
      keeper.partial().encode(out);
      keeper.partial().changes.clear();
      keeper.partial().last = {};
    }
    return bytes;
  }

  void adopt(const Model& model) override {
    for (Keeper& keeper : keepers_)
      if (keeper.segmentation().model_name() == model.name) keeper.adopt(model);
  }

  void close(CustomerContext& customer) override {
    for (Keeper& keeper : keepers_) keeper.close(customer);
  }

  void finish(CustomerContext& customer, TimelineReader&) override {
    for (Keeper& keeper : keepers_) keeper.finish(customer);
  }

  std::string conclude() override {
    std::string bytes;
    Encoder out(bytes);
    out.varint(keepers_.size());
    for (const Keeper& keeper : keepers_) keeper.conclusion().encode(out);
    return bytes;
  }

  void erase(CustomerContext& customer) override {
    touched_ = false;  // no settle follows what was applied before
    if (!customer.peek<SegmentsSection>()) return;
    for (Keeper& keeper : keepers_) keeper.forget(customer);
  }

  void encode_task(Encoder& out) const override {
    out.varint(keepers_.size());
    for (const Keeper& keeper : keepers_) {
      std::string bytes;
      Encoder own(bytes);
      keeper.partial().encode(own);
      out.text(bytes);
    }
  }

  void decode_task(Decoder& in) override {
    for (std::size_t left = in.count(); left > 0; --left) {
      Decoder own(in.text());
      Partial partial;
      if (!partial.decode(own)) in.fail();
      for (Keeper& keeper : keepers_)
        if (keeper.segmentation().id == partial.segmentation) keeper.partial() = partial;
    }
  }

 private:
  void look_at(Keeper& keeper, CustomerContext& customer) {
    keeper.look_at(customer, settings_.next_due(keeper.segmentation(), customer.now()));
  }
  static void arm(CustomerContext& customer) {
    if (const auto* section = customer.peek<SegmentsSection>()) customer.arm(section->changes_at());
  }

  Settings settings_;
  std::deque<Keeper> keepers_;
  bool touched_ = false;
};

}  // namespace

std::unique_ptr<KeyedOperator> make_keyed(Settings settings, const ColumnCatalog& columns) {
  return std::make_unique<KeyedSegments>(std::move(settings), columns);
}

}  // namespace nudge::segments
