#include "connectors/kafka/client.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <thread>

#include "connectors/kafka/token.h"
#include "engine/log.h"

namespace nudge::connectors::kafka {
namespace {

constexpr std::chrono::seconds kRefreshInterval(5);
constexpr std::size_t kWordsMax = 512;
constexpr Milliseconds kFirstLook(250), kPause(20);
constexpr std::string_view kToken = "sasl.oauthbearer.token", kPassword = "sasl.password";

Status set(rd_kafka_conf_t* configuration, const std::string& name, const std::string& value) {
  std::array<char, kWordsMax> words{};
  if (rd_kafka_conf_set(configuration, name.c_str(), value.c_str(), words.data(), words.size()) == RD_KAFKA_CONF_OK)
    return Status::ok();
  return Status::config(fmt::format("kafka.{}: {}; correct it or leave it out", name, words.data()));
}

// Sets the token now; librdkafka asks again (on_token) before it ends.
Status set_token(rd_kafka_t* client, const SecretReference& reference) {
  NUDGE_ASSIGN(const std::string jwt, reference.read());
  NUDGE_ASSIGN(const Token token, read_token(jwt));
  std::array<char, kWordsMax> words{};
  if (rd_kafka_oauthbearer_set_token(client, jwt.c_str(), token.ends_ms, token.subject.c_str(), nullptr, 0,
                                     words.data(), words.size()) == RD_KAFKA_RESP_ERR_NO_ERROR)
    return Status::ok();
  return Status::config(fmt::format("kafka.{}: {}; provide a new token", kToken, words.data()));
}

}  // namespace

Result<std::unique_ptr<Client>> Client::make(const Settings& settings, Kind kind, const OwnValues& own,
                                             Callbacks callbacks) {
  std::unique_ptr<Client> client(new Client(settings, callbacks));
  Configuration configuration(rd_kafka_conf_new());
  NUDGE_TRY(client->configure(configuration.get(), kind, own));
  if (const SecretReference* password = settings.secret(kPassword)) {
    NUDGE_ASSIGN(client->password_, password->read());
  }
  std::array<char, kWordsMax> words{};
  const rd_kafka_type_t type = kind == Kind::kConsumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER;
  client->handle_.reset(rd_kafka_new(type, configuration.get(), words.data(), words.size()));
  if (!client->handle_) return Status::config(fmt::format("kafka: {}; correct the setting", words.data()));
  (void)configuration.release();  // rd_kafka_new took it
  if (const SecretReference* token = settings.secret(kToken)) NUDGE_TRY(set_token(client->get(), *token));
  if (kind == Kind::kConsumer) rd_kafka_poll_set_consumer(client->get());
  return client;
}

Client::~Client() = default;

Status Client::configure(rd_kafka_conf_t* configuration, Kind kind, const OwnValues& own) const {
  const auto takes = [&](const std::string& name) {
    const config::KafkaClient of = config::client_of(name);
    return of == config::KafkaClient::kEvery || (of == config::KafkaClient::kConsumer) == (kind == Kind::kConsumer);
  };
  NUDGE_TRY(set(configuration, "bootstrap.servers", settings_.bootstrap_servers()));
  NUDGE_TRY(set(configuration, "client.id", settings_.application()));
  for (const auto& [name, value] : own) NUDGE_TRY(set(configuration, name, value));
  for (const auto& [name, value] : settings_.values())
    if (takes(name)) NUDGE_TRY(set(configuration, name, value));
  for (const SecretReference& secret : settings_.secrets()) {
    if (secret.setting == kToken) continue;
    NUDGE_ASSIGN(const std::string value, secret.read());
    NUDGE_TRY(set(configuration, secret.setting, value));
  }
  // Small requests, such as the end of a transaction, must not wait for larger ones.
  NUDGE_TRY(set(configuration, "socket.nagle.disable", "true"));
  rd_kafka_conf_set_opaque(configuration, const_cast<Client*>(this));
  rd_kafka_conf_set_log_cb(configuration, &Client::on_log);
  rd_kafka_conf_set_error_cb(configuration, &Client::on_error);
  if (settings_.secret(kToken)) rd_kafka_conf_set_oauthbearer_token_refresh_cb(configuration, &Client::on_token);
  if (callbacks_.undelivered)
    rd_kafka_conf_set_dr_msg_cb(configuration, [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
      const Callbacks& callbacks = static_cast<Client*>(opaque)->callbacks_;
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) callbacks.undelivered(callbacks.owner, *message);
    });
  if (callbacks_.rebalance)
    rd_kafka_conf_set_rebalance_cb(configuration, [](rd_kafka_t* client, rd_kafka_resp_err_t what,
                                                     rd_kafka_topic_partition_list_t* partitions, void* opaque) {
      const Callbacks& callbacks = static_cast<Client*>(opaque)->callbacks_;
      callbacks.rebalance(callbacks.owner, client, what, partitions);
    });
  return Status::ok();
}

// Called on librdkafka's own threads.
void Client::on_log(const rd_kafka_t* client, int level, const char* facility, const char* words) {
  constexpr int kError = 3, kWarning = 4, kInfo = 6;
  auto* const self = client ? static_cast<Client*>(rd_kafka_opaque(client)) : nullptr;
  bool repeated = false;
  if (self && level <= kWarning) {
    const std::lock_guard lock(self->mutex_);
    repeated = self->complaint_.words == words;
    self->complaint_.words = words;
  }
  // What is worth an error is told by the call that fails; a lost connection comes back.
  if (level <= kWarning && !repeated) {
    log::warn("kafka client facility={} level={} {}", facility, level <= kError ? "error" : "warning", words);
  } else if (level <= kInfo) {
    log::debug("kafka client facility={} {}", facility, words);
  } else {
    log::trace("kafka client facility={} {}", facility, words);
  }
}

