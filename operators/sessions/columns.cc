#include "operators/sessions/columns.h"

#include <algorithm>

#include "operators/sessions/section.h"

namespace nudge::sessions {
namespace {

constexpr ColumnUse kSession = ColumnUse::kSessionFeature;
constexpr ColumnUse kBoth = ColumnUse::kSql | ColumnUse::kCustomerFeature;
constexpr ValueType kInteger = ValueType::kInteger, kReal = ValueType::kReal, kText = ValueType::kText;

const SessionsSection& nothing() {
  static const SessionsSection none{};
  return none;
}
const SessionsSection& of(const Section* section) {
  return section ? static_cast<const SessionsSection&>(*section) : nothing();
}
const Visit* current(const Section* section) { return of(section).current(); }

Value count(std::uint64_t value) { return static_cast<std::int64_t>(value); }
Value text(std::string_view value) { return value.empty() ? Value() : Value(value); }
Value days(Millis duration) { return static_cast<double>(duration) / static_cast<double>(kDay); }

// ---- of the current session ---------------------------------------------------------------------

template <PageAction kAction>
Value actions(const Section* section, Millis) {
  const Visit* visit = current(section);
  return visit ? count(visit->count(kAction)) : Value();
}

// ---- of the customer ----------------------------------------------------------------------------

// Sums over the sessions with a page view in the last 30 days.
template <typename Count>
Value sum_30d(const Section* section, Millis now, Count count_of) {
  std::uint64_t sum = 0;
  const Millis since = now - 30 * kDay;
  of(section).for_each_back_to([&] { return since; },
                               [&](const Visit& visit) {
                                 if (visit.last_view > since) sum += count_of(visit);
                               });
  return count(sum);
}
template <PageAction kAction>
Value actions_30d(const Section* section, Millis now) {
  return sum_30d(section, now, [](const Visit& visit) { return visit.count(kAction); });
}

Value session_count(const Section* section, Millis) {
  const SessionsSection& own = of(section);
  return count(own.forgotten() + own.ended().size() + own.open().size());
}

// Of ended sessions alone: an open one may still be bought in.
Value bought_share(const Section* section, Millis) {
  const SessionsSection& own = of(section);
  std::uint64_t bought = own.forgotten_bought();
  const std::uint64_t all = own.forgotten() + own.ended().size();
  for (const Visit& visit : own.ended()) bought += visit.sales > 0;
  if (all == 0) return {};
  return static_cast<double>(bought) / static_cast<double>(all);
}

Value days_since_visit(const Section* section, Millis now) {
  const auto last = of(section).last_visit_at();
  return last ? days(now - *last) : Value();
}

// From the end of the session before to the start of the newest.
Value days_between_visits(const Section* section, Millis) {
  const Visit *newest = nullptr, *before = nullptr;
  of(section).for_each_back_to([&] { return before ? before->first : kBeforeAll; },
                               [&](const Visit& visit) {
                                 if (!newest || visit.first > newest->first) {
                                   before = newest;
                                   newest = &visit;
                                 } else if (!before || visit.first > before->first) {
                                   before = &visit;
                                 }
                               });
  return before ? days(std::max<Millis>(0, newest->first - before->last_view)) : Value();
}

constexpr Column kColumns[] = {
    {"session_views", kInteger, "count", "other page views in the session", kSession, actions<PageAction::kView>},
    {"session_product_views", kInteger, "count", "product views in the session", kSession,
     actions<PageAction::kProductView>},
    {"session_list_views", kInteger, "count", "list views in the session", kSession, actions<PageAction::kListView>},
    {"session_searches", kInteger, "count", "searches in the session", kSession, actions<PageAction::kSearch>},
    {"session_cart_adds", kInteger, "count", "products put into the cart in the session", kSession,
     actions<PageAction::kCartAdd>},
    {"session_cart_removes", kInteger, "count", "products taken out of the cart in the session", kSession,
     actions<PageAction::kCartRemove>},
    {"session_cart_views", kInteger, "count", "views of the cart in the session", kSession,
     actions<PageAction::kCartView>},
    {"session_checkouts", kInteger, "count", "checkouts begun in the session", kSession,
     actions<PageAction::kCheckout>},
    {"session_promo_views", kInteger, "count", "promotions seen in the session", kSession,
     actions<PageAction::kPromoView>},
    {"session_promo_clicks", kInteger, "count", "promotions clicked in the session", kSession,
     actions<PageAction::kPromoClick>},
    {"session_page_views", kInteger, "count", "page views of all kinds in the session", kSession,
     [](const Section* s, Millis) { return current(s) ? count(current(s)->page_views()) : Value(); }},
    {"session_products", kInteger, "count", "different products seen in the session", kSession,
     [](const Section* s, Millis) { return current(s) ? count(current(s)->distinct_products()) : Value(); }},
    {"session_seconds", kReal, "seconds", "seconds since the session began", kSession,
     [](const Section* s, Millis now) {
       return current(s) ? Value(static_cast<double>(now - current(s)->first) / static_cast<double>(kSecond)) : Value();
     }},
    {"session_last_price", kReal, "currency", "price of the product seen last", kSession,
     [](const Section* s, Millis) {
       const Visit* visit = current(s);
       return visit && visit->last_price >= 0 ? Value(static_cast<double>(visit->last_price) / 1e6) : Value();
     }},
    {"session_hour", kInteger, "hour", "hour of the day (UTC) at which the session began", kSession,
     [](const Section* s, Millis) { return current(s) ? Value(current(s)->first / kHour % 24) : Value(); }},
    {"session_device", kText, "", "device", kSession,
     [](const Section* s, Millis) { return current(s) ? text(of(s).word(current(s)->device)) : Value(); }},
    {"session_region", kText, "", "region", kSession,
     [](const Section* s, Millis) { return current(s) ? text(of(s).word(current(s)->region)) : Value(); }},
    {"session_referrer", kText, "", "where the session came from", kSession,
     [](const Section* s, Millis) { return current(s) ? text(name_of(current(s)->referrer)) : Value(); }},
    {"page_views", kInteger, "count", "page views", kBoth,
     [](const Section* s, Millis) { return count(of(s).page_views()); }},
    {"sessions", kInteger, "count", "sessions", kBoth, session_count},
    {"sessions_30d", kInteger, "count", "sessions in the last 30 days", kBoth,
     [](const Section* s, Millis now) { return sum_30d(s, now, [](const Visit&) { return 1u; }); }},
    {"product_views_30d", kInteger, "count", "product views in the sessions of the last 30 days", kBoth,
     actions_30d<PageAction::kProductView>},
    {"cart_adds_30d", kInteger, "count", "products put into the cart in the sessions of the last 30 days", kBoth,
     actions_30d<PageAction::kCartAdd>},
    {"sessions_bought_share", kReal, "share", "share of the ended sessions with a sale", kBoth, bought_share},
    {"days_since_visit", kReal, "days", "days since the last page view", kBoth, days_since_visit},
    {"days_between_visits", kReal, "days", "days between the last two sessions", kBoth, days_between_visits},
    {"last_visit_at", kText, "time", "time of the last page view", ColumnUse::kSql,
     [](const Section* s, Millis) {
       const auto last = of(s).last_visit_at();
       return last ? time_value(*last) : Value();
     }},
};

}  // namespace

std::span<const Column> columns() { return kColumns; }
FeatureReader features() { return read_features<kColumns>; }

}  // namespace nudge::sessions
