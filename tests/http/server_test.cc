// The server on a real socket of loopback: what it answers, and that no client can take it away from the others.
#include "connectors/http/server.h"
#include "connectors/json_text.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/http/client.h"

namespace nudge::connectors::http {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLargeBytes = 8 << 20;

Routes some_routes() {
  Routes routes;
  routes.add("GET", "/hello", [](const Request&) { return Response{.body = "{\"hello\":1}", .fields = {}}; });
  routes.add("POST", "/echo", [](const Request& request) { return Response{.body = request.body, .fields = {}}; });
  routes.add("GET", "/large",
             [](const Request&) { return Response{.body = std::string(kLargeBytes, 'x'), .fields = {}}; });
  return routes;
}

std::unique_ptr<Server> started(const ServerLimits& limits = {}) {
  auto server = Server::start({"127.0.0.1", 0, true}, some_routes(), limits);
  if (!server) ADD_FAILURE() << server.status().message();
  return std::move(server).value();
}

TEST(HttpServer, AnswersSeveralRequestsOfAConnection) {
  const auto server = started();
  ASSERT_NE(server->address().port, 0);
  Client client(server->address().port);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.ask("GET", "/hello"));
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "{\"hello\":1}");
    EXPECT_EQ(answer.fields.at("content-type"), "application/json");
  }
  client.ask("HEAD", "/hello");
  const Answer head = client.read(false);
  EXPECT_EQ(head.fields.at("content-length"), "11");
  // Two at once, without waiting for the first answer.
  client.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabcGET /hello HTTP/1.1\r\nHost: "
      "[::1]\r\n\r\n");
  EXPECT_EQ(client.read().body, "abc");
  EXPECT_EQ(client.read().body, "{\"hello\":1}");
  client.ask("GET", "/hello", "Connection: close\r\n");
  EXPECT_EQ(client.read().status, 200);
  EXPECT_TRUE(client.ends_within(5s));
}

TEST(HttpServer, RefusesAsProblems) {
  const auto server = started();
  const std::string much(64 << 10, 'a');
  const struct {
    const char* name;
    std::string sent;
    int status;
  } rows[] = {
      {"an unknown path", "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n", 404},
      {"a method that is not there", "DELETE /hello HTTP/1.1\r\nHost: localhost\r\n\r\n", 405},
      {"no HTTP", "\x16\x03\x01 what is this\r\n\r\n", 400},
      {"no host", "GET /hello HTTP/1.1\r\n\r\n", 400},
      {"somebody else's host", "GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
      {"a target that cannot be decoded", "GET /hello?a=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"a large header", "GET /hello HTTP/1.1\r\nHost: localhost\r\nX: " + much + "\r\n\r\n", 431},
      {"a long target", "GET /" + much + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 431},
      {"a large body", "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n" + much, 413},
      {"a large body in chunks",
       "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n" +
           std::string(0x200000, 'a') + "\r\n0\r\n\r\n",
       413},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Client client(server->address().port);
    client.send(row.sent);
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, row.status);
    ASSERT_EQ(answer.fields.count("content-type"), 1u);
    EXPECT_EQ(answer.fields.at("content-type"), "application/problem+json");
    EXPECT_EQ(parse_json(answer.body)["status"], row.status);
  }
  EXPECT_EQ(get(server->address().port, "/hello").status, 200);
}

TEST(HttpServer, ClosesWhoIsTooSlow) {
  const auto server = started({.request_time = 300ms, .response_time = 300ms});
  Client silent(server->address().port), trickling(server->address().port), deaf(server->address().port);
  deaf.ask("GET", "/large");
  std::jthread drips([&](const std::stop_token& stop) {
    trickling.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n");
    while (!stop.stop_requested() && trickling.send("X: y\r\n")) std::this_thread::sleep_for(20ms);
  });
  EXPECT_TRUE(silent.ends_within(5s));
  drips.request_stop();
  drips.join();
  EXPECT_TRUE(trickling.ends_within(5s));
  std::this_thread::sleep_for(600ms);
  EXPECT_LT(deaf.read().body.size(), kLargeBytes);  // what the system's buffers held, at most
  EXPECT_EQ(get(server->address().port, "/hello").status, 200);
}

TEST(HttpServer, ServesMoreClientsThanConnections) {
  const auto server = started({.connections_max = 4});
  std::atomic<int> answered = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 16; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < 10; ++j)
        if (get(server->address().port, "/hello").status == 200) ++answered;
    });
  threads.clear();
  EXPECT_EQ(answered, 160);
}

TEST(HttpServer, WhoNeverAsksMakesRoom) {
  const auto server = started({.connections_max = 4, .grace = 100ms});
  std::vector<Client> idle;
  for (int i = 0; i < 40; ++i) {
    idle.emplace_back(server->address().port);
    idle.back().send("GET /he");
  }
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(get(server->address().port, "/hello").status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
}

TEST(HttpServer, StopsWhateverClientsDo) {
  auto server = started({.stop_time = 300ms});
  const std::uint16_t port = server->address().port;
  Client idle(port), deaf(port), slow(port);
  deaf.ask("GET", "/large");
  slow.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(get(port, "/hello").status, 200);  // all of them are accepted
  const auto begin = std::chrono::steady_clock::now();
  server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_TRUE(idle.ends_within(1s));
  EXPECT_FALSE(Client(port).connected());
  server->stop();  // again: nothing
  server.reset();
  // The port is free at once.
  const auto again = Server::start({"127.0.0.1", port, true}, some_routes());
  ASSERT_TRUE(again.is_ok()) << again.status().message();
  EXPECT_EQ(get(port, "/hello").status, 200);
}

TEST(HttpServer, FinishesTheResponseThatIsUnderWay) {
  const auto server = started();
  Client client(server->address().port);
  client.ask("GET", "/large");
  std::this_thread::sleep_for(100ms);  // the system's buffers are full by now
  std::jthread reader([&] { EXPECT_EQ(client.read().body.size(), kLargeBytes); });
  server->stop();
}

TEST(HttpServer, SaysThatThePortIsTaken) {
  const auto server = started();
  const auto second = Server::start(server->address(), some_routes());
  ASSERT_FALSE(second.is_ok());
  EXPECT_EQ(second.status().error_class(), ErrorClass::kConfig);
  EXPECT_NE(second.status().message().find("port " + std::to_string(server->address().port)), std::string::npos);
  EXPECT_NE(second.status().message().find("--set http.bind="), std::string::npos);
}

TEST(HttpServer, ListensOnVersionSix) {
  const auto server = Server::start({"::1", 0, true}, some_routes());
  if (!server.is_ok()) GTEST_SKIP() << "no IPv6 here: " << server.status().message();
  EXPECT_EQ(to_string((*server)->address()), "[::1]:" + std::to_string((*server)->address().port));
}

}  // namespace
}  // namespace nudge::connectors::http
