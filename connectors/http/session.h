// One connection of the server: requests are read, answered and written, one after the other. The server's thread only.
#pragma once

#include <chrono>
#include <memory>
#include <utility>  // before awaitable.hpp, which needs it

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "connectors/http/message.h"
#include "connectors/http/routes.h"
#include "connectors/http/server.h"

namespace nudge::connectors::http {

class Session {
 public:
  using Clock = std::chrono::steady_clock;
  using Socket = boost::asio::ip::tcp::socket;

  // `routes` and `limits` outlive it.
  Session(Socket socket, const Routes& routes, const ServerLimits& limits);

  // Until the client is gone, a limit is reached or the session is closed.
  boost::asio::awaitable<void> serve();

  // Since when it has been waiting for a request; nothing while one is answered.
  std::optional<Clock::time_point> waiting_since() const { return waiting_since_; }
  // At once, whatever it is about.
  void close();
  // When the response that is under way is sent; at once where none is.
  void finish();

 private:
  using Incoming = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using Outgoing = boost::beast::http::response<boost::beast::http::string_body>;

  Response answer(const Incoming& incoming) const;
  boost::asio::awaitable<bool> send(Response response, bool head, unsigned version, bool keep);
  boost::asio::awaitable<void> end_gently();

  boost::beast::tcp_stream stream_;
  const Routes& routes_;
  const ServerLimits& limits_;
  boost::beast::flat_buffer buffer_;
  std::optional<Clock::time_point> waiting_since_ = Clock::now();
  bool finishing_ = false;
};

}  // namespace nudge::connectors::http
