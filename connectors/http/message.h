// A request and its response, as handlers see them: no sockets, no HTTP library.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nudge::connectors::http {

struct Request {
  std::string method;                         // GET
  std::string path;                           // without the query, as it was sent
  std::map<std::string, std::string> query;   // decoded; of a repeated name the last holds
  std::map<std::string, std::string> fields;  // by name in lower case; of a repeated one the last holds
  std::string body;
  // What stands in the path for the braces of the route's pattern, decoded.
  std::map<std::string, std::string, std::less<>> parameters;

  // Empty where there is none.
  std::string_view parameter(std::string_view name) const {
    const auto found = parameters.find(name);
    return found == parameters.end() ? std::string_view() : found->second;
  }
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;  // beyond Content-Type and what the server adds itself
};

}  // namespace nudge::connectors::http
