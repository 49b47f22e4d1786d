#include "operators/recommendations/candidates.h"

#include <algorithm>
#include <cmath>

#include "engine/portable_math.h"

namespace nudge::recommendations {
namespace {

// By how much a purchase counts less than the one after it: half after 10 and after 60.
constexpr double kLately = 0.9330329915368074, kAlways = 0.9885140203528962;
// Purchases of everybody that are added to the customer's own.
constexpr double kLatelyPrior = 0.5, kAlwaysPrior = 2;
constexpr double kShareLeast = 1e-6;
constexpr std::size_t kNewestForCuriosity = 10;

double log_ratio(double part, double whole) { return portable::log(part / whole); }

// How much more probable than by its popularity a rule makes it, in logarithms; 0 without a rule.
double strength(const rules::PublishedRule* rule) {
  return rule ? std::clamp(portable::log(std::max(rule->lift, 1.0)), 0.0, 4.0) : 0;
}

bool is_surer(const rules::PublishedRule& a, const rules::PublishedRule* b) {
  return !b || a.probability > b->probability || (a.probability == b->probability && a.id < b->id);
}

}  // namespace

Millis CandidateFinder::next_purchase(const History& history) {
  const auto& all = history.purchases();
  const Millis last = all.back().time;
  if (all.size() < 2) return last + kWeek;
  return last + (last - all.front().time) / static_cast<Millis>(all.size() - 1);
}

void CandidateFinder::look_back(const History& history, const ItemModel& model) {
  own_.clear();
  lately_ = always_ = 0;
  double lately = 1, always = 1;
  std::size_t age = 0;
  const auto& purchases = history.purchases();
  for (auto purchase = purchases.rbegin(); purchase != purchases.rend(); ++purchase, ++age) {
    for (const ItemHash hash : purchase->items) {
      const ItemNumber* item = model.find(hash);
      if (!item) continue;
      std::int32_t& place = beside_[*item].own;
      if (place < 0) {
        place = static_cast<std::int32_t>(own_.size());
        touched_.push_back(*item);
        own_.push_back({*item, 0, 0, 0, 0, purchase->time, age == 0});
      }
      Own& own = own_[static_cast<std::size_t>(place)];
      own.lately += lately;
      own.always += always;
      own.bought += 1;
      own.first = purchase->time;
    }
    lately_ += lately;
    always_ += always;
    lately *= kLately;
    always *= kAlways;
  }
  for (const ItemHash hash : history.earlier())
    if (const ItemNumber* item = model.find(hash); item && beside_[*item].own < 0) {
      beside_[*item].long_ago = true;
      touched_.push_back(*item);
    }
  const std::size_t newest = std::min(purchases.size(), kNewestForCuriosity);
  const Millis since = purchases[purchases.size() - newest].time;
  const auto firsts = std::count_if(own_.begin(), own_.end(), [&](const Own& own) { return own.first >= since; });
  curiosity_ = (static_cast<double>(firsts) + 0.5) / (static_cast<double>(newest) + 0.5);
  next_ = next_purchase(history);
}

void CandidateFinder::look_beside(const ItemModel& model) {
  for (const Own& own : own_) {
    for (const Neighbour& neighbour : model.items[own.item].neighbours) {
      Beside& beside = beside_[neighbour.item];
      if (beside.is_untouched()) touched_.push_back(neighbour.item);
      beside.share += neighbour.share;
    }
  }
}

void CandidateFinder::ask_rules(const History& history, const ItemModel& model, RuleBook& rules,
                                CustomerContext& customer) {
  said_.clear();
  rules.ask_baskets(history.purchases().back().items, customer, said_);
  rules.ask_sequences(history, next_, customer, said_);
  for (const RuleBook::Said& said : said_) {
    if (said.window && said.from > next_) continue;
    const ItemNumber* item = model.find(said.consequent);
    if (!item) continue;
    Beside& beside = beside_[*item];
    if (beside.is_untouched()) touched_.push_back(*item);
    const rules::PublishedRule*& known = said.window ? beside.sequence_rule : beside.basket_rule;
    if (is_surer(*said.rule, known)) known = said.rule;
  }
}

void CandidateFinder::add_repeats(const ItemModel& model) {
  const auto count = static_cast<double>(own_.size());
  for (const Own& own : own_) {
    const ItemFacts& facts = model.items[own.item];
    const Beside& beside = beside_[own.item];
    Candidate& made = all_.emplace_back();
    made.item = own.item;
    made.evidence = Evidence::kRepeat;
    made.bought = own.bought;
    made.last = own.last;
    made.basket_rule = beside.basket_rule;
    made.sequence_rule = beside.sequence_rule;
    const double popularity = std::max(facts.popularity, kShareLeast);
    Millis gap = own.bought > 2 ? (own.last - own.first) / (own.bought - 1) : facts.lasts;
    gap = std::clamp(gap, kHour, 365 * kDay);
    const double due = std::clamp(static_cast<double>(next_ - own.last) / static_cast<double>(gap), 0.125, 1.0);
    const double values[] = {1,
                             log_ratio(own.lately + kLatelyPrior * popularity, lately_ + kLatelyPrior),
                             log_ratio(own.always + kAlwaysPrior * popularity, always_ + kAlwaysPrior),
                             portable::log(popularity),
                             portable::log(beside.share / count + 1e-4),
                             own.in_last ? 1.0 : 0.0,
                             portable::log(due),
                             strength(made.basket_rule),
                             strength(made.sequence_rule)};
    for (std::size_t i = 0; i < std::size(values); ++i) made.features.values[i] = feature_of(values[i]);
  }
}

void CandidateFinder::add_new() {
  double shares = kShareLeast;
  for (const ItemNumber item : touched_)
    if (beside_[item].is_new()) shares += beside_[item].share;
  for (const ItemNumber item : touched_) {
    const Beside& beside = beside_[item];
    if (!beside.is_new()) continue;
    Candidate& made = all_.emplace_back();
    made.item = item;
    made.basket_rule = beside.basket_rule;
    made.sequence_rule = beside.sequence_rule;
    const double values[] = {1, log_ratio(beside.share + kShareLeast, shares), portable::log(curiosity_),
                             strength(made.basket_rule), strength(made.sequence_rule)};
    for (std::size_t i = 0; i < std::size(values); ++i) made.features.values[i] = feature_of(values[i]);
  }
}

const ItemFacts* CandidateFinder::goes_with(const ItemFacts& item, const ItemModel& model) const {
  const auto is_before = [](const Own& own, ItemNumber number) { return own.item < number; };
  for (const Neighbour& neighbour : item.neighbours) {
    const auto own = std::lower_bound(own_.begin(), own_.end(), neighbour.item, is_before);
    if (own != own_.end() && own->item == neighbour.item) return &model.items[neighbour.item];
  }
  return nullptr;
}

const std::vector<Candidate>& CandidateFinder::find(const History& history, const ItemModel& model, RuleBook& rules,
                                                    CustomerContext& customer) {
  all_.clear();
  beside_.resize(model.items.size());
  look_back(history, model);
  look_beside(model);
  ask_rules(history, model, rules, customer);
  std::sort(touched_.begin(), touched_.end());
  std::sort(own_.begin(), own_.end(), [](const Own& a, const Own& b) { return a.item < b.item; });
  add_repeats(model);
  add_new();
  std::sort(all_.begin(), all_.end(), [](const Candidate& a, const Candidate& b) { return a.item < b.item; });
  for (Candidate& each : all_) each.probability = model.blend.probability(each.evidence, each.features);
  for (const ItemNumber item : touched_) beside_[item] = {};
  touched_.clear();
  return all_;
}

}  // namespace nudge::recommendations
