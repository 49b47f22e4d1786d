#include "operators/scores/keyed.h"

#include <algorithm>

#include "engine/check.h"
#include "operators/scores/history.h"
#include "operators/scores/scorer.h"
#include "operators/scores/section.h"

namespace nudge::scores {
namespace {

// A row whose session never ended (its events went to another customer) is given up after this.
constexpr Millis kOpenSessionMax = 7 * kDay;
// Times of labels are tidied when there are this many.
constexpr std::size_t kTidyTimes = 32;

class KeyedScores final : public KeyedOperator {
 public:
  KeyedScores(Targets targets, const ColumnCatalog& columns, std::uint8_t slot)
      : targets_(std::move(targets)), slot_(slot), history_(targets_) {
    for (std::size_t place = 0; place < targets_.all.size(); ++place) scorers_.emplace_back(targets_, place, columns);
    for (const LabelDefinition& label : targets_.labels) matchers_.emplace_back(label);
    buffers_.resize(targets_.all.size());
  }

  void apply(const Event& event, CustomerContext& context) override {
    for (LabelMatcher& matcher : matchers_) {
      // Scores to come are not before the watermark, and look at later events only.
      if (matcher.topic() != event.topic()) continue;
      if (event.time() <= context.watermark() && !waits_before(event.time(), context)) continue;
      if (!matcher.matches(event)) continue;
      ScoresSection& section = context.section<ScoresSection>();
      LabelTimes& times = section.times(matcher.id());
      if (times.size() >= kTidyTimes) tidy(section, context.watermark());
      if (!times.add(event.time())) context.count("label_times_dropped");
    }
  }

  void retract(const Event& event, CustomerContext& context) override {
    for (LabelMatcher& matcher : matchers_) {
      if (matcher.topic() != event.topic()) continue;
      const auto* section = context.peek<ScoresSection>();
      const LabelTimes* times = section ? section->find_times(matcher.id()) : nullptr;
      if (!times || times->empty() || !matcher.matches(event)) continue;
      context.section<ScoresSection>().times(matcher.id()).remove(event.time());
    }
  }

  void settle(CustomerContext& context) override {
    const std::vector<SessionEnded>& ended = context.signals().of<SessionEnded>();
    if (!ended.empty() && context.peek<ScoresSection>()) close_sessions(ended, context);
    const std::vector<SessionTouched>& touched = context.signals().of<SessionTouched>();
    for (std::size_t i = 0; i < touched.size(); ++i) {
      // Of several page views that one cause brings to a session, it is scored once, with all of them.
      const auto same = [&](const SessionTouched& later) { return later.session == touched[i].session; };
      const auto next = touched.begin() + static_cast<std::ptrdiff_t>(i) + 1;
      if (touched[i].bought || std::any_of(next, touched.end(), same)) continue;
      for (Scorer& scorer : scorers_)
        if (scorer.target().of == Entity::kSessions && scorer.concerns(context))
          keep(scorer, scorer.score(context, context.now(), &touched[i]), touched[i].session, context);
    }
  }

  void timer(CustomerContext& context) override {
    ScoresSection& section = context.section<ScoresSection>();
    section.armed = kNever;
    mature(section, context);
  }

  Millis next_sweep(Millis after) const override {
    Millis next = kNever;
    for (const Target& target : targets_.all) {
      if (target.of != Entity::kCustomers) continue;
      const Millis from = after - target.offset;
      const Millis periods = from >= 0 ? from / target.every : -1 - (-1 - from) / target.every;
      next = std::min(next, (periods + 1) * target.every + target.offset);
    }
    return next;
  }

  void sweep(CustomerContext& context) override {
    const Millis due = context.cause().event_time;
    for (Scorer& scorer : scorers_) {
      const Target& target = scorer.target();
      if (target.of != Entity::kCustomers || (due - target.offset) % target.every != 0) continue;
      if (!scorer.concerns(context)) continue;
      keep(scorer, scorer.score(context, due, nullptr), 0, context);
    }
  }

