// Random lives against a keeper that knows no timers: it looks at every hour and decides anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/operators/targets/list_shop.h"

namespace nudge::targets::testing {
namespace {

// What is true of the customer at an hour.
struct World {
  std::vector<int> sales;
  std::vector<std::pair<int, bool>> consents;  // from this hour on, the last one holds
  int orders = 0;

  bool granted(int hour) const {
    bool status = false;
    for (const auto& [from, granted] : consents)
      if (from <= hour) status = granted;
    return status;
  }
  std::optional<int> consent_changes(int hour) const {
    for (const auto& [from, granted] : consents)
      if (from > hour) return from;
    return std::nullopt;
  }
};

int hours_of(Millis duration) { return static_cast<int>(duration / kHour); }

// By brute force; writes `hour operation list probability reasons` as brief() does.
class HourlyKeeper {
 public:
  explicit HourlyKeeper(const TargetingSettings& settings) : settings_(settings), lists_(settings.lists.size()) {}

  void tick(int hour, const World& world) {
    look(hour, world, {});
    // A start changes what the other lists may do.
    look(hour, world, {});
  }
  void score(int hour, const World& world, int micro) {
    look(hour, world, micro);
    look(hour, world, {});
  }
  std::vector<std::string> records;

 private:
  struct State {
    bool member = false, eligible = false;
    int micro = 0, scored = 0;
    std::string reasons;
    std::vector<int> starts;
  };

  void look(int hour, const World& world, std::optional<int> micro) {
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      const ListSettings& list = settings_.lists[i];
      State& state = lists_[i];
      const bool wanted = list.where == "true" || world.orders >= 1;
      const bool was_member = state.member;
      if (micro) {
        const bool inside = *micro >= list.lowest_micro && *micro <= list.highest_micro && wanted;
        if (!inside && !was_member) continue;
        state.micro = *micro;
        if (!inside) {
          leave(hour, list, state, world);
          continue;
        }
        state.scored = hour;
        state.member = true;
      } else if (!state.member) {
        continue;
      } else if (hour >= state.scored + hours_of(list.valid) || !wanted) {
        leave(hour, list, state, world);
        continue;
      }
      const std::string reasons = reasons_for(hour, list, state, world);
      const bool changed = reasons != state.reasons || !was_member;
      if (reasons == "ok" && !state.eligible) state.starts.push_back(hour);
      state.reasons = reasons;
      state.eligible = reasons == "ok";
      if (micro || changed) tell(hour, was_member ? "update" : "enter", list, state);
    }
  }

  void leave(int hour, const ListSettings& list, State& state, const World& world) {
    if (const std::string reasons = reasons_for(hour, list, state, world); reasons != "ok") state.reasons = reasons;
    tell(hour, "exit", list, state);
    state.member = state.eligible = false;
    state.reasons.clear();
  }

  std::string reasons_for(int hour, const ListSettings& list, const State& state, const World& world) const {
    const bool denied = list.channel && !world.granted(hour);
    const bool bought = list.recent_purchase && std::any_of(world.sales.begin(), world.sales.end(), [&](int sale) {
                          return sale > hour - hours_of(*list.recent_purchase);
                        });
    bool capped = false;
    if (!state.eligible || denied || bought) {
      const auto count = [hour](const std::vector<int>& starts, const FrequencyCap& cap) {
        return std::count_if(starts.begin(), starts.end(), [&](int start) { return start > hour - hours_of(cap.per); });
      };
      if (list.cap) capped = count(state.starts, *list.cap) >= list.cap->max;
      if (settings_.cap) {
        std::int64_t all = 0;
        for (const State& other : lists_) all += count(other.starts, *settings_.cap);
        capped = capped || all >= settings_.cap->max;
      }
    }
    return reasons_of(static_cast<Suppression>((denied ? kConsent : 0) | (capped ? kFrequencyCapped : 0) |
                                               (bought ? kRecentPurchase : 0)));
  }

  void tell(int hour, const std::string& operation, const ListSettings& list, const State& state) {
    records.push_back(std::to_string(hour) + " " + operation + " " + list.name + " " +
                      nlohmann::json(state.micro / 1e6).dump() + " " + state.reasons);
  }

