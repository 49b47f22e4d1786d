#include "operators/recommendations/reminders.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "engine/hash.h"
#include "operators/recommendations/recommender.h"

namespace nudge::recommendations {
namespace {

void add_rhythms(const History& history, Millis after, const ItemModel& model, const Settings& settings,
                 std::vector<Reminder>& reminders) {
  std::map<ItemNumber, std::vector<Millis>> times;
  for (const Purchase& purchase : history.purchases())
    for (const ItemHash hash : purchase.items)
      if (const ItemNumber* item = model.find(hash)) {
        std::vector<Millis>& of_item = times[*item];
        if (of_item.empty() || of_item.back() != purchase.time) of_item.push_back(purchase.time);
      }
  for (const auto& [item, of_item] : times) {
    const auto rhythm = Rhythm::of(of_item);
    if (!rhythm) continue;
    const auto best = model.rhythms.best(*rhythm);
    if (!best || best->probability < settings.reminder_probability_least) continue;
    const Millis at = of_item.back() + RhythmTable::age(*rhythm, best->quarter);
    if (at <= after) continue;
    reminders.push_back({at, at + RhythmTable::kAhead, item, best->probability, nullptr, rhythm->purchases,
                         rhythm->mean_gap, of_item.back()});
  }
}

void add_sequences(const History& history, Millis after, const ItemModel& model, RuleBook& rules,
                   const Settings& settings, CustomerContext& customer, std::vector<Reminder>& reminders) {
  std::vector<RuleBook::Said> said;
  rules.ask_sequences(history, after, customer, said);
  for (const RuleBook::Said& each : said) {
    const ItemNumber* item = model.find(each.consequent);
    if (!item || each.from <= after || each.window->probability < settings.probability_least) continue;
    reminders.push_back({each.from, each.until, *item, each.window->probability, each.rule, 0, 0, 0});
  }
}

}  // namespace

std::vector<Reminder> reminders_of(const History& history, Millis after, const ItemModel& model, RuleBook& rules,
                                   const Settings& settings, CustomerContext& customer) {
  std::vector<Reminder> reminders;
  add_rhythms(history, after, model, settings, reminders);
  add_sequences(history, after, model, rules, settings, customer, reminders);
  const std::vector<ItemHash> refused = given_back(history, after, settings.returned);
  std::erase_if(reminders, [&](const Reminder& each) {
    return std::binary_search(refused.begin(), refused.end(), hash64(model.items[each.item].text));
  });
  const auto key = [](const Reminder& each) {
    return std::tuple(each.at, -each.probability, each.item,
                      each.rule ? std::string_view(each.rule->id) : std::string_view());
  };
  std::sort(reminders.begin(), reminders.end(), [&](const Reminder& a, const Reminder& b) { return key(a) < key(b); });
  return reminders;
}

}  // namespace nudge::recommendations
