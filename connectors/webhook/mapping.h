// How a change of a membership is put to a receiver: a pure function for each vendor, in mappings/, one file each.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/value.h"
#include "connectors/webhook/target_record.h"
#include "engine/status.h"

namespace nudge::connectors::webhook {

struct HttpRequest {
  std::string method = "POST";
  std::string path = {};  // behind the address of the webhook
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::string body = {};
};

// What the receiver may know a customer by, e-mail address and phone number in their normal forms (identifiers.h);
// empty: unknown.
struct Identity {
  std::string external_id, email, phone, contact;
  bool operator==(const Identity&) const = default;
};

struct MemberChange {
  Change change = Change::kEnter;
  const TargetRecord& record;
  const std::string& id;    // message_id
  const std::string& list;  // what the receiver calls it
  // Of a member who goes, both are as the receiver was last told, since who was erased has none left.
  nlohmann::ordered_json identifiers;
  Identity identity;
  // As the receiver was last told, where it has the member.
  std::optional<Identity> told;
};

// Which of the identifiers means what, and the calling code of phone numbers without one.
struct IdentitySettings {
  std::string external_id = "customer_id", email = "email", phone = "phone", contact = "mautic_id";
  std::string phone_country;
};
Identity identity_of(const nlohmann::ordered_json& identifiers, const IdentitySettings& settings);

// The requests that tell the change, in their order; none where it is nothing to this receiver. The same change gives
// the same bytes. kBadData where it cannot be told, such as of a customer without an e-mail address.
using Mapping = Result<std::vector<HttpRequest>> (*)(const MemberChange& change);

Result<std::vector<HttpRequest>> map_standard(const MemberChange& change);
Result<std::vector<HttpRequest>> map_braze(const MemberChange& change);
Result<std::vector<HttpRequest>> map_klaviyo(const MemberChange& change);
Result<std::vector<HttpRequest>> map_mautic(const MemberChange& change);
Result<std::vector<HttpRequest>> map_google_customer_match(const MemberChange& change);
Result<std::vector<HttpRequest>> map_meta_custom_audience(const MemberChange& change);

// `name` is one of the choices of `webhooks[].mapping`.
Mapping mapping_named(std::string_view name);

}  // namespace nudge::connectors::webhook
