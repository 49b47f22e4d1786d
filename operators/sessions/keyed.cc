#include "operators/sessions/keyed.h"

#include "operators/sessions/section.h"

namespace nudge::sessions {
namespace {

bool is_sale(const Event& event) {
  return event.topic() == Topic::kTransactions &&
         event.choice(field::transactions::kKind, TransactionKind::kCancel) == TransactionKind::kSale;
}

// Mostly the same bytes at the same place.
bool is_same(const Event& a, const Event& b) {
  const std::string_view left = a.bytes(), right = b.bytes();
  return left.size() == right.size() && (left.data() == right.data() || left == right);
}

class Sessions final : public KeyedOperator {
 public:
  explicit Sessions(Millis gap) : gap_(gap) {}

  void apply(const Event& event, CustomerContext& customer) override {
    if (event.topic() == Topic::kPageViews) {
      auto& section = changed_section(customer);
      const PageView view = page_view_of(event);
      section.apply(view, clock(customer));
      const Cause& cause = customer.cause();
      if (cause.kind == Cause::Kind::kRecord && cause.record && is_same(*cause.record, event)) own_view_ = view;
    } else if (is_sale(event)) {
      changed_section(customer).apply_sale(event.time(), clock(customer));
    }
  }

  void retract(const Event& event, CustomerContext& customer) override {
    if (event.topic() == Topic::kPageViews) {
      changed_section(customer).retract(page_view_of(event), clock(customer));
    } else if (is_sale(event)) {
      changed_section(customer).retract_sale(event.time(), clock(customer));
    }
  }

  void timer(CustomerContext& customer) override { changed_section(customer).armed = kNever; }

  void settle(CustomerContext& customer) override {
    const auto* state = customer.peek<SessionsSection>();
    if (!state || !state->changed) return;
    auto& section = customer.section<SessionsSection>();
    section.changed = false;
    if (section.next_end(gap_) <= customer.watermark()) section.end_silent(clock(customer));
    tell_of_touch(section, customer);
    for (const SessionEnded& ended : section.take_endings()) customer.signals().of<SessionEnded>().push_back(ended);
    if (const std::uint64_t trimmed = section.take_trimmed(); trimmed > 0) customer.count("trimmed", trimmed);
    // A later end is found when the timer is due, so that a session arms it once and not at each of its events.
    if (const Millis due = section.next_end(gap_); due < section.armed) customer.arm(section.armed = due);
  }

  // No settle follows what was applied before.
  void erase(CustomerContext&) override { own_view_.reset(); }

  void finish(CustomerContext& customer, TimelineReader&) override {
    const auto* state = customer.peek<SessionsSection>();
    if (!state) return;
    for (const Visit& visit : state->open())
      customer.signals().of<SessionEnded>().push_back({visit.id, visit.first, visit.last});
  }

 private:
  Clock clock(const CustomerContext& customer) const { return {gap_, customer.watermark()}; }

  static SessionsSection& changed_section(CustomerContext& customer) {
    auto& section = customer.section<SessionsSection>();
    section.changed = true;
    return section;
  }

  void tell_of_touch(SessionsSection& section, CustomerContext& customer) {
    const auto view = std::exchange(own_view_, std::nullopt);
    if (!view || !customer.cause().on_time) return;
    const Visit* visit = section.open_session_of(*view);
    if (!visit) return;
    section.touch(*visit);
    customer.signals().of<SessionTouched>().push_back({visit->id, std::string(section.session_id_of(*visit)),
                                                       view->touch.at, visit->sales + visit->waiting_sales > 0});
  }

  const Millis gap_;
  std::optional<PageView> own_view_;  // the page view that is the cause, until it is settled
};

}  // namespace

std::unique_ptr<KeyedOperator> make_keyed(const OperatorSetup& setup) {
  return std::make_unique<Sessions>(setup.config.at("gap").duration());
}

}  // namespace nudge::sessions
