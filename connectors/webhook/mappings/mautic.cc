// Mautic, POST /api/segments/SEGMENT/contact/CONTACT/add and …/remove, which may be repeated.
#include <algorithm>

#include "connectors/webhook/mapping.h"

namespace nudge::connectors::webhook {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

HttpRequest request(const std::string& segment, const std::string& contact, const char* what) {
  return {.path = "/segments/" + segment + "/contact/" + contact + "/" + what, .body = "{}"};
}

}  // namespace

Result<std::vector<HttpRequest>> map_mautic(const MemberChange& change) {
  const std::string& contact = change.identity.contact;
  const bool is_told = change.told && is_number(change.told->contact);
  if (change.change == Change::kUpdate && is_told && change.told->contact == contact) return std::vector<HttpRequest>();
  if (!is_number(change.list)) return Status::bad_data("the list \"" + change.list + "\" is no number of a segment");
  if (!is_number(contact)) return Status::bad_data("the customer has no number of a Mautic contact");
  if (change.change == Change::kExit) return std::vector{request(change.list, contact, "remove")};
  std::vector<HttpRequest> requests;
  if (is_told && change.told->contact != contact)
    requests.push_back(request(change.list, change.told->contact, "remove"));
  requests.push_back(request(change.list, contact, "add"));
  return requests;
}

}  // namespace nudge::connectors::webhook
