#include "tools/nudge/generate/life.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace nudge::generate {

namespace {

constexpr double kMeanFurtherCategories = 1.0, kTwoUnits = 0.1, kDiscounted = 0.8, kSecondDevice = 0.5, kIdentify = 0.3;

constexpr std::uint8_t kMiddleProduct = 1;
constexpr std::array<std::string_view, 4> kRegions = {"north", "east", "south", "west"};

bool contains(const std::vector<Category>& basket, Category category) {
  return std::find(basket.begin(), basket.end(), category) != basket.end();
}

}  // namespace

struct Life::Call {
  Call(const Population& population, Shopper& shopper)
      : shopper(shopper),
        traits(population.traits(shopper.number)),
        random(population.stream(shopper.number), shopper.drawn),
        customer(customer_id(shopper.number)) {}
  ~Call() { shopper.drawn = random.drawn(); }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  std::string event_id(char letter) { return fmt::format("{}{}-{}", letter, shopper.number, ++shopper.records); }
  std::string visitor(char device) const { return fmt::format("{}{:07}", device, shopper.number); }
  Person known() const { return {.customer = customer, .visitor = {}}; }
  Person known_at(char device) const { return {.customer = customer, .visitor = visitor(device)}; }

  Shopper& shopper;
  Traits traits;
  Random random;
  std::string customer;
};

Life::Life(const GenerateOptions& options, const Population& population, RecordWriter& records)
    : options_(options),
      population_(population),
      records_(records),
      confidence_(options.null_rules ? BasketRule::kElsewhere : BasketRule::kConfidence),
      follow_up_probability_(options.null_rules ? 0 : SequenceRule::kProbability) {}

void Life::live(Shopper& shopper, Millis until) {
  Call call(population_, shopper);
  if (!shopper.joined) join(call);
  while (shopper.next_visit < until) {
    const Millis time = shopper.next_visit;
    visit(call, time);
    plan_visit(call, time, time + options_.apart);
  }
}

void Life::join(Call& call) {
  const std::array<std::pair<std::string_view, bool>, 3> consents = {{{"email", call.traits.consents_email},
                                                                      {"sms", call.traits.consents_sms},
                                                                      {"video", call.traits.consents_video}}};
  records_.profile(call.event_id('c'), call.traits.joined, call.known(), call.traits.segment, call.traits.birth_year,
                   consents);
  call.shopper.joined = true;
  plan_visit(call, call.traits.joined, call.traits.joined);
}

// Arrivals of the Poisson process after `after`, of which those before `not_before` are passed over.
void Life::plan_visit(Call& call, Millis after, Millis not_before) {
  const double rate = call.traits.online_per_week + call.traits.store_per_week;
  const Millis stop = std::min(call.traits.gone, population_.end() - std::max<Millis>(options_.apart, kHour));
  Millis time = after;
  do {
    const double gap_weeks = rate > 0 ? call.random.exponential(1 / rate) : 1e6;
    time += 1 + static_cast<Millis>(std::min(gap_weeks, 1e6) * kWeek);
  } while (time < not_before);
  call.shopper.next_visit = time < stop ? time : kNever;
  call.shopper.next_is_online = call.random.unit() * rate < call.traits.online_per_week;
  follow_up_before(call, time < stop ? time : population_.end() - kHour, after);
}

void Life::visit(Call& call, Millis time) {
  const std::vector<Category> basket = categories(call, true);
  std::optional<Millis> bought = time;
  if (call.shopper.next_is_online) bought = session(call, time, basket);
  if (!bought) return;
  order(call, *bought, call.shopper.next_is_online ? "online" : "store", basket, {});
  start_spell(call, *bought, basket);
}

