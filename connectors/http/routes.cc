#include "connectors/http/routes.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <set>

#include "connectors/http/problem.h"
#include "connectors/http/target.h"
#include "engine/check.h"
#include "engine/log.h"

namespace nudge::connectors::http {
namespace {

using Parameters = decltype(Request::parameters);

bool is_name(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

// What stands for the names of the pattern, still encoded; nothing where the path does not fit.
std::optional<Parameters> fit(std::string_view pattern, const std::vector<std::string_view>& path) {
  const auto wanted = segments_of(pattern);
  if (wanted.size() != path.size()) return std::nullopt;
  Parameters parameters;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (is_name(wanted[i]) && !path[i].empty()) {
      parameters.emplace(wanted[i].substr(1, wanted[i].size() - 2), path[i]);
    } else if (wanted[i] != path[i]) {
      return std::nullopt;
    }
  }
  return parameters;
}

Response run(const Handler& handler, const Request& request, const std::string& pattern) {
  try {
    return handler(request);
  } catch (const std::exception& error) {
    // The pattern and not the path, which may name a customer.
    log::error("a request failed method={} route={} reason={}", request.method, pattern, error.what());
    return problem(500, "the request failed inside nudge; its log says more");
  }
}

}  // namespace

void Routes::add(std::string_view method, std::string_view pattern, Handler handler) {
  NUDGE_CHECK(pattern.starts_with('/'), "a route's pattern is a whole path");
  NUDGE_CHECK(std::ranges::none_of(
                  routes_, [&](const Route& route) { return route.method == method && route.pattern == pattern; }),
              "a route is added once");
  routes_.push_back({std::string(method), std::string(pattern), std::move(handler)});
}

Response Routes::answer(Request& request) const {
  const auto path = segments_of(request.path);
  const std::string_view method = request.method == "HEAD" ? std::string_view("GET") : request.method;
  std::set<std::string> allowed;
  for (const Route& route : routes_) {
    auto parameters = fit(route.pattern, path);
    if (!parameters) continue;
    allowed.insert(route.method);
    if (route.method == "GET") allowed.insert("HEAD");
    if (route.method != method) continue;
    for (auto& [name, value] : *parameters) {
      auto decoded = percent_decoded(value, false);
      if (!decoded) return problem(400, "the path cannot be decoded; write a percent sign as %25");
      value = std::move(*decoded);
    }
    request.parameters = std::move(*parameters);
    return run(route.handler, request, route.pattern);
  }
  if (allowed.empty()) return problem(404, "there is nothing at this path");
  std::string list;
  for (const std::string& name : allowed) list += (list.empty() ? "" : ", ") + name;
  Response refused = problem(405, "this path takes " + list);
  refused.fields.emplace_back("Allow", list);
  return refused;
}

}  // namespace nudge::connectors::http
