// One connection to a receiver: requests are sent and answered one after the other, over TLS where the address says so.
//
// It connects when it must, keeps the connection, and drops it after whatever went wrong. One coroutine at a time.
#pragma once

#include <memory>
#include <string>
#include <utility>  // before awaitable.hpp, which needs it

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "config/web_address.h"
#include "connectors/webhook/mapping.h"
#include "connectors/webhook/verdict.h"
#include "engine/status.h"

namespace boost::asio::ssl {
class context;
}

namespace nudge::connectors::webhook {

// TLS 1.2 or later, the peer verified against `ca_file` (empty: the system's authorities). kConfig where that cannot be
// read.
Result<std::shared_ptr<boost::asio::ssl::context>> make_tls(const std::string& ca_file);

class HttpClient {
 public:
  HttpClient(boost::asio::io_context& context, std::shared_ptr<boost::asio::ssl::context> tls,
             config::WebAddress address, Milliseconds timeout);
  ~HttpClient();

  // Never throws for what a receiver or the network does: then the answer has no status. Redirections are not followed.
  boost::asio::awaitable<Answer> exchange(const HttpRequest& request);
  // At once, whatever it is about.
  void close();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace nudge::connectors::webhook
