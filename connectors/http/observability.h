// What a running engine shows of itself over HTTP: /livez, /readyz and /metrics.
//
//   /livez    200 as long as the process answers
//   /readyz   200 where the engine does its work; 503 with the reason while it starts, restores or drains
//   /metrics  its figures and the process's, for Prometheus
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "connectors/http/server.h"
#include "engine/metrics.h"

namespace nudge::connectors::http {

struct Readiness {
  bool ready = false;
  std::string reason;  // why not: a lower-case fragment, nothing personal
};

// By the phase, and how far a restoring engine has come.
Readiness readiness_of(const Metrics& metrics);

class Observability {
 public:
  // `bind` is http.bind of a checked configuration. `readiness` is called by the server's thread, at any time until
  // this object is gone. `more` are other folders' routes. kConfig where the port is taken.
  static Result<std::unique_ptr<Observability>> start(const std::string& bind, const Metrics& metrics,
                                                      std::function<Readiness()> readiness, Routes more = {});
  // Ready as readiness_of says.
  static Result<std::unique_ptr<Observability>> start(const std::string& bind, const Metrics& metrics);

  // http://127.0.0.1:8080
  std::string url() const { return "http://" + to_string(server_->address()); }
  // The last thing that a draining program does. The destructor does it, too.
  void stop() { server_->stop(); }

 private:
  explicit Observability(std::unique_ptr<Server> server) : server_(std::move(server)) {}
  std::unique_ptr<Server> server_;
};

}  // namespace nudge::connectors::http
