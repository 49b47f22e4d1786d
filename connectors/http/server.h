// An HTTP/1.1 server on one thread of its own, with a limit for everything that a client could use up.
//
// A connection has `request_time` to send its next request, whole, and `response_time` to take the response; then it is
// closed. Where there are `connections_max`, no other is accepted until one ends; the one that has been waiting for its
// request for longest, and for at least `grace`, makes room. Requests that do not say Host: a loopback name are refused
// (421), so that no page in a browser reaches the server under a name of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "config/bind_address.h"
#include "connectors/http/routes.h"
#include "engine/status.h"

namespace nudge::connectors::http {

struct ServerLimits {
  using Milliseconds = std::chrono::milliseconds;
  std::size_t connections_max = 64;
  std::uint32_t header_bytes_max = 16 << 10;
  std::size_t body_bytes_max = 1 << 20;
  Milliseconds request_time{15'000}, response_time{10'000};
  Milliseconds grace{500};
  Milliseconds stop_time{2'000};  // that stop() leaves to responses that are under way
};

class Server {
 public:
  // Listens when it returns. kConfig where the port is taken or the address is none of this machine's. Only a loopback
  // address may be given.
  static Result<std::unique_ptr<Server>> start(const config::BindAddress& address, Routes routes,
                                               const ServerLimits& limits = {});
  // Stops.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The port that was chosen, where none was given.
  const config::BindAddress& address() const;

  // Accepts no more, lets responses that are under way end, closes the rest, and returns when the thread has ended.
  // Not from a handler.
  void stop();

 private:
  class Implementation;
  explicit Server(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace nudge::connectors::http
