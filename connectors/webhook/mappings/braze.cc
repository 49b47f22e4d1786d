// Braze, POST /users/track: the list's name is added to or taken from the array attribute `nudge_lists`, and a custom
// event tells of it, so that both segments and Canvases can use it. An update is nothing new to Braze.
#include "connectors/webhook/mapping.h"

namespace nudge::connectors::webhook {

Result<std::vector<HttpRequest>> map_braze(const MemberChange& change) {
  using Json = nlohmann::ordered_json;
  if (change.change == Change::kUpdate) return std::vector<HttpRequest>();
  if (change.identity.external_id.empty()) return Status::bad_data("the customer has no external_id for Braze");
  const bool enters = change.change == Change::kEnter;
  Json attributes;
  attributes["external_id"] = change.identity.external_id;
  attributes["nudge_lists"] = {{enters ? "add" : "remove", Json::array({change.list})}};
  Json properties;
  properties["list"] = change.list;
  properties["message_id"] = change.id;
  if (enters) properties["valid_until"] = change.record.json.value("valid_until", Json());
  Json event;
  event["external_id"] = change.identity.external_id;
  event["name"] = enters ? "nudge_list_entered" : "nudge_list_exited";
  event["time"] = change.record.event_time;
  event["properties"] = std::move(properties);
  Json body;
  body["attributes"] = Json::array({std::move(attributes)});
  body["events"] = Json::array({std::move(event)});
  return std::vector<HttpRequest>{{.path = "/users/track", .body = body.dump()}};
}

}  // namespace nudge::connectors::webhook
