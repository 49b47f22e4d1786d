#include "operators/segments/learner.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "operators/segments/population.h"
#include "operators/segments/separation.h"

namespace nudge::segments {
namespace {

// Centres stay as long as they leave at most so much more inertia than the best found.
constexpr double kStay = 1.035;
// Where they go on, it is until they are that near to the best; where they cannot come so near, others take their
// place.
constexpr double kNear = 1.02;
// A space stays as long as no feature's mean has moved, or deviation changed, by so many deviations.
constexpr double kMeanDrift = 1, kDeviationDrift = 0.5;
// The first version waits for enough customers, but not longer than so many versions take.
constexpr std::int64_t kFewWait = 8;
// A trend looks back over so many versions.
constexpr std::size_t kTrendVersions = 4;
// Counts of who bought what; beyond them the earliest weeks go.
constexpr std::size_t kPurchasesMost = 500'000;
// Labels that became known count for so long, in whole weeks.
constexpr Millis kOutcomesKept = 90 * kDay;

std::vector<SegmentFigures> figures_of(const std::vector<const ClusterFeature*>& groups, const Clustering& clustering) {
  std::vector<SegmentFigures> figures(clustering.k());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    SegmentFigures& each = figures[clustering.labels[i]];
    each.size += groups[i]->count();
    each.value += groups[i]->value();
    if (groups[i]->margins() > 0) each.margin = each.margin.value_or(0) + groups[i]->margin();
  }
  return figures;
}

}  // namespace

void SegmentLearner::merge(const Partial& partial) {
  if (partial.segmentation != segmentation_.id) return;
  segments::merge(panes_, partial.changes.panes);
  shelf_.merge(partial.changes.products);
  purchases_.merge(partial.changes.purchases);
  heard_.merge(partial.outcomes);
  last_.merge(partial.last);
  last_version_ = std::max(last_version_, partial.last_version);
}

bool SegmentLearner::is_due(Millis epoch_end) const {
  if (epoch_end / segmentation_.every <= learned_at_ / segmentation_.every) return false;
  if (!versions_.empty()) return true;
  // What the first days show is not what customers are like; and as long as there are few, each week's are others.
  const auto enough =
      segmentation_.wait_for * static_cast<std::int64_t>(segmentation_.k.value_or(segmentation_.k_most));
  const bool are_few = whole_.total().count() < enough;
  return epoch_end - began_at_ >= (are_few ? kFewWait : 1) * segmentation_.every;
}

void SegmentLearner::learn(Millis epoch_end, bool last, GlobalContext& context, const SegmentLearner* products) {
  sum_up(epoch_end);
  outcomes_.erase(outcomes_.begin(), outcomes_.lower_bound((epoch_end - kOutcomesKept) / kWeek));
  if (!heard_.empty()) outcomes_[(epoch_end - 1) / kWeek].merge(std::exchange(heard_, {}));
  if (began_at_ == kNever && whole_.size() > 0) began_at_ = learned_at_ = epoch_end;
  while (versions_.size() > 1 && versions_[1].valid_from <= epoch_end) versions_.pop_front();
  if (products) {
    purchases_.forget_before(epoch_end - segmentation_.window);
    left_out_ += purchases_.limit(kPurchasesMost);
    if (!purchases_.empty() && (last || is_due(epoch_end))) links_ = links_of(purchases_, products->shelf_.segments());
  }
  if (last)
    publish_last(epoch_end, context);
  else if (is_due(epoch_end))
    learn_anew(epoch_end, false, context);
  if (segmentation_.of == Entity::kProducts) place_products(epoch_end, last, context);
  last_ = {};
  whole_ = {};
  links_.reset();
}

