#include "connectors/webhook/delivery.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <vector>

#include "connectors/http/exposition.h"
#include "connectors/http/process_figures.h"
#include "connectors/http/server.h"
#include "connectors/webhook/deliverer.h"
#include "engine/log.h"

namespace nudge::connectors::webhook {
namespace {

constexpr Milliseconds kStopCheck(50);

// What the records are read from: a folder, or the first output of the configuration.
struct SourcePlace {
  std::string folder;  // empty: Kafka
  std::string topic;
  std::string name() const { return folder.empty() ? "the topic " + topic : "files"; }
};

Result<SourcePlace> place_of(const config::Value& root, const std::string& input) {
  if (!input.empty()) return SourcePlace{input, {}};
  const config::Value& output = root.at("output").items().front();
  const std::string& connector = output.at("connector").text();
  if (connector == "files") return SourcePlace{output.at("path").text(), {}};
  if (connector == "kafka") return SourcePlace{{}, root.at("topics").at("targets").text()};
  return Status::config("output.connector is " + connector +
                        ", whose records end with the program; set files or kafka, or name a folder by --input");
}

Result<std::unique_ptr<TargetSource>> open_source(const config::Value& root, const SourcePlace& place,
                                                  const SourceOptions& options) {
  if (!place.folder.empty()) return open_target_file(place.folder + "/targets.jsonl", options);
  NUDGE_ASSIGN(const kafka::Settings settings, kafka::Settings::of(root));
  return open_target_topic(settings, place.topic, options);
}

class Delivery {
 public:
  Status open(const config::Value& root, const DeliveryOptions& options) {
    NUDGE_ASSIGN(const SourcePlace place, place_of(root, options.input));
    for (const config::Value& webhook : root.at("webhooks").items()) {
      if (!options.only.empty() && webhook.at("name").text() != options.only) continue;
      Settings settings = Settings::of(root, webhook);
      NUDGE_ASSIGN(auto state, DeliveryState::open(settings.state_folder, place.name()));
      NUDGE_ASSIGN(auto source, open_source(root, place, {state->positions(), options.follow}));
      NUDGE_ASSIGN(auto made, Deliverer::make(context_, std::move(settings), std::move(source), std::move(state)));
      deliverers_.push_back(std::move(made));
      figures_.push_back(&deliverers_.back()->figures());
    }
    if (!deliverers_.empty()) return options.bind.empty() ? Status::ok() : serve(options.bind);
    return options.only.empty() ? Status::config("no webhook is configured; name receivers under webhooks")
                                : Status::usage("--webhook: no webhook is called " + options.only);
  }

  Status run(const std::function<bool()>& stops) {
    for (const auto& deliverer : deliverers_) deliverer->start();
    boost::asio::steady_timer timer(context_);
    watch(timer, stops);
    while (context_.run_one() > 0)
      if (is_over()) timer.cancel();
    Status status;
    for (const auto& deliverer : deliverers_) {
      log::info("{} webhook={} {}", deliverer->status() ? "delivered" : "stopped", deliverer->figures().webhook,
                deliverer->summary());
      if (status) status = deliverer->status();
    }
    return status;
  }

 private:
  bool is_over() const {
    return std::ranges::all_of(deliverers_, [](const auto& deliverer) { return deliverer->is_over(); });
  }

  // One webhook's failure ends all, as what is wrong is for whoever runs them to see.
  void watch(boost::asio::steady_timer& timer, const std::function<bool()>& stops) {
    timer.expires_after(kStopCheck);
    timer.async_wait([this, &timer, &stops](const boost::system::error_code& cancelled) {
      if (cancelled || is_over()) return;
      const bool failed = std::ranges::any_of(deliverers_, [](const auto& one) { return !one->status(); });
      if (failed || (stops && stops()))
        for (const auto& deliverer : deliverers_) deliverer->stop();
      watch(timer, stops);
    });
  }

  Status serve(const std::string& bind) {
    const auto address = config::parse_bind_address(bind);
    NUDGE_CHECK(address, "the address of a checked configuration");
    http::Routes routes;
    routes.add("GET", "/livez",
               [](const http::Request&) { return http::Response{.body = "{\"status\":\"live\"}", .fields = {}}; });
    routes.add("GET", "/metrics", [this](const http::Request&) {
      std::vector<FigureFamily> families = families_of(figures_);
      for (FigureFamily& family : http::process_figures()) families.push_back(std::move(family));
      return http::Response{
          .content_type = std::string(http::kExpositionType), .body = http::exposition(families), .fields = {}};
    });
    NUDGE_ASSIGN(server_, http::Server::start(*address, std::move(routes)));
    log::info("figures url=http://{}", to_string(server_->address()));
    return Status::ok();
  }

  boost::asio::io_context context_{1};
  std::vector<std::unique_ptr<Deliverer>> deliverers_;
  std::vector<const Figures*> figures_;
  std::unique_ptr<http::Server> server_;  // last: it reads the figures
};

}  // namespace

Status deliver(const config::Value& root, const DeliveryOptions& options) {
  Delivery delivery;
  NUDGE_TRY(delivery.open(root, options));
  return delivery.run(options.stops);
}

}  // namespace nudge::connectors::webhook
