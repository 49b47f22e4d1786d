#include "connectors/webhook/http_client.h"

#include <openssl/ssl.h>

#include <variant>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "engine/output.h"

// g++ 12 mistakes the recycled memory of Asio's coroutine frames for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace nudge::connectors::webhook {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;

constexpr std::uint32_t kHeaderBytesMax = 32 << 10;
constexpr std::size_t kBodyBytesMax = 1 << 20, kReasonBytesMax = 200;

auto into(error_code& error) { return net::redirect_error(net::use_awaitable, error); }

std::string text_of(beast::string_view view) { return {view.data(), view.size()}; }

// One line of an answer's body, for the dead letter's reason.
std::string reason_of(const std::string& body) {
  std::string reason = body.substr(0, kReasonBytesMax);
  for (char& c : reason)
    if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) >= 0x7f) c = ' ';
  return reason;
}

}  // namespace

Result<std::shared_ptr<net::ssl::context>> make_tls(const std::string& ca_file) {
  auto tls = std::make_shared<net::ssl::context>(net::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
  tls->set_verify_mode(net::ssl::verify_peer);
  error_code error;
  if (ca_file.empty())
    tls->set_default_verify_paths(error);
  else
    tls->load_verify_file(ca_file, error);
  if (error)
    return Status::config("the authorities' certificates " + ca_file + " cannot be read: " + error.message() +
                          "; name a PEM file by ca_file");
  return tls;
}

class HttpClient::Implementation {
 public:
  Implementation(net::io_context& context, std::shared_ptr<net::ssl::context> tls, config::WebAddress address,
                 Milliseconds timeout)
      : context_(context), tls_(std::move(tls)), address_(std::move(address)), timeout_(timeout), resolver_(context) {}

  net::awaitable<Answer> exchange(const HttpRequest& request);
  void close();

 private:
  using Plain = beast::tcp_stream;
  using Secure = beast::ssl_stream<beast::tcp_stream>;
  using Stream = std::variant<Plain, Secure>;
  using Outgoing = http::request<http::string_body>;
  struct Attempt {
    Answer answer;
    bool stale = false;  // the receiver had closed the connection before it saw the request
  };

  Outgoing outgoing_of(const HttpRequest& request) const;
  net::awaitable<error_code> connect();
  net::awaitable<error_code> connect_secure(const tcp::resolver::results_type& places);
  net::awaitable<Attempt> attempt(const Outgoing& outgoing);
  template <typename Layer>
  net::awaitable<Attempt> send_and_receive(Layer& layer, const Outgoing& outgoing);
  Plain& lowest();

  net::io_context& context_;
  const std::shared_ptr<net::ssl::context> tls_;
  const config::WebAddress address_;
  const Milliseconds timeout_;
  std::unique_ptr<Stream> stream_;  // nothing: not connected
  tcp::resolver resolver_;
  beast::flat_buffer buffer_;
};

HttpClient::HttpClient(net::io_context& context, std::shared_ptr<net::ssl::context> tls, config::WebAddress address,
                       Milliseconds timeout)
    : implementation_(std::make_unique<Implementation>(context, std::move(tls), std::move(address), timeout)) {}
HttpClient::~HttpClient() = default;

net::awaitable<Answer> HttpClient::exchange(const HttpRequest& request) { return implementation_->exchange(request); }
void HttpClient::close() { implementation_->close(); }

HttpClient::Implementation::Plain& HttpClient::Implementation::lowest() {
  if (Plain* const plain = std::get_if<Plain>(stream_.get())) return *plain;
  return beast::get_lowest_layer(std::get<Secure>(*stream_));
}

void HttpClient::Implementation::close() {
  resolver_.cancel();
  if (!stream_) return;
  error_code ignored;
  lowest().socket().close(ignored);
}

HttpClient::Implementation::Outgoing HttpClient::Implementation::outgoing_of(const HttpRequest& request) const {
  const std::string target = address_.path + request.path;
  Outgoing outgoing{http::string_to_verb(request.method), target.empty() ? "/" : target, 11};
  outgoing.set(http::field::host, address_.authority());
  outgoing.set(http::field::user_agent, "nudge/" + std::string(kEngineVersion));
  outgoing.set(http::field::content_type, "application/json");
  for (const auto& [name, value] : request.fields) outgoing.set(name, value);
  outgoing.body() = request.body;
  outgoing.prepare_payload();
  return outgoing;
}

net::awaitable<Answer> HttpClient::Implementation::exchange(const HttpRequest& request) {
  const Outgoing outgoing = outgoing_of(request);
  const bool kept = stream_ != nullptr;
  Attempt done = co_await attempt(outgoing);
  // A connection that was idle may have been closed meanwhile, which says nothing of the receiver.
  if (done.stale && kept) done = co_await attempt(outgoing);
  co_return std::move(done.answer);
}

net::awaitable<HttpClient::Implementation::Attempt> HttpClient::Implementation::attempt(const Outgoing& outgoing) {
  if (!stream_) {
    if (const error_code error = co_await connect(); error) {
      stream_.reset();
      co_return Attempt{{.reason = "cannot connect: " + error.message()}};
    }
  }
  lowest().expires_after(timeout_);
  if (Plain* const plain = std::get_if<Plain>(stream_.get())) co_return co_await send_and_receive(*plain, outgoing);
  co_return co_await send_and_receive(std::get<Secure>(*stream_), outgoing);
}

template <typename Layer>
net::awaitable<HttpClient::Implementation::Attempt> HttpClient::Implementation::send_and_receive(
    Layer& layer, const Outgoing& outgoing) {
  http::response_parser<http::string_body> parser;
  parser.header_limit(kHeaderBytesMax);
  parser.body_limit(kBodyBytesMax);
  error_code error;
  co_await http::async_write(layer, outgoing, into(error));
  if (!error) co_await http::async_read(layer, buffer_, parser, into(error));
  // Many servers end TLS without a word; a response without a length ends there, too.
  if (error == net::ssl::error::stream_truncated && parser.is_header_done() && parser.need_eof()) error = {};
  const bool too_long = error == http::error::body_limit && parser.is_header_done();
  if (error && !too_long) {
    const bool nothing = !parser.got_some();
    stream_.reset();
    buffer_.clear();
    const bool late = error == beast::error::timeout;
    co_return Attempt{{.reason = late ? "no answer in time" : error.message()}, nothing && !late};
  }
  const auto& response = parser.get();
  Answer answer{static_cast<int>(response.result_int()), text_of(response[http::field::retry_after]),
                too_long ? std::string() : reason_of(response.body())};
  if (too_long || !parser.keep_alive()) {
    stream_.reset();
    buffer_.clear();
  } else {
    lowest().expires_never();
  }
  co_return Attempt{std::move(answer)};
}

net::awaitable<error_code> HttpClient::Implementation::connect() {
  error_code error;
  buffer_.clear();
  net::steady_timer late(context_, timeout_);
  late.async_wait([this](const error_code& cancelled) {
    if (!cancelled) resolver_.cancel();
  });
  const auto places = co_await resolver_.async_resolve(address_.host, std::to_string(address_.port), into(error));
  late.cancel();
  if (error) co_return error;
  if (address_.tls) co_return co_await connect_secure(places);
  stream_ = std::make_unique<Stream>(std::in_place_type<Plain>, context_);
  lowest().expires_after(timeout_);
  co_await lowest().async_connect(places, into(error));
  if (!error) lowest().socket().set_option(tcp::no_delay(true), error);
  co_return error;
}

net::awaitable<error_code> HttpClient::Implementation::connect_secure(const tcp::resolver::results_type& places) {
  stream_ = std::make_unique<Stream>(std::in_place_type<Secure>, context_, *tls_);
  Secure& secure = std::get<Secure>(*stream_);
  error_code error;
  secure.set_verify_callback(net::ssl::host_name_verification(address_.host), error);
  if (SSL_set_tlsext_host_name(secure.native_handle(), address_.host.c_str()) != 1)
    co_return net::error::make_error_code(net::error::invalid_argument);
  lowest().expires_after(timeout_);
  if (!error) co_await lowest().async_connect(places, into(error));
  if (!error) lowest().socket().set_option(tcp::no_delay(true), error);
  if (!error) co_await secure.async_handshake(net::ssl::stream_base::client, into(error));
  co_return error;
}

}  // namespace nudge::connectors::webhook
