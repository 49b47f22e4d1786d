// Labels against brute force: events that come out of order or late, are taken back, or join from elsewhere, with
// restarts in between. A row's label is what the facts at its maturity say, a judged score's what the facts at the end
// do.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "operators/scores/history.h"
#include "tests/operators/scores/shop.h"

namespace nudge::scores {
namespace {

using testing::Desk;

constexpr Millis kStart = 2'800 * kWeek, kEnd = kStart + 40 * kDay, kDisorder = kHour;
constexpr std::uint8_t kSlot = 2;
constexpr std::int32_t kProbability = 300'000;

// What the conditions below look at, without SQL.
struct Fact {
  Topic topic = Topic::kTransactions;
  Millis at = 0;
  std::string id, kind, campaign, original;
  bool operator==(const Fact&) const = default;
};

enum Place : std::size_t { kResponds, kReturns, kInPromotion, kContent, kPlaces };

Targets four_targets() {
  Targets targets;
  targets.promotions = {{kStart + 6 * kDay, kStart + 9 * kDay}, {kStart + 21 * kDay + 7, kStart + 30 * kDay}};
  Target target = testing::responds();
  target.within = 5 * kDay;
  testing::add_target(targets, target, testing::kOfTheCampaign);
  target.name = "returns";
  target.at_event = EventCondition{Topic::kTransactions, "kind = 'sale'"};
  target.within = 8 * kDay;
  target.label_delay = 2 * kDay;
  testing::add_target(targets, target, "kind = 'return' and original_transaction_id = trigger.transaction_id");
  target = {};
  target.name = "in_promotion";
  target.lead = 2 * kDay;
  target.label_delay = kHour;
  testing::add_target(targets, target, "kind = 'sale'");
  target = {};
  target.name = "content";
  target.none = true;
  target.every = 3 * kDay;
  target.within = 4 * kDay;
  testing::add_target(targets, target, "type = 'complaint'", Topic::kCare);
  return targets;
}

bool counts(std::size_t place, const Fact& fact, const Fact& trigger) {
  switch (place) {
    case kResponds:
      return fact.topic == Topic::kTransactions && fact.kind == "sale" && !fact.campaign.empty() &&
             fact.campaign == trigger.campaign;
    case kReturns:
      return fact.topic == Topic::kTransactions && fact.kind == "return" && fact.original == trigger.id;
    case kInPromotion:
      return fact.topic == Topic::kTransactions && fact.kind == "sale";
    default:
      return fact.topic == Topic::kCare && fact.kind == "complaint";
  }
}

class Simulation {
 public:
  explicit Simulation(unsigned seed) : random_(seed), targets_(four_targets()), desk_(targets_) {
    for (const LabelDefinition& label : targets_.labels) matchers_.emplace_back(label);
  }

  void run() {
    plan();
    Millis seen = 0;
    for (const auto& [arrival, fact] : arrivals_) {
      seen = std::max(seen, fact.at);
      pass(seen - kDisorder);
      arrive(fact);
      if (chance(4)) take_back();
      if (chance(8)) desk_.customer.reload();
    }
    pass(kEnd + 30 * kDay);
    EXPECT_EQ(made_.size(), desk_.scores.size());
    const auto partials = testing::read_partials(desk_.keyed->partial(kEnd + 40 * kDay));
    for (std::size_t place = 0; place < kPlaces; ++place) {
      SCOPED_TRACE(targets_.all[place].name);
      auto found = partials[place].rows;
      std::sort(found.begin(), found.end());
      std::sort(mature_[place].begin(), mature_[place].end());
      EXPECT_EQ(found, mature_[place]);
      rows_ += found.size();
      for (const auto& row : found) positives_ += row.second;
    }
    judge();
  }
  std::size_t rows() const { return rows_; }
  std::size_t positives() const { return positives_; }

 private:
  struct Made {
    std::size_t place;
    Millis at;
    Fact trigger;
    Window window;
    bool mature = false;
  };

  bool chance(unsigned one_in) { return random_() % one_in == 0; }
  std::string campaign() { return chance(3) ? "" : "k" + std::to_string(random_() % 3); }

