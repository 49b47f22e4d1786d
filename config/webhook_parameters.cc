#include "config/webhook_parameters.h"

#include <algorithm>
#include <set>

#include "config/engine_parameters.h"
#include "config/web_address.h"
#include "engine/time.h"

namespace nudge::config {
namespace {

using std::string_view;

constexpr string_view kMappings[] = {
    "standard", "braze", "klaviyo", "mautic", "google_customer_match", "meta_custom_audience"};

constexpr Parameter kListName[] = {{.kind = Kind::kText, .help = "What the receiver calls the list."}};
constexpr Parameter kHeader[] = {{.kind = Kind::kAny, .help = "A text, or {file: …} or {env: …} for a secret."}};

constexpr Parameter kIdentifiers[] = {
    {.name = "external_id",
     .kind = Kind::kText,
     .default_text = "customer_id",
     .help = "The identifier by which the receiver knows a customer."},
    {.name = "email",
     .kind = Kind::kText,
     .default_text = "email",
     .help = "The identifier that is an e-mail address."},
    {.name = "phone", .kind = Kind::kText, .default_text = "phone", .help = "The identifier that is a phone number."},
    {.name = "contact",
     .kind = Kind::kText,
     .default_text = "mautic_id",
     .help = "The identifier that is the number of a Mautic contact."},
};

constexpr Parameter kRetry[] = {
    {.name = "backoff",
     .kind = Kind::kDuration,
     .default_text = "1s",
     .help = "The wait after the first failure, doubled after each further one; a half of it is by chance.",
     .least = 1,
     .most = kHour},
    {.name = "backoff_max",
     .kind = Kind::kDuration,
     .default_text = "5m",
     .help = "The longest wait.",
     .least = 1,
     .most = kDay},
    {.name = "attempts_max",
     .kind = Kind::kInteger,
     .default_text = "15",
     .help = "After so many failures a change is a dead letter.",
     .least = 1,
     .most = 1000},
    {.name = "retry_after_max",
     .kind = Kind::kDuration,
     .default_text = "1h",
     .help = "The longest Retry-After of a receiver that is obeyed.",
     .least = 0,
     .most = 7.0 * kDay},
};

constexpr Parameter kBreaker[] = {
    {.name = "failures",
     .kind = Kind::kInteger,
     .default_text = "5",
     .help = "After so many failures in a row, of whatever customers, nothing is sent for a while.",
     .least = 1,
     .most = 1000},
    {.name = "pause",
     .kind = Kind::kDuration,
     .default_text = "30s",
     .help = "How long; then one request is a trial, and its outcome decides.",
     .least = 1,
     .most = kDay},
};

constexpr Parameter kItem[] = {
    {.name = "name",
     .kind = Kind::kText,
     .required = true,
     .help = "What it is called in logs and figures, and what its position is kept under."},
    {.name = "url",
     .kind = Kind::kText,
     .required = true,
     .help = "The receiver's address, or what of it the mapping does not know; https unless it is on this machine."},
    {.name = "mapping",
     .kind = Kind::kChoice,
     .default_text = "standard",
     .help = "How a change is put: nudge's own JSON, or what a vendor's interface takes.",
     .choices = kMappings},
    {.name = "lists",
     .kind = Kind::kTable,
     .default_text = "{}",
     .help = "Which lists are sent, each with what the receiver calls it; all by their own names if none is given.",
     .members = kListName},
    {.name = "secret",
     .kind = Kind::kSecret,
     .help =
         "The key of the signature, whsec_ and base64, as Standard Webhooks has it; the mapping standard needs it."},
    {.name = "headers",
     .kind = Kind::kTable,
     .default_text = "{}",
     .help = "Fields of every request, such as Authorization; secrets as {file: …} or {env: …}.",
     .members = kHeader},
    {.name = "identifiers",
     .kind = Kind::kObject,
     .default_text = "{}",
     .help = "Which of a customer's identifiers means what.",
     .members = kIdentifiers},
    {.name = "phone_country",
     .kind = Kind::kText,
     .help = "The calling code of numbers that are written without one, such as 44."},
    {.name = "ca_file",
     .kind = Kind::kText,
     .help = "File of the authorities' certificates (PEM); the system's by default."},
    {.name = "rate",
     .kind = Kind::kReal,
     .default_text = "10",
     .help = "The most requests a second.",
     .least = 0.001,
     .most = 100'000},
    {.name = "burst",
     .kind = Kind::kInteger,
     .default_text = "10",
     .help = "How many requests may follow each other at once after a rest.",
     .least = 1,
     .most = 100'000},
    {.name = "concurrency",
     .kind = Kind::kInteger,
     .default_text = "4",
     .help = "The most requests under way at once, of different customers.",
     .least = 1,
     .most = 256},
    {.name = "timeout",
     .kind = Kind::kDuration,
     .default_text = "20s",
     .help = "How long connecting may take, and how long an answer may.",
     .least = 10,
     .most = 10.0 * kMinute},
    {.name = "retry",
     .kind = Kind::kObject,
     .default_text = "{}",
     .help = "What follows a failure.",
     .members = kRetry},
    {.name = "breaker",
     .kind = Kind::kObject,
     .default_text = "{}",
     .help = "When a receiver is taken to be down.",
     .members = kBreaker},
    {.name = "customers_max",
     .kind = Kind::kInteger,
     .default_text = "1000",
     .help = "The most customers whose changes wait or are held back; then no more records are read.",
     .least = 1,
     .most = 1'000'000},
    {.name = "records_max",
     .kind = Kind::kInteger,
     .default_text = "10000",
     .help = "The most records that wait or are held back; then no more are read.",
     .least = 1,
     .most = 10'000'000},
    {.name = "state_dir",
     .kind = Kind::kText,
     .help =
         "The folder of its position, its dead letters and what the receiver knows; <engine.state_dir>.deliver/<name> "
         "where none is given."},
};
constexpr Parameter kItems[] = {{.kind = Kind::kObject, .members = kItem}};

constexpr Parameter kWebhooks = {.name = "webhooks",
                                 .kind = Kind::kList,
                                 .default_text = "[]",
                                 .help = "Receivers of list memberships over HTTP, served by `nudge deliver`.",
                                 .members = kItems};

bool is_folder_name(string_view name) {
  constexpr string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !name.empty() && name.size() <= 100 && name.find_first_not_of(kAllowed) == string_view::npos;
}

bool is_token(string_view name) {
  constexpr string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !name.empty() && name.find_first_not_of(kAllowed) == string_view::npos;
}

void check_url(const Value& url, std::vector<Problem>& problems) {
  const auto address = parse_web_address(url.text());
  if (!address)
    problems.push_back({url.location(), "is \"" + url.text() + "\", not an address",
                        "write https://host/path; credentials belong under headers"});
  else if (!address->tls && !address->is_loopback)
    problems.push_back({url.location(), "would send customers' data over the network in the clear", "use https"});
}

void check_mapping(const Value& webhook, std::vector<Problem>& problems) {
  const Value& mapping = webhook.at("mapping");
  if (mapping.text() == "standard") {
    if (!webhook.find("secret"))
      problems.push_back({mapping.location(), "standard needs a secret", "set secret: {file: …}, whsec_ and base64"});
  } else if (webhook.at("lists").entries().empty() && mapping.text() != "braze" && mapping.text() != "klaviyo") {
    problems.push_back({mapping.location(), mapping.text() + " needs lists",
                        "name each list with the receiver's id of it: lists: {winback: \"17\"}"});
  }
}

void check_texts(const Value& webhook, std::vector<Problem>& problems) {
  if (const Value* code = webhook.find("phone_country"))
    if (const std::string& text = code->text();
        text.empty() || text.size() > 3 || text.find_first_not_of("0123456789") != std::string::npos)
      problems.push_back({code->location(), "is \"" + text + "\", no calling code", "write its digits, such as 44"});
  for (const auto& [name, value] : webhook.at("headers").entries()) {
    if (!is_token(name))
      problems.push_back({value.location(), "has no name of a field", "use letters, digits and hyphens"});
    const bool text = value.kind() != Kind::kList && value.kind() != Kind::kTable;
    if (!text) problems.push_back({value.location(), "is no text", "write a text, or {file: …} or {env: …}"});
    const bool line =
        text && (value.kind() == Kind::kSecret || value.text().find_first_of("\r\n") == std::string::npos);
    if (text && !line) problems.push_back({value.location(), "has a line end", "write it in one line"});
  }
}

}  // namespace

const Parameter& webhooks_parameter() { return kWebhooks; }

void check_webhooks(const Value& root, std::vector<Problem>& problems) {
  std::set<std::string> names, folders;
  for (const Value& webhook : root.at("webhooks").items()) {
    const Value& name = webhook.at("name");
    if (!is_folder_name(name.text()))
      problems.push_back({name.location(), "is \"" + name.text() + "\", no name of a folder",
                          "use at most 100 letters, digits, underscores and hyphens"});
    else if (!names.insert(name.text()).second)
      problems.push_back({name.location(), "is the name of another webhook", "give each its own"});
    else if (!folders.insert(webhook_state_folder(root, webhook)).second)
      problems.push_back({webhook.location(), "has the state_dir of another webhook", "give each its own"});
    check_url(webhook.at("url"), problems);
    check_mapping(webhook, problems);
    check_texts(webhook, problems);
  }
}

std::string webhook_state_folder(const Value& root, const Value& webhook) {
  const Value* folder = webhook.find("state_dir");
  return folder && !folder->text().empty() ? folder->text()
                                           : state_folder(root) + ".deliver/" + webhook.at("name").text();
}

}  // namespace nudge::config