  std::string partial(Millis epoch_end) override {
    std::string bytes;
    Encoder out(bytes);
    out.varint(scorers_.size());
    for (std::size_t place = 0; place < scorers_.size(); ++place) {
      Scorer& scorer = scorers_[place];
      out.fixed32(scorer.target().id);
      out.fixed64(scorer.features().schema());
      EpochScores sum;
      const auto is_over = [&](const EpochScores& scores) { return (scores.epoch + 1) * targets_.epoch <= epoch_end; };
      for (const EpochScores& scores : scorer.epochs()) {
        if (!is_over(scores)) continue;
        sum.made += scores.made;
        sum.histogram.add(scores.histogram);
      }
      std::erase_if(scorer.epochs(), is_over);
      out.varint(sum.made);
      sum.histogram.encode(out);
      buffers_[place].take(epoch_end, scorer.target().rows_per_epoch_max, out);
    }
    return bytes;
  }

  void adopt(const Model& model) override {
    for (Scorer& scorer : scorers_)
      if (scorer.target().model_name() == model.name) scorer.adopt(model);
  }

  void finish(CustomerContext& context, TimelineReader& timeline) override {
    if (tallies_.empty()) tallies_.resize(targets_.all.size());
    history_.read(timeline, slot_, matchers_);
    history_.judge(context.cause().event_time, tallies_);
  }

  std::string conclude() override {
    std::string bytes;
    Encoder out(bytes);
    out.varint(tallies_.size());
    for (const ScoreTally& tally : tallies_) tally.encode(out);
    tallies_ = {};
    return bytes;
  }

  void erase(CustomerContext& context) override {
    for (RowBuffer& buffer : buffers_) buffer.erase(context.customer_id());
  }

  void encode_task(Encoder& out) const override {
    out.varint(scorers_.size());
    for (std::size_t place = 0; place < scorers_.size(); ++place) {
      out.fixed32(scorers_[place].target().id);
      std::string bytes;
      Encoder own(bytes);
      own.varint(scorers_[place].epochs().size());
      for (const EpochScores& scores : scorers_[place].epochs()) {
        own.zigzag(scores.epoch);
        own.varint(scores.made);
        scores.histogram.encode(own);
      }
      buffers_[place].encode(own);
      out.text(bytes);
    }
  }

  void decode_task(Decoder& in) override {
    for (std::size_t left = in.count(5); left > 0; --left) {
      const std::uint32_t target = in.fixed32();
      Decoder own(in.text());
      const auto scorer = std::find_if(scorers_.begin(), scorers_.end(),
                                       [&](const Scorer& each) { return each.target().id == target; });
      if (scorer == scorers_.end()) continue;  // the target is no longer configured
      scorer->epochs().resize(own.count(3));
      for (EpochScores& scores : scorer->epochs()) {
        scores.epoch = own.zigzag();
        scores.made = own.varint();
        scores.histogram.decode(own);
      }
      buffers_[static_cast<std::size_t>(scorer - scorers_.begin())].decode(own);
      if (!own.ok()) in.fail();
    }
  }

 private:
  static bool waits_before(Millis time, const CustomerContext& context) {
    const auto* section = context.peek<ScoresSection>();
    return section && std::any_of(section->rows.begin(), section->rows.end(),
                                  [time](const PendingRow& row) { return row.at < time; });
  }

  const Target* target_of(std::uint32_t id) const {
    for (const Target& target : targets_.all)
      if (target.id == id) return &target;
    return nullptr;
  }

  void keep(Scorer& scorer, std::optional<PendingRow> row, std::uint64_t session, CustomerContext& context) {
    if (!row) return;
    ScoresSection& section = context.section<ScoresSection>();
    row->session = session;
    if (!scorer.target().within_session) row->until = row->at + scorer.target().within;
    if (section.rows_bytes() + row->bytes() > ScoresSection::kRowsBytesMax) {
      give_up_lost_sessions(section, context);
      if (section.rows_bytes() + row->bytes() > ScoresSection::kRowsBytesMax) return context.count("rows_dropped");
    }
    const Millis due = row->until == kNever ? kNever : row->until + scorer.target().label_delay;
    section.rows.push_back(std::move(*row));
    if (due < section.armed) context.arm(section.armed = due);
  }