  void plan() {
    std::vector<std::string> sales = {"none"};
    for (int i = 0; i < 120; ++i) {
      Fact fact;
      fact.at = kStart + static_cast<Millis>(random_() % (40 * kDay));
      if (chance(8)) fact.at -= fact.at % kDay;
      fact.id = std::to_string(i);
      switch (random_() % 5) {
        case 0:
        case 1:
          fact.kind = "sale";
          fact.campaign = campaign();
          sales.push_back(fact.id);
          break;
        case 2:
          fact.kind = "return";
          fact.original = sales[random_() % sales.size()];
          break;
        case 3:
          fact.topic = Topic::kCampaignEvents;
          fact.kind = chance(2) ? "sent" : "opened";
          fact.campaign = "k" + std::to_string(random_() % 3);
          break;
        default:
          fact.topic = Topic::kCare;
          fact.kind = chance(2) ? "complaint" : "question";
      }
      const Millis delay = chance(8) ? 6 * kDay : chance(3) ? 2 * kHour : 1;
      arrivals_.emplace(fact.at + static_cast<Millis>(random_() % static_cast<std::uint64_t>(delay)), fact);
    }
  }

  Event event(const Fact& fact) {
    if (fact.topic == Topic::kCampaignEvents) return desk_.message(fact.at, fact.id, fact.campaign, fact.kind);
    if (fact.topic == Topic::kCare)
      return desk_.record(fact.topic, fact.at, fact.id, R"("type": ")" + fact.kind + "\"");
    std::string more;
    if (!fact.campaign.empty()) more += R"("campaign_id": ")" + fact.campaign + "\", ";
    if (!fact.original.empty()) more += R"("original_transaction_id": ")" + fact.original + "\", ";
    return desk_.transaction(fact.at, fact.id, fact.kind, more);
  }

  // Sweeps and timers that are due by then.
  void pass(Millis watermark) {
    for (Millis due; (due = desk_.keyed->next_sweep(swept_)) <= watermark; swept_ = due) {
      mature(due);
      desk_.sweep(due);
      for (const Promotion& promotion : targets_.promotions)
        if (due == promotion.from - 2 * kDay) make(kInPromotion, due, {}, {promotion.from - 1, promotion.until});
      if (due % (3 * kDay) == 0) make(kContent, due, {}, {due, due + 4 * kDay});
    }
    mature(watermark);
    desk_.pass(watermark);
    watermark_ = std::max(watermark_, watermark);
  }

  void arrive(const Fact& fact) {
    const Event record = event(fact);
    timeline_.apply(record);
    facts_.push_back(fact);
    if (chance(10)) return desk_.join(record, std::max(fact.at, watermark_));
    desk_.happen(record);
    if (fact.at < watermark_) return;
    if (fact.kind == "sent") make(kResponds, fact.at, fact, {fact.at, fact.at + 5 * kDay});
    if (fact.kind == "sale") make(kReturns, fact.at, fact, {fact.at, fact.at + 8 * kDay});
  }

  void take_back() {
    const std::size_t place = random_() % facts_.size();
    const Event record = event(facts_[place]);
    timeline_.retract(record);
    desk_.undo(record, std::max(facts_[place].at, watermark_));
    facts_.erase(facts_.begin() + static_cast<std::ptrdiff_t>(place));
  }

  void make(std::size_t place, Millis at, const Fact& trigger, const Window& window) {
    made_.push_back({place, at, trigger, window});
    ScoreNote note{.target = static_cast<std::uint8_t>(place), .at = at, .probability_micro = kProbability};
    std::string fields;
    EventMatcher& matcher = matchers_[targets_.all[place].label];
    if (matcher.needs_trigger()) matcher.append_trigger(event(trigger), fields);
    note.trigger = fields;
    note.append(notes_.emplace_back(), false, matcher.needs_trigger());
    timeline_.note(kSlot, notes_.back());
  }

  bool label(const Made& made) const {
    const bool any = std::any_of(facts_.begin(), facts_.end(), [&](const Fact& fact) {
      return fact.at > made.window.after && fact.at <= made.window.until && counts(made.place, fact, made.trigger);
    });
    return any != targets_.all[made.place].none;
  }

  void mature(Millis watermark) {
    for (Made& made : made_) {
      const Millis due = made.window.until + targets_.all[made.place].label_delay;
      if (made.mature || due > watermark) continue;
      made.mature = true;
      mature_[made.place].emplace_back(due, label(made));
    }
  }

  void judge() {
    History history(targets_, matchers_);
    history.read(timeline_, kSlot);
    std::vector<ScoreTally> tallies(kPlaces);
    const Millis end = kStart + 30 * kDay;
    history.judge(end, tallies);
    for (std::size_t place = 0; place < kPlaces; ++place) {
      std::uint64_t n = 0, positives = 0;
      for (const Made& made : made_) {
        if (made.place != place || made.window.until > end) continue;
        ++n;
        positives += label(made);
      }
      const Quality quality = tallies[place].quality(0, 1);
      EXPECT_EQ(quality.n, n) << targets_.all[place].name;
      EXPECT_EQ(quality.positives, positives) << targets_.all[place].name;
    }
  }

  std::mt19937 random_;
  Targets targets_;
  Desk desk_;
  std::vector<EventMatcher> matchers_;
  std::multimap<Millis, Fact> arrivals_;
  std::vector<Fact> facts_;  // that hold
  std::vector<Made> made_;
  std::map<std::size_t, std::vector<std::pair<Millis, bool>>> mature_;
  std::deque<std::string> notes_;
  nudge::testing::FakeTimeline timeline_;
  Millis watermark_ = kBeforeAll, swept_ = kStart - 3 * kDay;
  std::size_t rows_ = 0, positives_ = 0;
};

