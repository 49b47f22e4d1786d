#include "connectors/webhook/settlement.h"

#include <fmt/core.h>

#include "connectors/json_text.h"
#include "engine/check.h"

namespace nudge::connectors::webhook {

Settlement::Settlement(const Settings& settings, std::unique_ptr<DeliveryState> state, const TargetSource& source,
                       Figures& figures)
    : settings_(settings),
      state_(std::move(state)),
      source_(source),
      figures_(figures),
      progress_(state_->positions()) {}

Result<std::unique_ptr<Settlement>> Settlement::make(const Settings& settings, std::unique_ptr<DeliveryState> state,
                                                     const TargetSource& source, Figures& figures) {
  for (const auto& [partition, position] : state->positions()) {
    NUDGE_ASSIGN(const std::string before, state->trace(partition));
    if (before != source.trace_of(partition, position))
      return Status::config(
          fmt::format("webhook {}: what it had delivered from is no longer there, or another; give it "
                      "another state_dir, or remove {} to deliver all of it anew",
                      settings.name, settings.state_folder));
  }
  auto made = std::unique_ptr<Settlement>(new Settlement(settings, std::move(state), source, figures));
  NUDGE_ASSIGN(made->letters_, DeadLetterFile::open(settings.state_folder));
  return made;
}

Result<std::optional<std::string>> Settlement::admit(const SourceRecord& record) {
  progress_.read(record);
  auto target = parse_target_record(record.line);
  if (!target) {
    const Plan nobodys{.id = message_id(settings_.name, record.line)};
    NUDGE_TRY(dead(record, nobodys, "is no record of targets", 0, 0));
    return std::optional<std::string>();
  }
  if (!target->is_treated || !settings_.receivers_list(target->list)) {
    NUDGE_TRY(not_needed(record, {}));
    return std::optional<std::string>();
  }
  return std::optional(std::move(target->customer));
}

Result<Settlement::Plan> Settlement::plan(const SourceRecord& record) const {
  const auto target = parse_target_record(record.line);
  NUDGE_CHECK(target, "a record that was admitted");
  const auto list = settings_.receivers_list(target->list);
  NUDGE_CHECK(list, "a list that was admitted");
  Plan plan{.key = target->key, .list = target->list, .customer = target->customer};
  NUDGE_ASSIGN(const std::optional<Member> member, state_->member(plan.key));
  if (member && member->partition == record.partition && member->offset >= record.begin.offset) return plan;
  const bool is_known = member && member->is_known;
  plan.change = change_of(target->is_wanted, is_known);
  if (plan.change == Change::kNone) return plan;
  plan.id = message_id(settings_.name, record.line);
  plan.identifiers = target->json.at("identifiers").dump();

  MemberChange change{plan.change, *target, plan.id, *list, target->json.at("identifiers"), {}, {}};
  if (is_known) {
    nlohmann::ordered_json told = parse_ordered_json(member->identifiers);
    change.told = identity_of(told, settings_.identity);
    if (plan.change == Change::kExit) change.identifiers = std::move(told);
  }
  change.identity = identity_of(change.identifiers, settings_.identity);
  Result<std::vector<HttpRequest>> requests = settings_.map(change);
  if (requests)
    plan.requests = std::move(requests).value();
  else
    plan.impossible = requests.status().message();
  return plan;
}

void Settlement::settled(const SourceRecord& record) {
  progress_.settle(record.partition, record.begin.offset);
  ++uncommitted_;
}

Status Settlement::delivered(const SourceRecord& record, const Plan& plan) {
  Member member{plan.change != Change::kExit, record.partition, record.begin.offset, {}};
  if (member.is_known) member.identifiers = plan.identifiers;
  NUDGE_TRY(state_->settle(plan.key, member));
  settled(record);
  ++uncommitted_deliveries_;
  figures_.delivered.add(1);
  return Status::ok();
}

Status Settlement::not_needed(const SourceRecord& record, const Plan& plan) {
  if (plan.change == Change::kUpdate)
    NUDGE_TRY(state_->settle(plan.key, {true, record.partition, record.begin.offset, plan.identifiers}));
  settled(record);
  figures_.not_needed.add(1);
  return Status::ok();
}

Status Settlement::dead(const SourceRecord& record, const Plan& plan, const std::string& reason, int status,
                        int attempts) {
  if (!plan.key.empty()) {
    // The receiver has the member or not, as before.
    NUDGE_ASSIGN(const std::optional<Member> before, state_->member(plan.key));
    Member member = before.value_or(Member());
    member.partition = record.partition;
    member.offset = record.begin.offset;
    NUDGE_TRY(state_->settle(plan.key, member));
  }
  NUDGE_TRY(letters_->append(
      {settings_.name, plan.id, plan.list, plan.customer, name_of(plan.change), reason, status, attempts}, record));
  settled(record);
  figures_.dead.add(1);
  return Status::ok();
}

Status Settlement::commit() {
  NUDGE_TRY(letters_->sync());
  NUDGE_TRY(state_->commit(progress_.positions(), source_));
  uncommitted_ = uncommitted_deliveries_ = 0;
  return Status::ok();
}

}  // namespace nudge::connectors::webhook