void SegmentLearner::sum_up(Millis epoch_end) {
  if (segmentation_.of == Entity::kProducts) {
    left_out_ += shelf_.advance(epoch_end);
    whole_ = shelf_.micro_clusters(epoch_end, shifts_);
  } else {
    if (segmentation_.window > 0) forget_before(panes_, epoch_end - segmentation_.window);
    whole_ = sum_of(panes_, shifts_);
  }
  if (whole_.size() <= segmentation_.micro_clusters_max) return;
  std::vector<double> sd;
  for (const Scaling& scaling : scalings_of(whole_.total(), segmentation_.features)) sd.push_back(scaling.sd);
  limit(whole_, sd, segmentation_.micro_clusters_max);
  shifts_ = whole_.shifts();
  coarsen(panes_, shifts_);
}

// At a replay's end: the version in force, with what the final population says of it; the first one, if there is none.
void SegmentLearner::publish_last(Millis epoch_end, GlobalContext& context) {
  if (versions_.empty() || versions_.front().valid_from > epoch_end) {
    versions_.clear();
    learn_anew(epoch_end, true, context);
    return;
  }
  if (segmentation_.of == Entity::kTransactions) return describe_last(epoch_end, context);
  final_ = versions_.front();
  if (last_version_ == final_->version) final_->model.final_means = last_.means(final_->model.centres);
  context.publish(segmentation_.model_name(), final_->version, final_->trained_until, final_->model.encode());
}

void SegmentLearner::place_products(Millis epoch_end, bool last, GlobalContext& context) {
  if (versions_.empty() || versions_.front().valid_from > epoch_end) return;
  const Published& version = versions_.front();
  const Tally tally = shelf_.place(version, version.model.centres, epoch_end, context.outputs());
  if (!last || !final_) return;
  final_->model.final_means = tally.means(version.model.centres);
  conclusion_ = shelf_.place(version, *final_->model.final_means, epoch_end, context.outputs());
}

void SegmentLearner::describe_last(Millis epoch_end, GlobalContext& context) const {
  const Published& version = versions_.front();
  const std::vector<const ClusterFeature*> groups = whole_.groups();
  if (groups.empty()) return;
  const WeightedPoints points = points_of(groups, version.model.scalings);
  const Clustering clustering = lloyd(points, version.model.centres, 0);
  write_model(segmentation_, version,
              {figures_of(groups, clustering), davies_bouldin(points, clustering), {}, links_, true}, epoch_end,
              context.outputs());
}

void SegmentLearner::learn_anew(Millis epoch_end, bool last, GlobalContext& context) {
  learned_at_ = epoch_end;
  const std::vector<const ClusterFeature*> groups = whole_.groups();
  if (groups.empty()) return;
  Published next;
  next.model.segmentation = segmentation_.id;
  next.model.shifts = whole_.shifts();
  next.version = ++version_;
  next.valid_from = context.valid_from();
  next.trained_until = epoch_end;
  next.model.scalings = scalings_of(whole_.total(), segmentation_.features);
  WeightedPoints points;
  Clustering clustering;
  if (!goes_on(groups, next, points, clustering)) {
    points = points_of(groups, next.model.scalings);
    clustering = cluster(points, next);
  }
  trace_back(points, clustering, next);
  next.model.centres = clustering.centres;
  const std::vector<SegmentFigures> figures = figures_of(groups, clustering);
  write_model(segmentation_, next, {figures, davies_bouldin(points, clustering), outcomes(), links_, false}, epoch_end,
              context.outputs());
  remember(next, figures, epoch_end);
  context.publish(segmentation_.model_name(), next.version, next.trained_until, next.model.encode());
  if (segmentation_.of == Entity::kProducts)
    if (const auto fresh = shelf_.new_products(epoch_end))
      context.publish(segmentation_.novelty_name(), next.version, next.trained_until, fresh->encode());
  next.left_out = left_out_;
  if (last && segmentation_.of != Entity::kTransactions) final_ = next;
  versions_.push_back(std::move(next));
}

