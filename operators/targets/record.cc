#include "operators/targets/record.h"

namespace nudge::targets {
namespace {

constexpr std::int64_t kListVersion = 1;

void write_identifiers(JsonWriter& writer, std::string_view customer, std::string_view others) {
  writer.key<"identifiers">();
  writer.begin_object();
  writer.member<"customer_id">(customer);
  if (!others.empty()) writer.raw(others);
  writer.end_object();
}

void write_score(JsonWriter& writer, const Membership& member, bool probability_known) {
  if (probability_known)
    writer.member_fixed<"probability">(member.probability_micro / 1e6, 6);
  else
    writer.member_null<"probability">();
  if (member.percentile_centi >= 0)
    writer.member_fixed<"percentile">(member.percentile_centi / 100.0, 2);
  else
    writer.member_null<"percentile">();
  if (!member.band.empty())
    writer.member<"band">(std::string_view(member.band));
  else
    writer.member_null<"band">();
}

void write_contact(JsonWriter& writer, const ListSettings& list) {
  if (list.channel)
    writer.member<"channel">(channel_names()[static_cast<std::size_t>(*list.channel)]);
  else
    writer.member_null<"channel">();
  if (!list.campaign.empty())
    writer.member<"campaign_id">(std::string_view(list.campaign));
  else
    writer.member_null<"campaign_id">();
}

void write_suppression(JsonWriter& writer, Suppression suppressed) {
  writer.member<"eligible">(suppressed == 0);
  writer.key<"suppressed_by">();
  writer.begin_array();
  for (std::size_t i = 0; i < std::size(kSuppressionNames); ++i)
    if ((suppressed & (1u << i)) != 0) writer.text(kSuppressionNames[i]);
  writer.end_array();
}

std::string_view name_of(Operation operation) {
  switch (operation) {
    case Operation::kEnter:
      return "enter";
    case Operation::kUpdate:
      return "update";
    case Operation::kExit:
      return "exit";
  }
  return {};
}

}  // namespace

void RecordWriter::write(Outputs& outputs, OutputTopic topic, Operation operation, const ListSettings& list,
                         std::string_view customer, Group group, const Membership& member, bool probability_known) {
  key_.assign(list.name).append("|").append(customer);
  JsonWriter writer = outputs.begin(topic, key_, member.recorded_at);
  writer.member<"list_id">(std::string_view(list.name));
  writer.member<"list_version">(kListVersion);
  writer.member<"op">(name_of(operation));
  writer.member<"customer_id">(customer);
  write_identifiers(writer, customer, member.identifiers);
  write_score(writer, member, probability_known);
  write_contact(writer, list);
  writer.member<"group">(targets::name_of(group));
  write_suppression(writer, member.suppressed);
  writer.members_and_key(R"("recommendations":[],"reasons":)");
  writer.raw(member.reasons.empty() ? std::string_view("[]") : std::string_view(member.reasons));
  writer.member_time<"valid_until">(member.valid_until);
  outputs.end(writer, topic);
  if (!outputs.is_live() || topic != output::kTargets) return;
  if (operation == Operation::kExit) {
    outputs.remove(output::kTargetsState, key_);
  } else {
    write(outputs, output::kTargetsState, operation, list, customer, group, member, probability_known);
  }
}

}  // namespace nudge::targets
