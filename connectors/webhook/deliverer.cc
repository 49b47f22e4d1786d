#include "connectors/webhook/deliverer.h"

#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <ctime>

#include "connectors/webhook/signature.h"
#include "engine/log.h"

// g++ 12 mistakes the recycled memory of Asio's coroutine frames for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace nudge::connectors::webhook {
namespace {

namespace net = boost::asio;

constexpr std::size_t kRecordsAtOnce = 256;
constexpr Milliseconds kCommitInterval(100), kPollInterval(20), kStopTime(5'000);
constexpr Milliseconds kCredentialsInterval(5'000), kShowInterval(60'000), kTellInterval(10'000);

std::int64_t wall_seconds() { return static_cast<std::int64_t>(std::time(nullptr)); }

}  // namespace

Deliverer::Deliverer(net::io_context& context, Settings settings)
    : context_(context),
      settings_(std::move(settings)),
      lanes_(settings_.customers_max, settings_.records_max),
      pace_({settings_.rate, settings_.burst}, {settings_.breaker_failures, settings_.breaker_pause}),
      bell_(context) {
  figures_.webhook = settings_.name;
}

Result<std::unique_ptr<Deliverer>> Deliverer::make(net::io_context& context, Settings settings,
                                                   std::unique_ptr<TargetSource> source,
                                                   std::unique_ptr<DeliveryState> state) {
  auto made = std::unique_ptr<Deliverer>(new Deliverer(context, std::move(settings)));
  NUDGE_ASSIGN(made->credentials_, Credentials::read(made->settings_));
  made->credentials_read_ = Clock::now();
  NUDGE_ASSIGN(made->tls_, make_tls(made->settings_.ca_file));
  made->source_ = std::move(source);
  NUDGE_ASSIGN(made->settlement_, Settlement::make(made->settings_, std::move(state), *made->source_, made->figures_));
  return made;
}

void Deliverer::start() {
  spawn(supervise(), [this] { over_ = true; });
}

template <typename Ended>
void Deliverer::spawn(net::awaitable<void> work, Ended ended) {
  net::co_spawn(context_, std::move(work), [this, ended](const std::exception_ptr& failure) {
    try {
      ended();
      if (failure) std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      fail(Status::internal(fmt::format("webhook {}: {}", settings_.name, error.what())));
    }
  });
}

void Deliverer::stop() {
  stopping_ = true;
  bell_.ring();
}

void Deliverer::fail(Status status) {
  if (status.is_ok()) return;
  if (status_.is_ok()) status_ = std::move(status);
  stop();
}

net::awaitable<void> Deliverer::supervise() {
  shown_ = Clock::now();
  for (int i = 0; i < settings_.concurrency; ++i) {
    clients_.push_back(std::make_unique<HttpClient>(context_, tls_, settings_.address, settings_.timeout));
    ++senders_;
    spawn(send(*clients_.back()), [this] {
      --senders_;
      bell_.ring();
    });
  }
  co_await read();
  const auto deadline = Clock::now() + kStopTime;
  while (senders_ > 0 && Clock::now() < deadline) co_await bell_.wait(deadline);
  for (const auto& client : clients_) client->close();
  while (senders_ > 0) co_await bell_.wait(Clock::now() + kPollInterval);
  if (status_.is_ok()) fail(settlement_->commit());
  figures_.held_back.set(static_cast<double>(lanes_.held_back()));
  figures_.waiting.set(static_cast<double>(lanes_.items()));
}

net::awaitable<void> Deliverer::read() {
  std::vector<SourceRecord> records;
  while (!stopping_) {
    records.clear();
    if (const std::size_t room = std::min(lanes_.room(), kRecordsAtOnce); room > 0) {
      fail(source_->read(records, room));
      if (status_.is_ok()) fail(admit(records));
    }
    fail(commit_if_due());
    show();
    if (records.empty() && source_->at_end() && lanes_.empty()) break;
    co_await bell_.wait(Clock::now() + (records.empty() ? kPollInterval : Milliseconds(0)));
  }
  drained_ = true;
  bell_.ring();
}

Status Deliverer::admit(std::vector<SourceRecord>& records) {
  for (SourceRecord& record : records) {
    NUDGE_ASSIGN(const auto customer, settlement_->admit(record));
    if (customer) lanes_.add(*customer, {std::move(record)});
  }
  if (lanes_.has_ready()) bell_.ring();
  return Status::ok();
}

Status Deliverer::commit_if_due() {
  if (settlement_->uncommitted() == 0) return Status::ok();
  const auto now = Clock::now();
  if (first_uncommitted_ == Clock::time_point()) first_uncommitted_ = now;
  if (now - first_uncommitted_ < kCommitInterval && settlement_->uncommitted_deliveries() < kUncommittedMax)
    return Status::ok();
  first_uncommitted_ = {};
  return settlement_->commit();
}

net::awaitable<void> Deliverer::send(HttpClient& client) {
  while (!stopping_ && !drained_) {
    const auto now = Clock::now();
    const TimePoint open = pace_.available_at(now);
    std::optional<std::string> customer;
    if (open <= now) customer = lanes_.take(now);
    if (customer) {
      co_await deliver(client, *customer);
      continue;
    }
    TimePoint until = now + kShowInterval;
    if (open > now)
      until = std::min(until, open);
    else if (const auto due = lanes_.next_due())
      until = std::min(until, *due);
    co_await bell_.wait(until);
  }
}

net::awaitable<void> Deliverer::deliver(HttpClient& client, const std::string& customer) {
  Result<Settlement::Plan> plan = settlement_->plan(lanes_.first(customer).record);
  if (!plan) {
    fail(plan.status());
    co_return;
  }
  if (!plan->impossible.empty()) {
    fail(bury(customer, *plan, plan->impossible, {}));
    co_return;
  }
  if (plan->requests.empty()) {
    fail(settlement_->not_needed(lanes_.first(customer).record, *plan));
    finish(customer);
    co_return;
  }
  refresh_credentials(false);
  const auto begin = Clock::now();
  pace_.sent(begin);
  const HttpRequest request = signed_request(*plan, lanes_.first(customer).requests_done);
  const Answer answer = co_await client.exchange(request);
  figures_.requests.observe(std::chrono::duration<double>(Clock::now() - begin).count());
  if (stopping_ && answer.status == 0)
    lanes_.hold_back(customer, begin);  // it was broken off; whether it arrived is not known
  else
    fail(conclude(customer, *plan, answer));
}

HttpRequest Deliverer::signed_request(const Settlement::Plan& plan, std::size_t step) {
  HttpRequest request = plan.requests[step];
  const std::string id = step == 0 ? plan.id : fmt::format("{}-{}", plan.id, step + 1);
  request.fields.emplace_back("Idempotency-Key", id);
  if (!credentials_.signing_key.empty()) {
    const std::int64_t now = wall_seconds();
    request.fields.emplace_back("webhook-id", id);
    request.fields.emplace_back("webhook-timestamp", std::to_string(now));
    request.fields.emplace_back("webhook-signature", signature(credentials_.signing_key, id, now, request.body));
  }
  for (const auto& field : credentials_.headers) request.fields.push_back(field);
  return request;
}

void Deliverer::refresh_credentials(bool now) {
  const auto time = Clock::now();
  if (!now && time - credentials_read_ < kCredentialsInterval) return;
  credentials_read_ = time;
  if (Result<Credentials> read = Credentials::read(settings_))
    credentials_ = std::move(read).value();
  else
    log::warn("credentials stay as they were reason=\"{}\"", read.status().message());
}

void Deliverer::judge_receiver(const Answer& answer) {
  const auto now = Clock::now();
  const bool was_open = pace_.is_open();
  if (!is_outage(answer.status)) {
    pace_.answered();
    if (was_open) log::info("the receiver is back webhook={}", settings_.name);
  } else if (pace_.failed(now)) {
    log::warn("the receiver is taken to be down webhook={} pause={} status={} reason=\"{}\"", settings_.name,
              format_duration(settings_.breaker_pause.count()), answer.status, answer.reason);
  }
  if (const auto wait = retry_after(answer, wall_seconds()))
    pace_.pause(now + std::min(*wait, settings_.retry.retry_after_max));
  if (answer.status == 401) refresh_credentials(true);
}

Status Deliverer::conclude(const std::string& customer, const Settlement::Plan& plan, const Answer& answer) {
  judge_receiver(answer);
  Item& item = lanes_.first(customer);
  switch (verdict_of(answer.status)) {
    case Verdict::kDelivered:
      item.failures = 0;
      if (++item.requests_done < plan.requests.size()) {
        lanes_.give_back(customer);
        bell_.ring();
        return Status::ok();
      }
      NUDGE_TRY(settlement_->delivered(item.record, plan));
      finish(customer);
      return commit_if_due();
    case Verdict::kDead:
      ++item.failures;
      return bury(customer, plan, "the receiver refused it: " + answer.reason, answer);
    case Verdict::kRetry:
      break;
  }
  if (++item.failures >= settings_.retry.attempts_max)
    return bury(customer, plan, "no attempt succeeded; the last: " + answer.reason, answer);
  figures_.retried.add(1);
  const double chance = std::uniform_real_distribution<double>()(chance_);
  lanes_.hold_back(customer, Clock::now() + backoff_after(settings_.retry, item.failures, chance));
  bell_.ring();
  return Status::ok();
}

Status Deliverer::bury(const std::string& customer, const Settlement::Plan& plan, const std::string& reason,
                       const Answer& answer) {
  Item& item = lanes_.first(customer);
  NUDGE_TRY(settlement_->dead(item.record, plan, reason, answer.status, item.failures));
  finish(customer);
  ++untold_;
  if (const auto now = Clock::now(); now - told_ >= kTellInterval) {
    log::error("changes are dead letters webhook={} count={} status={} reason=\"{}\"", settings_.name, untold_,
               answer.status, reason);
    told_ = now;
    untold_ = 0;
  }
  return Status::ok();
}

void Deliverer::finish(const std::string& customer) {
  lanes_.done(customer);
  bell_.ring();
}

std::string Deliverer::summary() const {
  return fmt::format("delivered={} not_needed={} retried={} dead={} held_back={}", figures_.delivered.value(),
                     figures_.not_needed.value(), figures_.retried.value(), figures_.dead.value(), lanes_.held_back());
}

void Deliverer::show() {
  figures_.held_back.set(static_cast<double>(lanes_.held_back()));
  figures_.waiting.set(static_cast<double>(lanes_.items()));
  figures_.breaker_open.set(pace_.is_open() ? 1 : 0);
  const auto now = Clock::now();
  if (now - shown_ < kShowInterval) return;
  shown_ = now;
  log::info("delivering webhook={} {}", settings_.name, summary());
}

}  // namespace nudge::connectors::webhook