bool SegmentLearner::goes_on(const std::vector<const ClusterFeature*>& groups, Published& next, WeightedPoints& points,
                             Clustering& clustering) const {
  if (!before()) return false;
  const SegmentModel& model = before()->model;
  for (std::size_t j = 0; j < model.scalings.size(); ++j) {
    const Scaling& was = model.scalings[j];
    const Scaling& is = next.model.scalings[j];
    if (std::abs(is.mean - was.mean) > kMeanDrift * was.sd || std::abs(is.sd - was.sd) > kDeviationDrift * was.sd)
      return false;
  }
  points = points_of(groups, model.scalings);
  clustering = lloyd(points, model.centres, 0);
  const Candidate found = find(points, next);
  if (found.clustering.k() != model.k() || clustering.inertia > kStay * found.clustering.inertia) return false;
  next.model.scalings = model.scalings;
  return true;
}

Candidate SegmentLearner::find(const WeightedPoints& points, Published& next) const {
  if (segmentation_.k) {
    Candidate best;
    best.clustering = best_of(points, *segmentation_.k, kStarts, segmentation_.id);
    return best;
  }
  const std::optional<std::size_t> current = before() ? std::optional(before()->model.k()) : std::nullopt;
  Candidate found = choose(points, segmentation_.k_most, current, segmentation_.id);
  next.stability = found.stability;
  return found;
}

Clustering SegmentLearner::cluster(const WeightedPoints& points, Published& next) const {
  Clustering found = find(points, next).clustering;
  if (!before() || before()->model.k() > found.k()) return found;
  Centres centres = rescaled(before()->model.centres, before()->model.scalings, next.model.scalings);
  seed_centres(points, found.k(), segmentation_.id, centres);
  Clustering continued = lloyd(points, std::move(centres), kStepsMost, kNear * found.inertia);
  return continued.inertia <= kNear * found.inertia ? continued : found;
}

void SegmentLearner::trace_back(const WeightedPoints& points, Clustering& clustering, Published& next) {
  std::vector<std::vector<std::int64_t>> shared;
  if (before()) {
    shared.assign(before()->model.k(), std::vector<std::int64_t>(clustering.k()));
    std::vector<double> old_z(points.dimensions);
    for (std::size_t i = 0; i < points.size(); ++i) {
      for (std::size_t j = 0; j < old_z.size(); ++j)
        old_z[j] = before()->model.scalings[j].z_of(next.model.scalings[j].y_of(points.row(i)[j]));
      shared[nearest(before()->model.centres, old_z).place][clustering.labels[i]] +=
          static_cast<std::int64_t>(points.weights[i]);
    }
  }
  const Lineage lineage = trace(shared, clustering.k());
  std::vector<std::int32_t> numbers;
  for (const int ancestor : lineage.ancestor)
    numbers.push_back(ancestor >= 0 ? before()->model.numbers[static_cast<std::size_t>(ancestor)] : next_number_++);
  for (const Change& change : lineage.changes) {
    const auto old_number = [&](int place) {
      return place < 0 ? -1 : before()->model.numbers[static_cast<std::size_t>(place)];
    };
    next.ancestry.push_back(
        {change.fate, old_number(change.from), change.to < 0 ? -1 : numbers[static_cast<std::size_t>(change.to)]});
  }
  // By number, so that a segment has its place.
  std::vector<std::size_t> order(numbers.size()), place(numbers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return numbers[a] < numbers[b]; });
  Centres centres{points.dimensions, {}};
  for (std::size_t i = 0; i < order.size(); ++i) {
    place[order[i]] = i;
    centres.push_back(clustering.centres.row(order[i]));
    next.model.numbers.push_back(numbers[order[i]]);
    const auto known = history_.find(numbers[order[i]]);
    next.earlier.push_back(known == history_.end() ? std::nullopt : std::optional(known->second.front()));
  }
  clustering.centres = std::move(centres);
  for (std::size_t& label : clustering.labels) label = place[label];
}

Outcomes SegmentLearner::outcomes() const {
  Outcomes sum;
  for (const auto& [week, each] : outcomes_) sum.merge(each);
  return sum;
}