  const TargetingSettings& settings_;
  std::vector<State> lists_;
};

TargetingSettings random_settings(std::mt19937& random) {
  const auto one_in = [&random](unsigned n) { return random() % n == 0; };
  TargetingSettings settings;
  settings.holdout = 0.1;
  for (std::size_t i = 0; i <= random() % 3; ++i) {
    ListSettings list = list_named(std::string(1, static_cast<char>('a' + i)));
    list.lowest_micro = static_cast<std::int32_t>(random() % 4 * 100'000);
    list.highest_micro = list.lowest_micro + static_cast<std::int32_t>(random() % 5 * 100'000);
    list.valid = static_cast<Millis>(5 + random() % 60) * kHour;
    if (one_in(2)) list.where = "orders >= 1";
    if (one_in(2)) list.channel = Channel::kEmail;
    if (one_in(2)) list.recent_purchase = static_cast<Millis>(1 + random() % 30) * kHour;
    if (one_in(2))
      list.cap =
          FrequencyCap{1 + static_cast<std::int64_t>(random() % 3), static_cast<Millis>(1 + random() % 60) * kHour};
    settings.lists.push_back(list);
  }
  if (one_in(2))
    settings.cap =
        FrequencyCap{1 + static_cast<std::int64_t>(random() % 3), static_cast<Millis>(1 + random() % 60) * kHour};
  return settings;
}

// Tells the shop's columns what the world is at an hour.
void show(const World& world, int hour, ListShop& shop) {
  shop.customer.set("consent_email", world.granted(hour) ? Value("granted") : Value("withdrawn"));
  const auto changes = world.consent_changes(hour);
  shop.customer.set("consent_changes_at", changes ? Value(ListShop::time_of(*changes)) : Value());
  shop.customer.set("orders", Value(std::int64_t{world.orders}));
  shop.customer.set("last_order_at_ms", world.sales.empty() ? Value() : Value(ListShop::time_of(world.sales.back())));
}

// Something happens at the hour; true where a record of the customer tells of it.
bool change(World& world, int hour, std::mt19937& random) {
  switch (random() % 8) {
    case 0:
      world.sales.push_back(hour);
      return true;
    case 1:  // a sale is cancelled
      if (!world.sales.empty()) world.sales.pop_back();
      return true;
    case 2:
      world.orders = static_cast<int>(random() % 2);
      return true;
    case 3:
    case 4: {  // a new profile: what holds from now, and what from later
      world.consents = {{hour, random() % 3 != 0}};
      if (random() % 2 == 0) world.consents.emplace_back(hour + 1 + static_cast<int>(random() % 30), random() % 2 == 0);
      return true;
    }
    case 5:
      return true;  // a page view
    default:
      return false;
  }
}

TEST(ListKeeper, EqualsAnHourlyKeeper) {
  std::size_t records = 0, eligible = 0;
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const TargetingSettings settings = random_settings(random);
    ListShop shop(settings);
    HourlyKeeper hourly(settings);
    World world;
    for (int hour = 0; hour < 300; ++hour) {
      // Columns say what is true at their time: each timer fires at its own hour.
      show(world, hour, shop);
      shop.wait_until(hour);
      hourly.tick(hour, world);
      if (change(world, hour, random)) {
        show(world, hour, shop);
        shop.cause(hour);
        hourly.tick(hour, world);
      }
      if (random() % 4 == 0) {
        const int micro = static_cast<int>(random() % 9) * 100'000;
        shop.cause(hour, {ListShop::score(hour, micro)});
        hourly.score(hour, world, micro);
      }
      if (random() % 20 == 0) shop.restart();
    }
    std::vector<std::string> found;
    for (const auto& record : shop.take()) {
      found.push_back(brief(record));
      eligible += record.at("eligible").get<bool>();
      EXPECT_EQ(record.at("eligible").get<bool>(), record.at("suppressed_by").empty());
    }
    ASSERT_EQ(found, hourly.records);
    records += found.size();
  }
  EXPECT_GT(eligible, 500u);
  EXPECT_GT(records - eligible, 500u);
}

}  // namespace
}  // namespace nudge::targets::testing
