#include "connectors/webhook/target_record.h"

#include "connectors/json_text.h"
#include "connectors/webhook/digest.h"

namespace nudge::connectors::webhook {
namespace {

constexpr std::size_t kIdBytes = 16;

const std::string* text_of(const nlohmann::ordered_json& record, const char* name) {
  const auto found = record.find(name);
  return found == record.end() ? nullptr : found->get_ptr<const std::string*>();
}

}  // namespace

std::optional<TargetRecord> parse_target_record(std::string_view line) {
  TargetRecord record;
  record.json = parse_ordered_json(line);
  if (!record.json.is_object()) return std::nullopt;
  const std::string* const list = text_of(record.json, "list_id");
  const std::string* const customer = text_of(record.json, "customer_id");
  const std::string* const operation = text_of(record.json, "op");
  const std::string* const group = text_of(record.json, "group");
  const std::string* const time = text_of(record.json, "event_time");
  const auto eligible = record.json.find("eligible");
  const auto identifiers = record.json.find("identifiers");
  if (!list || !customer || !operation || !group || !time || eligible == record.json.end() || !eligible->is_boolean() ||
      identifiers == record.json.end() || !identifiers->is_object() || customer->empty())
    return std::nullopt;
  if (*operation != "enter" && *operation != "update" && *operation != "exit") return std::nullopt;
  record.list = *list;
  record.customer = *customer;
  record.key = *list + "|" + *customer;
  record.event_time = *time;
  record.is_treated = *group == "treatment";
  record.is_wanted = record.is_treated && *operation != "exit" && eligible->get<bool>();
  return record;
}

std::string_view name_of(Change change) {
  switch (change) {
    case Change::kNone:
      return "none";
    case Change::kEnter:
      return "enter";
    case Change::kUpdate:
      return "update";
    case Change::kExit:
      break;
  }
  return "exit";
}

std::string message_id(std::string_view webhook, std::string_view line) {
  std::string named(webhook);
  named.push_back('\0');
  named += line;
  return "msg_" + hexadecimal(sha256(named).substr(0, kIdBytes));
}

}  // namespace nudge::connectors::webhook