void Client::on_error(rd_kafka_t*, int error, const char* reason, void* opaque) {
  auto* const self = static_cast<Client*>(opaque);
  if (error == RD_KAFKA_RESP_ERR__AUTHENTICATION || error == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED)
    self->refused_ = true;
  const std::lock_guard lock(self->mutex_);
  // That no broker is left says less than why the last one went.
  if (error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
    self->complaint_ = {static_cast<rd_kafka_resp_err_t>(error), reason};
}

void Client::on_token(rd_kafka_t* client, const char*, void* opaque) {
  const auto* const self = static_cast<Client*>(opaque);
  const Status status = set_token(client, *self->settings_.secret(kToken));
  if (status) return;
  log::warn("{}", status.message());
  rd_kafka_oauthbearer_set_token_failure(client, status.message().c_str());
}

void Client::refresh_credentials() {
  const SecretReference* const password = settings_.secret(kPassword);
  if (!password || !password->is_file) return;
  const auto now = std::chrono::steady_clock::now();
  if (!refused_ && now - refreshed_ < kRefreshInterval) return;
  refused_ = false;
  refreshed_ = now;
  Result<std::string> current = password->read();
  if (!current) {
    log::warn("{}", current.status().message());
    return;
  }
  if (*current == password_) return;
  const std::string user(settings_.value("sasl.username"));
  const ErrorHandle error(rd_kafka_sasl_set_credentials(handle_.get(), user.c_str(), current->c_str()));
  if (error) {
    log::warn("kafka.{}: the new one is not taken: {}", kPassword, rd_kafka_error_string(error.get()));
    return;
  }
  password_ = *std::move(current);
  log::info("kafka.{} was read again: it has changed", kPassword);
}

bool Client::Complaint::is_refusal() const {
  return error == RD_KAFKA_RESP_ERR__AUTHENTICATION || error == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED ||
         is_of_tls();
}

// What a broker thinks of a client's certificate comes after the handshake, as any lost connection.
bool Client::Complaint::is_of_tls() const {
  return error == RD_KAFKA_RESP_ERR__SSL ||
         (error == RD_KAFKA_RESP_ERR__TRANSPORT && words.find("SSL alert") != std::string::npos);
}

Client::Complaint Client::complaint() const {
  const std::lock_guard lock(mutex_);
  return complaint_;
}

Status Client::reach(Milliseconds timeout) const {
  const auto until = std::chrono::steady_clock::now() + timeout;
  for (Milliseconds wait = kFirstLook;; wait *= 2) {
    const auto left = std::chrono::duration_cast<Milliseconds>(until - std::chrono::steady_clock::now());
    const struct rd_kafka_metadata* found = nullptr;
    const rd_kafka_resp_err_t error = rd_kafka_metadata(
        handle_.get(), 0, nullptr, &found, static_cast<int>(std::max(std::min(wait, left), kPause).count()));
    const Metadata metadata(found);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return Status::ok();
    rd_kafka_poll(handle_.get(), 0);  // brings what the connection complains of
    if (complaint().is_refusal() || left <= wait) return failure("no broker answers", error);
    std::this_thread::sleep_for(kPause);
  }
}

Status Client::failure(std::string_view what, rd_kafka_resp_err_t error, std::string_view words) const {
  std::string reason(words.empty() ? rd_kafka_err2str(error) : words);
  const Complaint last = complaint();
  if (!last.words.empty()) reason += "; last: " + last.words;
  const auto unavailable = [&](std::string_view remedy) {
    return Status::error(ErrorClass::kUnavailable, fmt::format("kafka.bootstrap.servers {}: {} ({}); {}",
                                                               settings_.bootstrap_servers(), what, reason, remedy));
  };
  constexpr std::string_view kWho = "correct kafka.sasl.mechanism, kafka.sasl.username and kafka.sasl.password",
                             kTls = "correct kafka.security.protocol and kafka.ssl.*",
                             kWhere = "start the brokers, or correct the addresses and kafka.security.protocol";
  const bool is_token = settings_.secret(kToken) != nullptr;
  const std::string_view who = is_token ? "correct kafka.sasl.oauthbearer.token" : kWho;
  switch (error) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
      if (last.is_refusal()) return unavailable(last.is_of_tls() ? kTls : who);
      return unavailable(kWhere);
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
      return unavailable("the brokers are changing places; try again");
    case RD_KAFKA_RESP_ERR__SSL:
      return unavailable(kTls);
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return unavailable(who);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return unavailable("grant this user the right");
    default:
      return Status::io(fmt::format("kafka {}: {} ({})", settings_.bootstrap_servers(), what, reason));
  }
}

Status Client::fatal() const {
  std::array<char, kWordsMax> words{};
  const rd_kafka_resp_err_t error = rd_kafka_fatal_error(handle_.get(), words.data(), words.size());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return Status::ok();
  return failure("the client is of no more use", error, words.data());
}

}  // namespace nudge::connectors::kafka
