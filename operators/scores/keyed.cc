#include "operators/scores/keyed.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "operators/scores/history.h"
#include "operators/scores/scorer.h"
#include "operators/scores/waiting_rows.h"

namespace nudge::scores {
namespace {

// Mostly the same bytes at the same place.
bool is_same(const Event& a, const Event& b) {
  const std::string_view left = a.bytes(), right = b.bytes();
  return left.size() == right.size() && (left.data() == right.data() || left == right);
}

class KeyedScores final : public KeyedOperator {
 public:
  KeyedScores(Targets targets, const ColumnCatalog& columns, std::uint8_t slot)
      : targets_(std::move(targets)),
        slot_(slot),
        scorers_(scorers(targets_, columns)),
        waiting_(targets_, schemas(scorers_)),
        history_(targets_, waiting_.matchers()) {
    for (std::size_t place = 0; place < targets_.all.size(); ++place) {
      const Target& target = targets_.all[place];
      if (target.at_event) causes_.push_back({place, EventMatcher(target.at_event->topic, target.at_event->where)});
      if (!target.at_list.empty()) lists_.push_back(place);
    }
  }

  void apply(const Event& event, CustomerContext& context) override {
    waiting_.apply(event, context);
    if (causes_.empty()) return;
    const Cause& cause = context.cause();
    // What joins the customer later is never scored in retrospect.
    if (cause.kind == Cause::Kind::kRecord && cause.record && is_same(*cause.record, event)) own_event_ = true;
  }

  void retract(const Event& event, CustomerContext& context) override { waiting_.retract(event, context); }

  void settle(CustomerContext& context) override {
    const std::vector<SessionEnded>& ended = context.signals().of<SessionEnded>();
    if (!ended.empty()) waiting_.close_sessions(ended, context);
    const std::vector<SessionTouched>& touched = context.signals().of<SessionTouched>();
    for (std::size_t i = 0; i < touched.size(); ++i) {
      // Of several page views that one cause brings to a session, it is scored once, with all of them.
      const auto same = [&](const SessionTouched& later) { return later.session == touched[i].session; };
      const auto next = touched.begin() + static_cast<std::ptrdiff_t>(i) + 1;
      if (touched[i].bought || std::any_of(next, touched.end(), same)) continue;
      for (std::size_t place = 0; place < scorers_.size(); ++place)
        if (targets_.all[place].of == Entity::kSessions)
          score(place, {.at = context.now(), .session = &touched[i]}, context);
    }
    if (std::exchange(own_event_, false)) score_at_event(context);
    if (!lists_.empty()) score_at_enters(context);
  }

  void timer(CustomerContext& context) override {
    ScoresSection& section = context.section<ScoresSection>();
    section.armed = kNever;
    waiting_.mature(section, context);
  }

  Millis next_sweep(Millis after) const override {
    Millis next = kNever;
    for (const Target& target : targets_.all) next = std::min(next, targets_.next_due(target, after));
    return next;
  }

  void sweep(CustomerContext& context) override {
    const Millis due = context.cause().event_time;
    for (std::size_t place = 0; place < scorers_.size(); ++place)
      if (targets_.is_due(targets_.all[place], due)) score(place, {.at = due}, context);
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
      waiting_.mature_rows()[place].take(epoch_end, scorer.target().rows_per_epoch_max, out);
    }
    return bytes;
  }

  void adopt(const Model& model) override {
    for (Scorer& scorer : scorers_)
      if (scorer.target().model_name() == model.name) scorer.adopt(model);
  }

  void finish(CustomerContext& context, TimelineReader& timeline) override {
    if (tallies_.empty()) tallies_.resize(targets_.all.size());
    history_.read(timeline, slot_);
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
    for (RowBuffer& buffer : waiting_.mature_rows()) buffer.erase(context.customer_id());
    own_event_ = false;  // no settle follows what was applied before
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
      waiting_.mature_rows()[place].encode(own);
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
      waiting_.mature_rows()[static_cast<std::size_t>(scorer - scorers_.begin())].decode(own);
      if (!own.ok()) in.fail();
    }
  }