std::optional<Millis> Life::session(Call& call, Millis start, const std::vector<Category>& basket) {
  Random& random = call.random;
  const bool anonymous = random.chance(options_.anonymous);
  const char device = anonymous && random.chance(kSecondDevice) ? 'w' : 'v';
  const Person person = anonymous ? Person{.customer = {}, .visitor = call.visitor(device)} : call.known_at(device);
  const int product_views = 1 + random.poisson(SessionPurchase::kMeanFurtherViews);
  const int cart_adds = random.poisson(SessionPurchase::kMeanCartAdds);
  const bool mobile = random.chance(SessionPurchase::kMobileShare);
  PageView view{.session = fmt::format("s{}-{}", call.shopper.number, call.shopper.records),
                .action = "list_view",
                .device = mobile ? "mobile" : "desktop",
                .region = kRegions[static_cast<std::size_t>(call.shopper.number % kRegions.size())],
                .product = {},
                .url = fmt::format("/{}", name_of(basket.front())),
                .referrer = "https://search.example/"};
  if (!anonymous) link_second_device(call, start, view.device);
  Millis time = start;
  const auto next_page = [&] { time += random.between(20, 89) * kSecond + random.below(kSecond); };
  records_.page_view(call.event_id('v'), time, person, view);
  view.referrer.clear();
  int views_left = product_views, adds_left = cart_adds;
  while (views_left + adds_left > 0) {  // each order of views and adds is as likely
    next_page();
    const bool add = random.below(views_left + adds_left) < adds_left;
    --(add ? adds_left : views_left);
    view.action = add ? "cart_add" : "product_view";
    view.product = line(call, basket[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(basket.size())))]);
    view.url = fmt::format("/shop/{}", view.product->product_id);
    records_.page_view(call.event_id('v'), time, person, view);
  }
  next_page();
  if (!random.chance(SessionPurchase::probability(cart_adds, product_views, mobile))) return std::nullopt;
  view.action = "view";
  view.product.reset();
  view.url = "/thanks";
  records_.page_view(call.event_id('v'), time + 30 * kSecond, person, view);
  return time;
}

// The customer signs in on the device that was anonymous till then.
void Life::link_second_device(Call& call, Millis time, std::string_view device) {
  if (!call.traits.links_second_device || call.shopper.second_device_linked || !call.random.chance(kIdentify)) return;
  call.shopper.second_device_linked = true;
  const std::string id = call.event_id('v');
  const PageView identify{.session = "i" + id,
                          .action = "identify",
                          .device = device,
                          .region = kRegions[0],
                          .product = {},
                          .url = {},
                          .referrer = {}};
  records_.page_view(id, time, call.known_at('w'), identify);
}

std::vector<Category> Life::categories(Call& call, bool with_antecedent) {
  const int wanted = std::min(1 + call.random.poisson(kMeanFurtherCategories), kFreeCategories);
  std::array<double, kFreeCategories> weights = kCategoryShares;
  if (!with_antecedent) weights[static_cast<int>(SequenceRule::kAntecedent)] = 0;
  std::vector<Category> basket;
  for (int i = 0; i < wanted; ++i) {
    double total = 0;
    for (const double weight : weights) total += weight;
    if (total <= 0) break;
    double draw = call.random.unit() * total;
    int chosen = -1;
    for (int category = 0; category < kFreeCategories; ++category) {
      if (weights[category] <= 0) continue;
      chosen = category;
      if (draw < weights[category]) break;
      draw -= weights[category];
    }
    weights[chosen] = 0;
    basket.push_back(static_cast<Category>(chosen));
  }
  const bool in_rule = call.traits.segment.has_basket_rule() && contains(basket, BasketRule::kAntecedent);
  if (call.random.chance(in_rule ? confidence_ : BasketRule::kElsewhere)) basket.push_back(BasketRule::kConsequent);
  if (options_.null_rules && call.random.chance(SequenceRule::kWithoutRule))
    basket.push_back(SequenceRule::kConsequent);
  return basket;
}

SaleLine Life::line(Call& call, Category category) {
  Product product{.category = category, .level = call.traits.segment.price_level(), .number = kMiddleProduct};
  const auto number = static_cast<std::uint8_t>(call.random.below(kProductsPerLevel));
  const bool discounted = call.random.chance(kDiscounted) || options_.separated;
  if (!options_.separated) product.number = number;
  SaleLine line{.product_id = product.id(),
                .quantity = call.random.chance(kTwoUnits) ? 2 : 1,
                .list_price = product.list_price(),
                .unit_cost = unit_cost_of(product.list_price())};
  line.unit_price = line.list_price / 100 * (100 - (discounted ? call.traits.segment.discount_percent() : 0));
  return line;
}

std::string Life::order(Call& call, Millis time, std::string_view channel, const std::vector<Category>& basket,
                        std::string_view campaign) {
  Transaction transaction{.id = {}, .channel = channel, .original = {}, .campaign = std::string(campaign), .lines = {}};
  for (const Category category : basket) transaction.lines.push_back(line(call, category));
  const Micro price = Demand::price(options_.seed, (time - options_.start) / kWeek);
  const SaleLine bought = transaction.lines.front();
  if (const int units = call.random.poisson(Demand::mean_units(price)); units > 0)
    transaction.lines.push_back({std::string(kCandle), units, price, price, unit_cost_of(price)});
  const std::string id = call.event_id('t');
  transaction.id = "o" + id.substr(1);
  records_.transaction(id, time, channel == "online" ? call.known_at('v') : call.known(), transaction);
  if (call.shopper.orders < UINT16_MAX) ++call.shopper.orders;
  after_order(call, time, transaction.id, bought);
  return transaction.id;
}