  void give_up_lost_sessions(ScoresSection& section, CustomerContext& context) {
    const std::size_t lost = erase_if(section.rows, [&](const PendingRow& row) {
      return row.until == kNever && row.at < context.watermark() - kOpenSessionMax;
    });
    if (lost > 0) context.count("rows_of_lost_sessions", lost);
  }

  void close_sessions(const std::vector<SessionEnded>& ended, CustomerContext& context) {
    const auto* seen = context.peek<ScoresSection>();
    // A session may turn out to end later than was said before.
    const auto ends = [&](const PendingRow& row) {
      const Target* target = target_of(row.target);
      return std::find_if(ended.begin(), ended.end(), [&](const SessionEnded& end) {
        return target && target->within_session && end.session == row.session;
      });
    };
    const auto is_ended = [&](const PendingRow& row) { return ends(row) != ended.end(); };
    if (std::none_of(seen->rows.begin(), seen->rows.end(), is_ended)) return;
    ScoresSection& section = context.section<ScoresSection>();
    for (PendingRow& row : section.rows)
      if (const auto end = ends(row); end != ended.end()) row.until = std::max(row.at, end->until);
    give_up_lost_sessions(section, context);
    mature(section, context);
  }

  // Takes every row whose label is known by the watermark, and arms the timer for the next.
  void mature(ScoresSection& section, CustomerContext& context) {
    Millis next = kNever;
    std::size_t left = 0, learnt = 0, strange = 0;
    for (std::size_t i = 0; i < section.rows.size(); ++i) {
      PendingRow& row = section.rows[i];
      const Target* target = target_of(row.target);
      if (!target) continue;
      const Millis due = row.until == kNever ? kNever : row.until + target->label_delay;
      if (due <= context.watermark()) {
        learn(row, *target, due, section, context) ? ++learnt : ++strange;
        continue;
      }
      next = std::min(next, due);
      if (left != i) section.rows[left] = std::move(row);
      ++left;
    }
    section.rows.resize(left);
    if (learnt > 0) context.count("rows_matured", learnt);
    if (strange > 0) context.count("rows_of_other_features", strange);
    tidy(section, context.watermark());
    if (next != section.armed) context.arm(section.armed = next);
  }

  // False where the row's features are not those of today.
  bool learn(const PendingRow& row, const Target& target, Millis due, const ScoresSection& section,
             CustomerContext& context) {
    const std::size_t place = static_cast<std::size_t>(&target - targets_.all.data());
    if (row.schema != static_cast<std::uint32_t>(scorers_[place].features().schema())) return false;
    const LabelTimes* times = section.find_times(targets_.labels[target.label].id);
    const bool any = times && times->any(row.at, row.until);
    const MatureRow mature = {.mature_at = due,
                              .customer = context.customer_id(),
                              .score_id = row.score_id,
                              .shift = row.shift,
                              .label = any != target.none,
                              .probability_micro = row.probability_micro,
                              .features = row.features};
    buffers_[place].add(mature, target.rows_per_epoch_max);
    return true;
  }

  // Forgets times that no row waiting and no score to come looks at.
  void tidy(ScoresSection& section, Millis watermark) const {
    Millis oldest = watermark;
    for (const PendingRow& row : section.rows) oldest = std::min(oldest, row.at);
    for (ScoresSection::Label& label : section.labels) label.times.forget(oldest);
  }

  Targets targets_;
  std::uint8_t slot_;
  std::vector<Scorer> scorers_;
  std::vector<LabelMatcher> matchers_;
  std::vector<RowBuffer> buffers_;
  History history_;
  std::vector<ScoreTally> tallies_;
};

}  // namespace

std::unique_ptr<KeyedOperator> make_keyed(Targets targets, const ColumnCatalog& columns, std::uint8_t slot) {
  return std::make_unique<KeyedScores>(std::move(targets), columns, slot);
}

}  // namespace nudge::scores
