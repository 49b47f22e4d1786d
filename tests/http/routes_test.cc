// Which handler answers; paths and queries taken apart.
#include "connectors/http/routes.h"
#include "connectors/json_text.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "connectors/http/loopback_host.h"
#include "connectors/http/target.h"

namespace nudge::connectors::http {
namespace {

Routes some_routes() {
  Routes routes;
  const auto say = [](std::string word) {
    return [word](const Request& request) {
      return Response{.body = word + " " + std::string(request.parameter("id")), .fields = {}};
    };
  };
  routes.add("GET", "/livez", say("alive"));
  routes.add("GET", "/api/v1/customers/similar", say("similar"));
  routes.add("GET", "/api/v1/customers/{id}", say("shown"));
  routes.add("DELETE", "/api/v1/customers/{id}", say("erased"));
  routes.add("POST", "/api/v1/sql", say("rows"));
  routes.add("GET", "/broken", [](const Request&) -> Response { throw std::runtime_error("a secret"); });
  return routes;
}

Response answer(std::string method, std::string path) {
  static const Routes kRoutes = some_routes();
  Request request{
      .method = std::move(method), .path = std::move(path), .query = {}, .fields = {}, .body = {}, .parameters = {}};
  return kRoutes.answer(request);
}

TEST(HttpRoutes, AnswerByPathAndMethod) {
  const struct {
    const char *method, *path;
    int status;
    const char* body;
  } rows[] = {
      {"GET", "/livez", 200, "alive "},
      {"HEAD", "/livez", 200, "alive "},
      {"GET", "/api/v1/customers/ann", 200, "shown ann"},
      {"GET", "/api/v1/customers/a%2Fb%20c", 200, "shown a/b c"},
      {"GET", "/api/v1/customers/similar", 200, "similar "},
      {"DELETE", "/api/v1/customers/ann", 200, "erased ann"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.path);
    const Response response = answer(row.method, row.path);
    EXPECT_EQ(response.status, row.status);
    EXPECT_EQ(response.body, row.body);
  }
}

TEST(HttpRoutes, RefuseAsProblems) {
  const struct {
    const char *method, *path;
    int status;
    const char* allow;
  } rows[] = {
      {"GET", "/", 404, ""},
      {"GET", "/livez/", 404, ""},
      {"GET", "/api/v1/customers/", 404, ""},
      {"GET", "/api/v1/customers/ann/more", 404, ""},
      {"POST", "/livez", 405, "GET, HEAD"},
      {"PUT", "/api/v1/customers/ann", 405, "DELETE, GET, HEAD"},
      {"GET", "/api/v1/sql", 405, "POST"},
      {"GET", "/api/v1/customers/%zz", 400, ""},
      {"GET", "/broken", 500, ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.path);
    const Response response = answer(row.method, row.path);
    EXPECT_EQ(response.status, row.status);
    EXPECT_EQ(response.content_type, "application/problem+json");
    const auto body = parse_json(response.body);
    EXPECT_EQ(body["status"], row.status);
    EXPECT_FALSE(body["title"].get<std::string>().empty());
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
    EXPECT_EQ(response.fields.empty() ? "" : response.fields[0].second, row.allow);
  }
}

TEST(HttpTarget, IsTakenApart) {
  const auto target = parse_target("/a%20b/c?k=10&weights=recency:2,margin%3a1&flag&q=a+b&&k=11#part");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a%20b/c");
  const std::map<std::string, std::string> query{
      {"flag", ""}, {"k", "11"}, {"q", "a b"}, {"weights", "recency:2,margin:1"}};
  EXPECT_EQ(target->query, query);
  for (const char* wrong : {"", "*", "http://a/b", "/?a=%", "/?%g0=1"}) EXPECT_FALSE(parse_target(wrong)) << wrong;
  EXPECT_EQ(segments_of("/"), std::vector<std::string_view>{""});
  EXPECT_EQ(segments_of("/a//b"), (std::vector<std::string_view>{"a", "", "b"}));
}

TEST(HttpLoopbackHost, IsThisMachineToItself) {
  for (const char* host : {"localhost", "LocalHost:8080", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:8080"})
    EXPECT_TRUE(is_loopback_host(host)) << host;
  for (const char* host : {"", ":80", "evil.example", "localhost.evil.example:80", "127.0.0.1.evil.example", "10.0.0.1",
                           "::1", "[::2]", "[::1"})
    EXPECT_FALSE(is_loopback_host(host)) << host;
}

}  // namespace
}  // namespace nudge::connectors::http