TEST(Labels, EqualBruteForce) {
  std::size_t rows = 0, positives = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Simulation simulation(seed);
    simulation.run();
    rows += simulation.rows();
    positives += simulation.positives();
  }
  // The shop is such that both outcomes are frequent.
  EXPECT_GT(positives, rows / 5);
  EXPECT_LT(positives, rows * 4 / 5);
}

TEST(LabelEvents, EqualAPlainList) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    LabelEvents events;
    std::vector<std::pair<Millis, std::string>> plain;
    for (int i = 0; i < 200; ++i) {
      const std::pair<Millis, std::string> entry(static_cast<Millis>(random() % 50), std::string(random() % 3, 'x'));
      if (random() % 3 != 0) {
        EXPECT_TRUE(events.add(entry.first, entry.second));
        plain.push_back(entry);
      } else {
        events.remove(entry.first, entry.second);
        if (const auto found = std::find(plain.begin(), plain.end(), entry); found != plain.end()) plain.erase(found);
      }
      const Window window{static_cast<Millis>(random() % 50), static_cast<Millis>(random() % 60)};
      const std::string wanted(random() % 3, 'x');
      EXPECT_EQ(events.any(window, [&](std::string_view fields) { return fields == wanted; }),
                std::any_of(plain.begin(), plain.end(), [&](const auto& each) {
                  return each.first > window.after && each.first <= window.until && each.second == wanted;
                }));
    }
    std::string bytes;
    Encoder out(bytes);
    events.encode(out);
    Decoder in(bytes);
    LabelEvents again;
    again.decode(in);
    EXPECT_TRUE(in.ok() && in.at_end() && again == events);
    again.keep([](Millis time, std::string_view) { return time > 25; });
    EXPECT_EQ(again.size(), static_cast<std::size_t>(std::count_if(plain.begin(), plain.end(),
                                                                   [](const auto& each) { return each.first > 25; })));
    again.keep([](Millis, std::string_view) { return false; });
    EXPECT_TRUE(again == LabelEvents());
  }
}

TEST(LabelEvents, AreBounded) {
  LabelEvents events;
  const std::string fields(1'000, 'x');
  std::size_t added = 0;
  while (events.add(static_cast<Millis>(added), fields)) ++added;
  EXPECT_EQ(events.size(), added);
  EXPECT_FALSE(events.any({-1, 0}, [](std::string_view) { return true; }));
  EXPECT_TRUE(events.any({-1, 1}, [](std::string_view) { return true; }));
}

}  // namespace
}  // namespace nudge::scores