void Life::after_order(Call& call, Millis time, const std::string& transaction, const SaleLine& bought) {
  if (!call.random.chance(options_.returns)) return;
  const Millis returned = time + call.random.between(kDay, 20 * kDay);
  const bool complains = call.random.chance(options_.complaints);
  if (returned >= population_.end()) return;
  const std::string id = call.event_id('t');
  Transaction back{.id = "r" + id.substr(1),
                   .kind = TransactionKind::kReturn,
                   .channel = "online",
                   .original = transaction,
                   .campaign = {},
                   .lines = {bought}};
  back.lines.front().quantity = 1;
  records_.transaction(id, returned, call.known(), back);
  if (complains) records_.complaint(call.event_id('k'), returned, call.known(), transaction, bought.product_id);
}

void Life::start_spell(Call& call, Millis time, const std::vector<Category>& basket) {
  if (!contains(basket, SequenceRule::kAntecedent) || time < call.shopper.spell_until) return;
  call.shopper.spell_until = time + SequenceRule::kHorizonWeeks * kWeek;
  if (!call.random.chance(follow_up_probability_)) return;
  const auto gap = static_cast<Millis>(SequenceRule::gap_weeks(call.random) * kWeek);
  call.shopper.follow_up = time + std::max({gap, options_.apart / 2, kHour});
}

// The follow-up that is due before a visit, kept half of `apart` away from it; its spell ends with it.
void Life::follow_up_before(Call& call, Millis visit, Millis after) {
  const Millis away = options_.apart / 2;
  if (call.shopper.follow_up == kNever || call.shopper.follow_up > visit + away) return;
  const Millis time = std::max(std::min(call.shopper.follow_up, visit - away), after + 1);
  call.shopper.follow_up = kNever;
  call.shopper.spell_until = time;
  order(call, time, "phone", {SequenceRule::kConsequent}, {});
}

std::optional<Outcome> Life::campaign(Shopper& shopper, std::int64_t number, Millis time) {
  Call call(population_, shopper);
  if (!call.traits.consents_email || shopper.unsubscribed) return std::nullopt;
  Random random(mix(population_.stream(shopper.number), 0xca00 + static_cast<std::uint64_t>(number)));
  if (!random.chance(options_.campaign_share)) return std::nullopt;
  Outcome outcome;
  if (time < call.traits.gone) outcome.p0 = CampaignEffect::without(call.traits.segment, shopper.orders);
  outcome.p1 = CampaignEffect::with(outcome.p0);
  const double luck = random.unit();  // one draw for both worlds: the message never puts anybody off
  outcome.y0 = luck < outcome.p0;
  outcome.y1 = luck < outcome.p1;
  outcome.treated = !random.chance(CampaignEffect::kControl);
  const std::string id = fmt::format("k{}", number);
  records_.message(call.event_id('m'), time, call.known(),
                   {.campaign = id, .action = "assigned", .group = outcome.treated ? "treatment" : "control"});
  if (outcome.treated) send(call, id, time + kMinute);
  if (outcome.treated ? outcome.y1 : outcome.y0) {
    const Millis answer = time + random.between(2 * kHour, CampaignEffect::kWindow - kHour);
    order(call, answer, "marketplace", categories(call, false), id);
  }
  return outcome;
}

void Life::send(Call& call, const std::string& campaign, Millis time) {
  constexpr double kBounced = 0.02, kOpened = 0.4, kMachine = 0.1, kClicked = 0.25, kUnsubscribed = 0.005;
  Random& random = call.random;
  const auto message = [&](std::string_view action, bool machine = false) {
    records_.message(call.event_id('m'), time, call.known(),
                     {.campaign = campaign, .action = action, .group = "treatment", .machine = machine});
  };
  message("sent");
  time += random.between(1, 60) * kSecond;
  if (random.chance(kBounced)) return message("bounced");
  message("delivered");
  if (!random.chance(kOpened)) return;
  const bool machine = random.chance(kMachine);
  time += machine ? kSecond : random.between(1, 600) * kMinute / 10;
  message("opened", machine);
  if (machine) return;
  if (random.chance(kClicked)) {
    time += random.between(5, 60) * kSecond;
    message("clicked");
  }
  if (random.chance(kUnsubscribed)) {
    time += random.between(5, 60) * kSecond;
    message("unsubscribed");
    call.shopper.unsubscribed = true;
  }
}

}  // namespace nudge::generate