void SegmentLearner::remember(const Published& version, const std::vector<SegmentFigures>& figures, Millis epoch_end) {
  std::int64_t total = 0;
  for (const SegmentFigures& each : figures) total += each.size;
  std::map<std::int32_t, std::deque<Earlier>> history;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    std::deque<Earlier>& own = history[version.model.numbers[i]] = std::move(history_[version.model.numbers[i]]);
    const double share = total > 0 ? static_cast<double>(figures[i].size) / static_cast<double>(total) : 0;
    own.push_back({epoch_end, figures[i].size, share, figures[i].value});
    if (own.size() > kTrendVersions) own.pop_front();
  }
  history_ = std::move(history);
}

void SegmentLearner::finish(Millis end, GlobalContext& context) {
  if (!final_) return;
  std::vector<SegmentFigures> figures(final_->model.k());
  std::vector<double> scatter(figures.size(), -1);
  if (!conclusion_.segments().empty()) scatter = conclusion_.scatter();
  for (std::size_t i = 0; i < conclusion_.segments().size(); ++i) {
    const SegmentTally& tally = conclusion_.segments()[i];
    figures[i] = {tally.members, tally.value, tally.margins > 0 ? std::optional(tally.margin) : std::nullopt};
  }
  const SegmentModel& model = final_->model;
  write_model(segmentation_, *final_,
              {figures, davies_bouldin(model.final_means.value_or(model.centres), scatter), outcomes(), {}, true}, end,
              context.outputs());
}

void SegmentLearner::encode(Encoder& out) const {
  for (const std::uint8_t shift : shifts_) out.byte(shift);
  encode_panes(panes_, out);
  shelf_.encode(out);
  purchases_.encode(out);
  out.varint(outcomes_.size());
  for (const auto& [week, each] : outcomes_) {
    out.zigzag(week);
    each.encode(out);
  }
  out.varint(left_out_);
  out.varint(versions_.size());
  for (const Published& each : versions_) each.encode(out);
  out.boolean(final_.has_value());
  if (final_) final_->encode(out);
  conclusion_.encode(out);
  out.zigzag(version_);
  out.zigzag(next_number_);
  out.zigzag(learned_at_);
  out.zigzag(began_at_);
  out.varint(history_.size());
  for (const auto& [number, own] : history_) {
    out.zigzag(number);
    out.varint(own.size());
    for (const Earlier& each : own) {
      out.zigzag(each.at);
      out.zigzag(each.size);
      out.real(each.share);
      out.zigzag128(each.value);
    }
  }
}

bool SegmentLearner::decode(Decoder& in) {
  for (std::uint8_t& shift : shifts_) shift = in.byte();
  if (!decode_panes(in, panes_) || !shelf_.decode(in) || !purchases_.decode(in)) return false;
  outcomes_.clear();
  for (std::size_t left = in.count(2); left > 0 && in.ok(); --left) {
    const std::int64_t week = in.zigzag();
    if (!outcomes_[week].decode(in)) return false;
  }
  left_out_ = in.varint();
  versions_.resize(in.count());
  for (Published& each : versions_)
    if (!each.decode(in)) return false;
  final_.reset();
  if (in.boolean() && !final_.emplace().decode(in)) return false;
  if (!conclusion_.decode(in)) return false;
  version_ = in.zigzag();
  next_number_ = static_cast<std::int32_t>(in.zigzag());
  learned_at_ = in.zigzag();
  began_at_ = in.zigzag();
  history_.clear();
  for (std::size_t left = in.count(); left > 0; --left) {
    std::deque<Earlier>& own = history_[static_cast<std::int32_t>(in.zigzag())];
    own.resize(in.count());
    for (Earlier& each : own) {
      each.at = in.zigzag();
      each.size = in.zigzag();
      each.share = in.real();
      each.value = in.zigzag128();
    }
  }
  return in.ok();
}

}  // namespace nudge::segments
