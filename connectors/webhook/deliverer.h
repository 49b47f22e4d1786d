// Delivers the records of one source to one receiver: reads them, sends what they mean in the order of each customer,
// and commits how far it has come.
//
// Coroutines on the thread of its io_context: one that reads and commits, and `concurrency` that send. Everything that
// waits is bounded by customers_max and records_max; then no more is read.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <utility>  // before awaitable.hpp, which needs it
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "connectors/webhook/bell.h"
#include "connectors/webhook/http_client.h"
#include "connectors/webhook/lanes.h"
#include "connectors/webhook/pace.h"
#include "connectors/webhook/settlement.h"

namespace nudge::connectors::webhook {

class Deliverer {
 public:
  // How many deliveries a crash may repeat at most, beside the requests that were under way.
  static constexpr std::size_t kUncommittedMax = 64;

  // `context` outlives it.
  static Result<std::unique_ptr<Deliverer>> make(boost::asio::io_context& context, Settings settings,
                                                 std::unique_ptr<TargetSource> source,
                                                 std::unique_ptr<DeliveryState> state);

  // Runs with the context until the source is at its end and everything is settled, stop() or a failure.
  void start();
  // Requests that are under way have a few seconds to end; what was settled is committed.
  void stop();

  // Nothing is under way any more, and everything is committed unless there is a failure.
  bool is_over() const { return over_; }
  // The first failure.
  const Status& status() const { return status_; }
  const Figures& figures() const { return figures_; }
  // delivered=… not_needed=… retried=… dead=… held_back=…
  std::string summary() const;

 private:
  struct Item {
    SourceRecord record;
    int failures = 0;
    std::size_t requests_done = 0;  // of its plan
  };
  using Clock = std::chrono::steady_clock;

  Deliverer(boost::asio::io_context& context, Settings settings);
  template <typename Ended>  // void()
  void spawn(boost::asio::awaitable<void> work, Ended ended);
  boost::asio::awaitable<void> supervise();
  boost::asio::awaitable<void> read();
  boost::asio::awaitable<void> send(HttpClient& client);
  boost::asio::awaitable<void> deliver(HttpClient& client, const std::string& customer);
  Status admit(std::vector<SourceRecord>& records);
  Status commit_if_due();
  HttpRequest signed_request(const Settlement::Plan& plan, std::size_t step);
  void refresh_credentials(bool now);
  // What follows from an answer.
  Status conclude(const std::string& customer, const Settlement::Plan& plan, const Answer& answer);
  Status bury(const std::string& customer, const Settlement::Plan& plan, const std::string& reason,
              const Answer& answer);
  void judge_receiver(const Answer& answer);
  void finish(const std::string& customer);
  void fail(Status status);
  void show();

  boost::asio::io_context& context_;
  const Settings settings_;
  Figures figures_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  std::unique_ptr<TargetSource> source_;
  std::unique_ptr<Settlement> settlement_;
  Credentials credentials_;
  Clock::time_point credentials_read_{}, first_uncommitted_{}, shown_{}, told_{};
  std::uint64_t untold_ = 0;  // dead letters since one was logged
  Lanes<Item> lanes_;
  Pace pace_;
  Bell bell_;
  std::vector<std::unique_ptr<HttpClient>> clients_;
  std::mt19937_64 chance_{std::random_device()()};
  int senders_ = 0;
  bool stopping_ = false, drained_ = false, over_ = false;
  Status status_;
};

}  // namespace nudge::connectors::webhook
