#include "operators/targets/keeper.h"

#include <algorithm>

#include "engine/hash.h"

namespace nudge::targets {
namespace {

std::optional<Millis> time_of(const CustomerContext& customer, const std::optional<ColumnRef>& column) {
  if (!column) return std::nullopt;
  const Value value = customer.value(*column);
  const auto* time = std::get_if<std::int64_t>(&value);
  return time == nullptr ? std::nullopt : std::optional<Millis>(*time);
}

std::string_view text_of(const CustomerContext& customer, const std::optional<ColumnRef>& column) {
  if (!column) return {};
  const Value value = customer.value(*column);
  const auto* text = std::get_if<std::string_view>(&value);
  return text == nullptr ? std::string_view() : *text;
}

void assign_within(std::string& to, std::string_view from, std::size_t bytes_max, CustomerContext& customer,
                   std::string_view what) {
  if (from.size() <= bytes_max) {
    to.assign(from);
  } else {
    to.clear();
    customer.count(what);
  }
}

}  // namespace

ListKeeper::ListKeeper(TargetingSettings settings, const ColumnCatalog& columns)
    : holdout_(settings.holdout),
      cap_(settings.cap),
      quiet_(settings.quiet),
      identities_(columns.find("identities_json")),
      last_sale_(columns.find("last_order_at_ms")),
      consent_changes_(columns.find("consent_changes_at")) {
  if (cap_) longest_cap_ = cap_->per;
  for (ListSettings& list : settings.lists) {
    auto audience = Audience::compile(list.where, columns);
    NUDGE_CHECK(audience.is_ok(), audience.status().message().c_str());
    std::optional<ColumnRef> consent;
    if (list.channel)
      consent = columns.find("consent_" + std::string(channel_names()[static_cast<std::size_t>(*list.channel)]));
    if (list.cap) longest_cap_ = std::max(longest_cap_, list.cap->per);
    const auto score = static_cast<std::uint32_t>(hash64(list.score));
    lists_.push_back({std::move(list), std::move(audience).value(), consent, score});
  }
}

void ListKeeper::settle(CustomerContext& customer) {
  const std::vector<ScoreMade>& scores = customer.signals().of<ScoreMade>();
  const auto* held = customer.peek<TargetsSection>();
  const bool has_members = held != nullptr && held->has_members();
  if (!has_members && scores.empty()) return;
  if (!find_latest(scores, has_members, customer)) return;
  Visit visit{customer, customer.section<TargetsSection>()};
  for (List& list : lists_) {
    for (const ScoreMade* score : latest_)
      if (score->target == list.settings.score) take_score(list, *score, visit);
    review(list, visit);
  }
  if (visit.started && cap_) {  // a start counts in the lists before it, too
    visit.due = kNever;
    for (List& list : lists_) review(list, visit);
  }
  leave_unknown_lists(visit);
  visit.section.tidy();
  if (visit.due != visit.section.armed) {
    visit.section.armed = visit.due;
    customer.arm(visit.due);
  }
}

void ListKeeper::timer(CustomerContext& customer) {
  customer.section<TargetsSection>().armed = kNever;  // settle, which follows, judges and arms again
}

bool ListKeeper::find_latest(const std::vector<ScoreMade>& scores, bool has_members, CustomerContext& customer) {
  latest_.clear();
  for (const ScoreMade& score : scores) {
    // A sweep's score that lets nobody in costs no section.
    bool matters = false;
    const List* of_list = nullptr;
    for (List& list : lists_) {
      if (list.settings.score != score.target) continue;
      of_list = &list;
      matters = matters || has_members || score.at > customer.watermark() || lets_in(list, score, customer);
    }
    if (matters && customer.section<TargetsSection>().take_latest(of_list->score, score.at, customer.watermark()))
      latest_.push_back(&score);
  }
  return has_members || !latest_.empty();
}

bool ListKeeper::lets_in(List& list, const ScoreMade& score, const CustomerContext& customer) {
  return score.target == list.settings.score && score.probability_micro >= list.settings.lowest_micro &&
         score.probability_micro <= list.settings.highest_micro && list.audience.holds(customer);
}

void ListKeeper::take_score(List& list, const ScoreMade& score, Visit& visit) {
  const ListState* held = visit.section.find(list.settings.name);
  const bool is_member = held != nullptr && held->member;
  const bool inside = lets_in(list, score, visit.customer);
  if (!inside && !is_member) return;

  ListState& state = visit.section.find_or_add(list.settings.name);
  const Millis now = clock_of(state, visit);
  const bool known = score.probability_micro >= 0;
  if (!is_member) {
    state.member.emplace();
    visit.customer.signals().later<ListEntered>().push_back({list.settings.name, now});
  }
  Membership& member = *state.member;
  const bool running = is_member && member.suppressed == 0;
  member.probability_micro = std::max(score.probability_micro, 0);
  member.percentile_centi = score.percentile_centi;
  member.band = score.band;
  member.scored_at = score.at;
  assign_within(member.reasons, score.reasons_json, kReasonsBytesMax, visit.customer, "reasons_left_out");
  if (!inside) return exit(list, state, now, visit, known);

  member.valid_until = score.at + list.settings.valid;
  member.suppressed = verdict_of(list, state, running, now, visit).suppressed;
  if (!running && member.suppressed == 0) start(state, now, visit);
  member.recorded_at = now;
  member.entered = !is_member;
  record(is_member ? Operation::kUpdate : Operation::kEnter, list.settings, state, visit);
}

// Judges a member without a new score, and finds out when the clock may change something.
void ListKeeper::review(List& list, Visit& visit) {
  const ListState* held = visit.section.find(list.settings.name);
  if (held == nullptr || !held->member) return;
  ListState& state = visit.section.find_or_add(list.settings.name);
  Membership& member = *state.member;
  const Millis now = clock_of(state, visit);
  if (now >= member.valid_until || !list.audience.holds(visit.customer)) return exit(list, state, now, visit);
  const bool running = member.suppressed == 0;
  const Verdict verdict = verdict_of(list, state, running, now, visit);
  visit.due = std::min({visit.due, member.valid_until, verdict.changes_at});
  if (verdict.suppressed == member.suppressed) return;
  member.suppressed = verdict.suppressed;
  if (verdict.suppressed == 0) start(state, now, visit);
  member.recorded_at = now;
  member.entered = false;
  record(Operation::kUpdate, list.settings, state, visit);
}

Verdict ListKeeper::verdict_of(const List& list, const ListState& state, bool running, Millis now, const Visit& visit) {
  Facts facts;
  if (list.settings.channel) {
    facts.granted = text_of(visit.customer, list.consent) == "granted";
    facts.consent_changes_at = time_of(visit.customer, consent_changes_);
  }
  if (list.settings.recent_purchase) facts.last_sale = time_of(visit.customer, last_sale_);
  facts.starts = state.starts;
  all_starts_.clear();
  if (cap_) {
    for (const ListState& other : visit.section.lists)
      all_starts_.insert(all_starts_.end(), other.starts.begin(), other.starts.end());
    std::sort(all_starts_.begin(), all_starts_.end());
  }
  facts.all_starts = all_starts_;
  if (quiet_) facts.quiet_until = quiet_->until(now);
  return judge(list.settings, cap_, facts, running, now);
}

// The member becomes eligible. What no cap can see any more is forgotten, by the watermark: the clock may still go back
// to it.
void ListKeeper::start(ListState& state, Millis now, Visit& visit) {
  visit.started = true;
  for (ListState& other : visit.section.lists)
    std::erase_if(other.starts, [&](Millis at) { return at <= visit.customer.watermark() - longest_cap_; });
  if (longest_cap_ == 0) return;
  state.starts.insert(std::upper_bound(state.starts.begin(), state.starts.end(), now), now);
  if (state.starts.size() > kStartsMax) state.starts.erase(state.starts.begin());
}

void ListKeeper::exit(List& list, ListState& state, Millis now, Visit& visit, bool probability_known) {
  Membership& member = *state.member;
  // Leaving makes nobody eligible: a reason that has just ended is still named.
  const bool running = member.suppressed == 0;
  if (const Suppression fresh = verdict_of(list, state, running, now, visit).suppressed; fresh != 0)
    member.suppressed = fresh;
  member.recorded_at = now;
  record(Operation::kExit, list.settings, state, visit, probability_known);
  state.member.reset();
}

void ListKeeper::record(Operation operation, const ListSettings& list, ListState& state, Visit& visit,
                        bool probability_known) {
  assign_within(state.member->identifiers, text_of(visit.customer, identities_), kIdentifiersBytesMax, visit.customer,
                "identifiers_left_out");
  const std::string_view customer = visit.customer.customer_id();
  const Group group = group_of(list.name, customer, holdout_, list.control);
  writer_.write(visit.customer.outputs(), output::kTargets, operation, list, customer, group, *state.member,
                probability_known);
  if (operation != Operation::kUpdate) visit.customer.count(operation == Operation::kEnter ? "enters" : "exits");
}

void ListKeeper::leave_unknown_lists(Visit& visit) {
  for (ListState& state : visit.section.lists) {
    if (!state.member || settings_of(state.list) != nullptr) continue;
    ListSettings unknown;
    unknown.name = state.list;
    state.member->recorded_at = clock_of(state, visit);
    record(Operation::kExit, unknown, state, visit);
    state.member.reset();
  }
}

void ListKeeper::finish(CustomerContext& customer, TimelineReader&) {
  const auto* held = customer.peek<TargetsSection>();
  if (held == nullptr) return;
  for (const ListState& state : held->lists) {
    const ListSettings* list = settings_of(state.list);
    if (!state.member || list == nullptr) continue;
    const Group group = group_of(list->name, customer.customer_id(), holdout_, list->control);
    writer_.write(customer.outputs(), output::kTargetsState,
                  state.member->entered ? Operation::kEnter : Operation::kUpdate, *list, customer.customer_id(), group,
                  *state.member);
  }
}

// The customer leaves every list; the records name nothing but the id.
void ListKeeper::erase(CustomerContext& customer) {
  const auto* held = customer.peek<TargetsSection>();
  if (held == nullptr || !held->has_members()) return;
  Visit visit{customer, customer.section<TargetsSection>()};
  for (ListState& state : visit.section.lists) {
    const ListSettings* list = settings_of(state.list);
    if (!state.member || list == nullptr) continue;
    Membership& member = *state.member;
    member.recorded_at = clock_of(state, visit);
    member.reasons.clear();
    member.identifiers.clear();
    const Group group = group_of(list->name, customer.customer_id(), holdout_, list->control);
    writer_.write(customer.outputs(), output::kTargets, Operation::kExit, *list, customer.customer_id(), group, member);
    state.member.reset();
  }
}

const ListSettings* ListKeeper::settings_of(std::string_view list) const {
  for (const List& known : lists_)
    if (known.settings.name == list) return &known.settings;
  return nullptr;
}

Millis ListKeeper::clock_of(const ListState& state, const Visit& visit) {
  const Millis now = visit.customer.now();
  return state.member ? std::max(now, state.member->recorded_at) : now;
}

}  // namespace nudge::targets
