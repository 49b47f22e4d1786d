// nudge's own JSON, in the form that Standard Webhooks recommends: {type, timestamp, data}.
#include "connectors/webhook/mapping.h"

namespace nudge::connectors::webhook {
namespace {

// Of a member who goes the receiver needs to know who and where; anything more would be told without a need.
constexpr const char* kMemberFields[] = {"probability",     "percentile", "band",
                                         "recommendations", "reasons",    "valid_until"};

const char* type_of(Change change) {
  switch (change) {
    case Change::kEnter:
      return "target.entered";
    case Change::kUpdate:
      return "target.updated";
    default:
      return "target.exited";
  }
}

}  // namespace

Result<std::vector<HttpRequest>> map_standard(const MemberChange& change) {
  const nlohmann::ordered_json& record = change.record.json;
  nlohmann::ordered_json data;
  data["list_id"] = change.list;
  data["op"] = name_of(change.change);
  data["customer_id"] = change.record.customer;
  data["identifiers"] = change.identifiers;
  for (const char* name : {"channel", "campaign_id"})
    if (const auto field = record.find(name); field != record.end()) data[name] = *field;
  if (change.change != Change::kExit)
    for (const char* name : kMemberFields)
      if (const auto field = record.find(name); field != record.end()) data[name] = *field;
  nlohmann::ordered_json body;
  body["type"] = type_of(change.change);
  body["timestamp"] = change.record.event_time;
  body["data"] = std::move(data);
  return std::vector<HttpRequest>{{.body = body.dump()}};
}

}  // namespace nudge::connectors::webhook
