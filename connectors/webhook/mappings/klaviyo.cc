// Klaviyo, POST /api/events: an event that flows can start at, and the list's name in the profile's property
// `nudge_lists`, which segments can ask for.
//
// Not by subscribing: that would lift suppressions, and unsubscribing could reach beyond the list. Klaviyo takes an
// event of one unique_id once.
#include "connectors/webhook/mapping.h"

namespace nudge::connectors::webhook {

Result<std::vector<HttpRequest>> map_klaviyo(const MemberChange& change) {
  using Json = nlohmann::ordered_json;
  if (change.change == Change::kUpdate) return std::vector<HttpRequest>();
  const Identity& identity = change.identity;
  if (identity.email.empty() && identity.phone.empty() && identity.external_id.empty())
    return Status::bad_data("the customer has no e-mail address, phone number or external_id for Klaviyo");
  const bool enters = change.change == Change::kEnter;
  Json who;
  if (!identity.external_id.empty()) who["external_id"] = identity.external_id;
  if (!identity.email.empty()) who["email"] = identity.email;
  if (!identity.phone.empty()) who["phone_number"] = identity.phone;
  who["meta"]["patch_properties"][enters ? "append" : "unappend"]["nudge_lists"] = change.list;
  Json metric;
  metric["type"] = "metric";
  metric["attributes"]["name"] = enters ? "Entered nudge list" : "Exited nudge list";
  Json attributes;
  attributes["properties"]["list"] = change.list;
  if (enters) attributes["properties"]["valid_until"] = change.record.json.value("valid_until", Json());
  attributes["time"] = change.record.event_time;
  attributes["unique_id"] = change.id;
  attributes["metric"]["data"] = std::move(metric);
  attributes["profile"]["data"]["type"] = "profile";
  attributes["profile"]["data"]["attributes"] = std::move(who);
  Json body;
  body["data"]["type"] = "event";
  body["data"]["attributes"] = std::move(attributes);
  return std::vector<HttpRequest>{{.path = "/api/events",
                                   .fields = {{"revision", "2024-10-15"},
                                              {"Accept", "application/vnd.api+json"},
                                              {"Content-Type", "application/vnd.api+json"}},
                                   .body = body.dump()}};
}

}  // namespace nudge::connectors::webhook
