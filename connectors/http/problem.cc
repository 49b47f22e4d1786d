#include "connectors/http/problem.h"

#include "engine/json_writer.h"

namespace nudge::connectors::http {

std::string_view phrase_of(int status) {
  switch (status) {
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return status < 400 ? "OK" : "Error";
  }
}

Response problem(int status, std::string_view detail) {
  Response response{.status = status, .content_type = "application/problem+json", .body = {}, .fields = {}};
  JsonWriter json(response.body);
  json.begin_object();
  json.member("type", "about:blank");
  json.member("title", phrase_of(status));
  json.member("status", status);
  json.member("detail", detail);
  json.end_object();
  response.body.push_back('\n');
  return response;
}

}  // namespace nudge::connectors::http
