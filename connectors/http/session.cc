#include "connectors/http/session.h"

#include <absl/strings/ascii.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "connectors/http/loopback_host.h"
#include "connectors/http/problem.h"
#include "connectors/http/target.h"
#include "engine/log.h"

// g++ 12 mistakes the recycled memory of Asio's coroutine frames for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace nudge::connectors::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

// What is thrown away of a request that was refused, so that its sender comes to read why.
constexpr std::size_t kDiscardedBytesMax = 4 << 20;
constexpr std::chrono::milliseconds kDiscardTime(1'000);

auto into(error_code& error) { return net::redirect_error(net::use_awaitable, error); }

std::string text_of(beast::string_view view) { return {view.data(), view.size()}; }

// The response to what is no request within the limits; nothing where there is nobody to answer.
std::optional<Response> refusal(const error_code& error, const ServerLimits& limits) {
  using Error = beast::http::error;
  if (error == Error::header_limit || error == Error::buffer_overflow)
    return problem(431, "the request's header exceeds " + std::to_string(limits.header_bytes_max) + " bytes");
  if (error == Error::body_limit)
    return problem(413, "the request's body exceeds " + std::to_string(limits.body_bytes_max) + " bytes");
  if (error == Error::end_of_stream || error == Error::partial_message) return std::nullopt;
  static const auto& kHttp = beast::http::make_error_code(Error::end_of_stream).category();
  if (error.category() == kHttp) return problem(400, "this is no HTTP request: " + error.message());
  return std::nullopt;
}

}  // namespace

Session::Session(Socket socket, const Routes& routes, const ServerLimits& limits)
    : stream_(std::move(socket)), routes_(routes), limits_(limits), buffer_(limits.header_bytes_max + (64 << 10)) {}

void Session::close() {
  finishing_ = true;
  error_code ignored;
  stream_.socket().close(ignored);
}

void Session::finish() {
  finishing_ = true;
  if (waiting_since_) close();
}

net::awaitable<void> Session::serve() {
  for (bool keep = true; keep && !finishing_;) {
    waiting_since_ = Clock::now();
    Incoming incoming;
    incoming.header_limit(limits_.header_bytes_max);
    incoming.body_limit(limits_.body_bytes_max);
    stream_.expires_after(limits_.request_time);
    error_code error;
    co_await beast::http::async_read(stream_, buffer_, incoming, into(error));
    waiting_since_.reset();
    if (error) {
      if (auto refused = refusal(error, limits_); refused && !finishing_) {
        co_await send(std::move(*refused), false, 11, false);
        co_await end_gently();
      }
      break;
    }
    keep = incoming.keep_alive() && !finishing_;
    const bool head = incoming.get().method() == beast::http::verb::head;
    if (!co_await send(answer(incoming), head, incoming.get().version(), keep)) break;
  }
  error_code ignored;
  stream_.socket().shutdown(Socket::shutdown_send, ignored);
}

Response Session::answer(const Incoming& incoming) const {
  const auto& message = incoming.get();
  const std::string host = text_of(message[beast::http::field::host]);
  if (host.empty() ? message.version() >= 11 : !is_loopback_host(host))
    return problem(host.empty() ? 400 : 421, "the request's Host must be 127.0.0.1, [::1] or localhost");
  auto target = parse_target(text_of(message.target()));
  if (!target) return problem(400, "the request's target cannot be decoded");
  Request request;
  request.method = text_of(message.method_string());
  request.path = std::move(target->path);
  request.query = std::move(target->query);
  for (const auto& field : message)
    request.fields[absl::AsciiStrToLower(text_of(field.name_string()))] = text_of(field.value());
  request.body = message.body();
  return routes_.answer(request);
}

// False where the client did not take it.
net::awaitable<bool> Session::send(Response response, bool head, unsigned version, bool keep) {
  Outgoing outgoing{static_cast<beast::http::status>(response.status), version};
  outgoing.set(beast::http::field::content_type, response.content_type);
  outgoing.set(beast::http::field::cache_control, "no-store");
  outgoing.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.fields) outgoing.set(name, value);
  outgoing.keep_alive(keep);
  outgoing.content_length(response.body.size());
  if (!head) outgoing.body() = std::move(response.body);
  stream_.expires_after(limits_.response_time);
  error_code error;
  co_await beast::http::async_write(stream_, outgoing, into(error));
  if (error) log::debug("a response was not taken status={} reason={}", response.status, error.message());
  co_return !error;
}

// Closing a socket that holds unread bytes would take the response away from its reader.
net::awaitable<void> Session::end_gently() {
  error_code error;
  stream_.socket().shutdown(Socket::shutdown_send, error);
  stream_.expires_after(kDiscardTime);
  std::array<char, 16 << 10> discarded;
  for (std::size_t bytes = 0; !error && bytes < kDiscardedBytesMax;)
    bytes += co_await stream_.async_read_some(net::buffer(discarded), into(error));
}

}  // namespace nudge::connectors::http
