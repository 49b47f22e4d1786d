// What keys of the engine say of each other.
#include <algorithm>
#include <map>
#include <set>

#include "config/bind_address.h"
#include "config/engine_parameters.h"
#include "config/scalar.h"
#include "engine/time.h"

namespace nudge::config {
namespace {

constexpr std::size_t kNameBytesMax = 200;  // a broker allows 249 for a topic, and internal topics add to it

bool is_topic_name(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !name.empty() && name.size() <= kNameBytesMax && name != "." && name != ".." &&
         name.find_first_not_of(kAllowed) == std::string_view::npos;
}

class EngineCheck {
 public:
  EngineCheck(const Value& root, std::vector<Problem>& problems)
      : root_(root), problems_(problems), read_problems_(static_cast<std::ptrdiff_t>(problems.size())) {}

  void run() {
    check_names();
    check_connectors();
    check_kafka();
    check_promotions();
    check_quiet_hours();
    check_bind();
  }

 private:
  void problem(const Value& value, std::string what, std::string remedy) {
    problem(value.location(), std::move(what), std::move(remedy));
  }
  // Of a key that was refused when it was read, or lies in such a one, nothing more is said.
  void problem(const Location& location, std::string what, std::string remedy) {
    const bool told = std::any_of(problems_.begin(), problems_.begin() + read_problems_, [&](const Problem& earlier) {
      const std::string& path = earlier.location.path;
      return !path.empty() && location.path.starts_with(path) &&
             (location.path.size() == path.size() || location.path[path.size()] == '.' ||
              location.path[path.size()] == '[');
    });
    if (!told) problems_.push_back({location, std::move(what), std::move(remedy)});
  }

  void check_names() {
    const Value& name = root_.at("name");
    const std::string remedy = "use at most 200 letters, digits, dots, underscores and hyphens";
    if (!is_topic_name(name.text())) problem(name, "is \"" + name.text() + "\", no name for topics", remedy);
    std::map<std::string, std::string> taken;
    // The defaults come first, so that a clash is told where the user wrote it.
    for (const bool written : {false, true}) {
      for (const auto& [topic, value] : root_.at("topics").entries()) {
        if (written == value.location().file.empty()) continue;
        if (!is_topic_name(value.text())) problem(value, "is \"" + value.text() + "\", no name of a topic", remedy);
        const auto [first, fresh] = taken.emplace(value.text(), topic);
        if (!fresh) problem(value, "names the topic of " + first->second, "give each topic a name of its own");
      }
    }
  }

  void check_connectors() {
    const Value& input = root_.at("input");
    const bool reads_files = input.at("connector").text() == "files";
    if (const Value* path = input.find("path"); reads_files && (!path || path->text().empty())) {
      Location location = input.location();
      location.path += ".path";
      problem(location, "is required by the connector files", "name the folder of the input files");
    }
    const auto needs_broker = [&](const Value& user) {
      if (user.at("connector").text() != "kafka" || root_.at("kafka").find("bootstrap.servers")) return;
      problem(user.at("connector"), "needs kafka.bootstrap.servers",
              "name the brokers: kafka: {bootstrap.servers: \"host:9092\"}");
    };
    needs_broker(input);
    std::set<std::string> folders;
    for (const Value& output : root_.at("output").items()) {
      needs_broker(output);
      if (output.at("connector").text() != "files") continue;
      const Value* path = output.find("path");
      if (!path || path->text().empty()) {
        problem(output, "has no path", "name the folder of the output files");
      } else if (!folders.insert(path->text()).second) {
        problem(*path, "is the folder of another output", "give each output a folder of its own");
      } else if (reads_files && input.find("path") && input.find("path")->text() == path->text()) {
        problem(*path, "is the input's folder", "write to another folder");
      }
    }
  }

  // What would otherwise be told by a broker, much later, in other words.
  void check_kafka() {
    const Value& kafka = root_.at("kafka");
    const Value* const protocol = kafka.find("security.protocol");
    if (!protocol) return;
    const std::string& chosen = protocol->text();
    const bool sasl = chosen.starts_with("sasl") || chosen.starts_with("SASL");
    const bool tls = chosen.ends_with("ssl") || chosen.ends_with("SSL");
    for (const auto& [setting, value] : kafka.entries()) {
      if (value.is_null()) continue;
      if (setting.starts_with("sasl.") && !sasl)
        problem(value, "has no effect with security.protocol " + chosen, "set it to sasl_ssl or sasl_plaintext");
      if ((setting.starts_with("ssl.") || setting == "enable.ssl.certificate.verification") && !tls)
        problem(value, "has no effect with security.protocol " + chosen, "set it to ssl or sasl_ssl");
    }
    if (!sasl) return;
    const auto need = [&](std::string_view setting, std::string_view why) {
      if (const Value* value = kafka.find(setting); value && !value->text().empty()) return;
      problem(*protocol, "needs kafka." + std::string(setting) + std::string(why), "set it");
    };
    const Value* const mechanism = kafka.find("sasl.mechanism");
    if (!mechanism) return need("sasl.mechanism", "");
    const std::string why = " with " + mechanism->text();
    if (mechanism->text() == "OAUTHBEARER") return need("sasl.oauthbearer.token", why);
    need("sasl.username", why);
    need("sasl.password", why);
  }

  void check_promotions() {
    std::set<std::string> ids;
    for (const Value& promotion : root_.at("promotions").items()) {
      const Value& id = promotion.at("id");
      if (!ids.insert(id.text()).second) problem(id, "is the id of another promotion", "give each its own");
      const auto from = time_of(promotion.at("from")), until = time_of(promotion.at("until"));
      if (from && until && *from >= *until) problem(promotion.at("until"), "is not after `from`", "end it later");
    }
  }

  std::optional<Millis> time_of(const Value& value) {
    const auto time = parse_time(value.text());
    if (!time)
      problem(value, "is \"" + value.text() + "\", not a time", "write RFC 3339 with an offset: 2024-01-31T00:00:00Z");
    return time;
  }

  void check_quiet_hours() {
    const Value* hours = root_.at("targeting").find("quiet_hours");
    if (!hours) return;
    for (const char* end : {"from", "until"}) {
      const Value& value = hours->at(end);
      const std::string& text = value.text();
      const bool shaped = text.size() == 5 && text[2] == ':' &&
                          std::ranges::all_of(std::string{text[0], text[1], text[3], text[4]},
                                              [](char c) { return c >= '0' && c <= '9'; });
      if (!(shaped && text.substr(0, 2) < "24" && text[3] < '6'))
        problem(value, "is \"" + text + "\", not a time of day", "write HH:MM, such as 21:30");
    }
  }

  void check_bind() {
    const Value& bind = root_.at("http").at("bind");
    const auto address = parse_bind_address(bind.text());
    if (!address) {
      problem(bind, "is \"" + bind.text() + "\", not an address and port", "write host:port, such as 127.0.0.1:8080");
    } else if (!address->is_loopback) {
      problem(bind, "is reachable from other machines, which needs TLS and a token",
              "bind 127.0.0.1, [::1] or localhost");
    }
  }

  const Value& root_;
  std::vector<Problem>& problems_;
  const std::ptrdiff_t read_problems_;
};

}  // namespace

void check_engine(const Value& root, std::vector<Problem>& problems) { EngineCheck(root, problems).run(); }

}  // namespace nudge::config
