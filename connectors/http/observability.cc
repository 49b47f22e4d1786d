#include "connectors/http/observability.h"

#include <fmt/core.h>

#include <cmath>
#include <iterator>

#include "connectors/http/exposition.h"
#include "connectors/http/problem.h"
#include "connectors/http/process_figures.h"
#include "engine/log.h"

namespace nudge::connectors::http {

Readiness readiness_of(const Metrics& metrics) {
  const Phase phase = metrics.phase.load(std::memory_order_relaxed);
  if (phase == Phase::kRunning) return {.ready = true, .reason = {}};
  Readiness readiness{.ready = false, .reason = std::string(kPhaseNames[static_cast<std::size_t>(phase)])};
  const double done = metrics.restore_done.value(), total = metrics.restore_total.value();
  if (phase == Phase::kRestoring && !std::isnan(done) && !std::isnan(total))
    readiness.reason += fmt::format(": {:.0f} of {:.0f} records", done, total);
  return readiness;
}

Result<std::unique_ptr<Observability>> Observability::start(const std::string& bind, const Metrics& metrics) {
  return start(bind, metrics, [&metrics] { return readiness_of(metrics); });
}

Result<std::unique_ptr<Observability>> Observability::start(const std::string& bind, const Metrics& metrics,
                                                            std::function<Readiness()> readiness, Routes more) {
  const auto address = config::parse_bind_address(bind);
  if (!address) return Status::config("http.bind: is no address and port; write host:port, such as 127.0.0.1:8080");
  if (!address->is_loopback)
    return Status::config("http.bind: is reachable from other machines, which needs TLS and a token; bind 127.0.0.1");
  Routes routes = std::move(more);
  routes.add("GET", "/livez",
             [](const Request&) { return Response{.body = "{\"status\":\"alive\"}\n", .fields = {}}; });
  routes.add("GET", "/readyz", [readiness = std::move(readiness)](const Request&) {
    const Readiness now = readiness();
    return now.ready ? Response{.body = "{\"status\":\"ready\"}\n", .fields = {}} : problem(503, now.reason);
  });
  routes.add("GET", "/metrics", [&metrics](const Request&) {
    std::vector<FigureFamily> families = metrics.families();
    std::ranges::move(process_figures(), std::back_inserter(families));
    return Response{.content_type = std::string(kExpositionType), .body = exposition(families), .fields = {}};
  });
  NUDGE_ASSIGN(auto server, Server::start(*address, std::move(routes)));
  auto observability = std::unique_ptr<Observability>(new Observability(std::move(server)));
  log::info("http serves url={}", observability->url());
  return observability;
}

}  // namespace nudge::connectors::http
