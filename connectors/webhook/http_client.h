// One connection to a receiver: requests are sent and answered one after the other, over TLS where the address says so.
//
// It connects when it must, keeps the connection, and drops it after whatever went wrong. One coroutine at a time.
#pragma once

#include <memory>
#include <string>
#include <utility>  // before awaitable.hpp, which needs it
#include <variant>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "config/web_address.h"
#include "connectors/webhook/mapping.h"
#include "connectors/webhook/verdict.h"
#include "engine/status.h"

namespace nudge::connectors::webhook {

// TLS 1.2 or later, the peer verified against `ca_file` (empty: the system's authorities). kConfig where that cannot be
// read.
Result<std::unique_ptr<boost::asio::ssl::context>> make_tls(const std::string& ca_file);

class HttpClient {
 public:
  // `tls` outlives it.
  HttpClient(boost::asio::io_context& context, boost::asio::ssl::context& tls, config::WebAddress address,
             Milliseconds timeout);
  ~HttpClient();

  // Never throws for what a receiver or the network does: then the answer has no status. Redirections are not followed.
  boost::asio::awaitable<Answer> exchange(const HttpRequest& request);
  // At once, whatever it is about.
  void close();

 private:
  using Plain = boost::beast::tcp_stream;
  using Secure = boost::beast::ssl_stream<boost::beast::tcp_stream>;
  using Stream = std::variant<Plain, Secure>;
  using Outgoing = boost::beast::http::request<boost::beast::http::string_body>;
  struct Attempt {
    Answer answer;
    bool stale = false;  // the receiver had closed the connection before it saw the request
  };

  Outgoing outgoing_of(const HttpRequest& request) const;
  boost::asio::awaitable<boost::system::error_code> connect();
  boost::asio::awaitable<boost::system::error_code> connect_secure(
      const boost::asio::ip::tcp::resolver::results_type& places);
  boost::asio::awaitable<Attempt> attempt(const Outgoing& outgoing);
  template <typename Layer>
  boost::asio::awaitable<Attempt> send_and_receive(Layer& layer, const Outgoing& outgoing);
  Plain& lowest();

  boost::asio::io_context& context_;
  boost::asio::ssl::context& tls_;
  const config::WebAddress address_;
  const Milliseconds timeout_;
  std::unique_ptr<Stream> stream_;  // nothing: not connected
  boost::asio::ip::tcp::resolver resolver_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace nudge::connectors::webhook
