// Meta custom audiences, POST and DELETE /AUDIENCE/users: one row of hashed identifiers. A phone number is its digits
// with the calling code, without +. Who changed an address is removed by the old one and added by the new.
#include "connectors/webhook/identifiers.h"
#include "connectors/webhook/mapping.h"

namespace nudge::connectors::webhook {
namespace {

using Json = nlohmann::ordered_json;

bool is_same(const Identity& a, const Identity& b) {
  return a.email == b.email && a.phone == b.phone && a.external_id == b.external_id;
}

HttpRequest request(const char* method, const std::string& audience, const Identity& identity) {
  Json schema = Json::array(), row = Json::array();
  const auto add = [&](const char* name, const std::string& value) {
    if (value.empty()) return;
    schema.push_back(name);
    row.push_back(value);
  };
  add("EXTERN_ID", identity.external_id);
  add("EMAIL", hashed(identity.email));
  add("PHONE", hashed(identity.phone.empty() ? identity.phone : identity.phone.substr(1)));
  Json body;
  body["payload"]["schema"] = std::move(schema);
  body["payload"]["data"] = Json::array({std::move(row)});
  return {.method = method, .path = "/" + audience + "/users", .body = body.dump()};
}

}  // namespace

Result<std::vector<HttpRequest>> map_meta_custom_audience(const MemberChange& change) {
  const Identity& identity = change.identity;
  if (change.change == Change::kUpdate && change.told && is_same(*change.told, identity))
    return std::vector<HttpRequest>();
  if (identity.email.empty() && identity.phone.empty())
    return Status::bad_data("the customer has no e-mail address or phone number for Meta");
  if (change.change == Change::kExit) return std::vector{request("DELETE", change.list, identity)};
  std::vector<HttpRequest> requests;
  if (change.told) requests.push_back(request("DELETE", change.list, *change.told));
  requests.push_back(request("POST", change.list, identity));
  return requests;
}

}  // namespace nudge::connectors::webhook
