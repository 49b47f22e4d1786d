// Google Ads Customer Match: operations of user data, identifiers normalised as Google asks for and hashed.
//
// The list is one of
//   customers/ID/userLists/LIST                    members are uploaded at once (:uploadUserData)
//   customers/ID/offlineUserDataJobs/JOB/JOB       operations are added to jobs that somebody else makes and runs
//                                                  (:addOperations): the first creates, the second removes, since no
//                                                  job may do both
// An address or number that changed is removed as it was and created as it is.
#include <fmt/core.h>

#include "connectors/webhook/identifiers.h"
#include "connectors/webhook/mapping.h"

namespace nudge::connectors::webhook {
namespace {

using Json = nlohmann::ordered_json;
using Requests = std::vector<HttpRequest>;

constexpr std::string_view kLists = "/userLists/", kJobs = "/offlineUserDataJobs/";

// Empty where nothing is known that Google could match.
Json user_identifiers(const Identity& identity) {
  Json identifiers = Json::array();
  if (const std::string email = hashed(google_email(identity.email)); !email.empty())
    identifiers.push_back({{"hashedEmail", email}});
  if (const std::string phone = hashed(identity.phone); !phone.empty())
    identifiers.push_back({{"hashedPhoneNumber", phone}});
  return identifiers;
}

// Nothing where the list is none of the forms above.
std::optional<HttpRequest> request(const std::string& list, bool creates, Json identifiers) {
  Json operation;
  operation[creates ? "create" : "remove"]["userIdentifiers"] = std::move(identifiers);
  Json body;
  if (const std::size_t customer = list.find(kLists); customer != std::string::npos) {
    body["customerMatchUserListMetadata"]["userList"] = list;
    body["operations"] = Json::array({std::move(operation)});
    return HttpRequest{.path = fmt::format("/{}:uploadUserData", list.substr(0, customer)), .body = body.dump()};
  }
  const std::size_t customer = list.find(kJobs), second = list.rfind('/');
  if (customer == std::string::npos || second < customer + kJobs.size()) return std::nullopt;
  const std::string job = creates ? list.substr(0, second)
                                  : fmt::format("{}{}{}", list.substr(0, customer), kJobs, list.substr(second + 1));
  body["enablePartialFailure"] = true;
  body["operations"] = Json::array({std::move(operation)});
  return HttpRequest{.path = fmt::format("/{}:addOperations", job), .body = body.dump()};
}

bool is_same(const Identity& a, const Identity& b) { return a.email == b.email && a.phone == b.phone; }

}  // namespace

Result<Requests> map_google_customer_match(const MemberChange& change) {
  if (change.change == Change::kUpdate && change.told && is_same(*change.told, change.identity)) return Requests();
  const bool exits = change.change == Change::kExit;
  Requests requests;
  bool is_list = true;
  const auto add = [&](bool creates, const Identity& identity) {
    Json identifiers = user_identifiers(identity);
    if (identifiers.empty()) return;
    auto made = request(change.list, creates, std::move(identifiers));
    is_list = made.has_value();
    if (made) requests.push_back(std::move(*made));
  };
  if (change.change == Change::kUpdate && change.told) add(false, *change.told);
  add(!exits, change.identity);
  if (!is_list)
    return Status::bad_data("the list \"" + change.list +
                            "\" is neither customers/ID/userLists/LIST nor customers/ID/offlineUserDataJobs/JOB/JOB");
  if (requests.empty()) return Status::bad_data("the customer has no e-mail address or phone number for Google");
  return requests;
}

}  // namespace nudge::connectors::webhook