  // Numbered by target, then by place.
  void write_task_pieces(PieceWriter& out) override {
    std::vector<std::size_t> places(scorers_.size());
    std::iota(places.begin(), places.end(), 0);
    const auto first = [this](std::size_t place) { return std::uint64_t{scorers_[place].target().id} << 32; };
    std::sort(places.begin(), places.end(),
              [&](std::size_t left, std::size_t right) { return first(left) < first(right); });
    auto forgotten = of_no_target_.begin();
    for (const std::size_t place : places) {
      for (; forgotten != of_no_target_.end() && *forgotten < first(place); ++forgotten) out.erase(*forgotten);
      waiting_.mature_rows()[place].write_pieces(first(place), out);
    }
    for (; forgotten != of_no_target_.end(); ++forgotten) out.erase(*forgotten);
    of_no_target_.clear();
  }
  bool read_task_piece(std::uint64_t number, std::string_view bytes) override {
    const auto scorer = std::find_if(scorers_.begin(), scorers_.end(),
                                     [&](const Scorer& each) { return each.target().id == number >> 32; });
    if (scorer == scorers_.end()) {
      of_no_target_.push_back(number);
      return true;
    }
    waiting_.mature_rows()[static_cast<std::size_t>(scorer - scorers_.begin())].read_piece(bytes);
    return true;
  }

 private:
  // A target that is scored when such an event comes.
  struct EventCause {
    std::size_t place;
    EventMatcher event;
  };

  static std::vector<Scorer> scorers(const Targets& targets, const ColumnCatalog& columns) {
    std::vector<Scorer> made;
    for (std::size_t place = 0; place < targets.all.size(); ++place) made.emplace_back(targets, place, columns);
    return made;
  }
  static std::vector<std::uint64_t> schemas(const std::vector<Scorer>& scorers) {
    std::vector<std::uint64_t> schemas;
    for (const Scorer& scorer : scorers) schemas.push_back(scorer.features().schema());
    return schemas;
  }

  // The event that is the cause is in the state of all operators.
  void score_at_event(CustomerContext& context) {
    const Event event = *context.cause().record;
    for (EventCause& cause : causes_) {
      if (!cause.event.matches(event)) continue;
      if (context.cause().on_time)
        score(cause.place, {.at = context.now(), .event = &event}, context);
      else
        context.count("causes_too_late");
    }
  }

  void score_at_enters(CustomerContext& context) {
    for (const ListEntered& entered : context.signals().of<ListEntered>())
      for (const std::size_t place : lists_)
        if (targets_.all[place].at_list == entered.list &&
            context.section<ScoresSection>().enter(targets_.all[place].id))
          score(place, {.at = context.now()}, context);
  }

  void score(std::size_t place, Occasion occasion, CustomerContext& context) {
    Scorer& scorer = scorers_[place];
    if (!scorer.concerns(context)) return;
    EventMatcher& label = waiting_.matchers()[targets_.all[place].label];
    if (label.needs_trigger()) {
      trigger_.clear();
      label.append_trigger(*context.cause().record, trigger_);
      occasion.is_judged = trigger_.size() <= kTriggerBytesMax;
      if (occasion.is_judged)
        occasion.trigger = trigger_;
      else
        context.count("triggers_too_long");
    }
    if (std::optional<PendingRow> row = scorer.score(context, occasion)) waiting_.keep(place, std::move(*row), context);
  }

  Targets targets_;
  std::uint8_t slot_;
  std::vector<Scorer> scorers_;
  WaitingRows waiting_;
  History history_;
  std::vector<EventCause> causes_;
  std::vector<std::size_t> lists_;           // targets that are scored at an enter
  std::vector<std::uint64_t> of_no_target_;  // stored pieces of targets that are no longer configured
  bool own_event_ = false;                   // the record that is the cause was applied
  std::vector<ScoreTally> tallies_;
  std::string trigger_;
};

}  // namespace

std::unique_ptr<KeyedOperator> make_keyed(Targets targets, const ColumnCatalog& columns, std::uint8_t slot) {
  return std::make_unique<KeyedScores>(std::move(targets), columns, slot);
}

}  // namespace nudge::scores
