// One client of librdkafka with the application's settings: its log, its connection's state, its credentials.
//
// Any thread may call the const members. `refresh_credentials` reads secrets again; it is called by whoever polls the
// client, at least every few seconds, and does nothing in between.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/kafka/handle.h"
#include "connectors/kafka/settings.h"

namespace nudge::connectors::kafka {

using Milliseconds = std::chrono::milliseconds;
using OwnValues = std::vector<std::pair<std::string, std::string>>;

// Callbacks of librdkafka that an owner of a client wants, called on the thread that polls it.
struct Callbacks {
  void* owner = nullptr;
  // A record could not be delivered.
  void (*undelivered)(void* owner, const rd_kafka_message_t& message) = nullptr;
  void (*rebalance)(void* owner, rd_kafka_t* client, rd_kafka_resp_err_t what,
                    rd_kafka_topic_partition_list_t* partitions) = nullptr;
};

class Client {
 public:
  enum class Kind { kConsumer, kProducer };

  // `own` are what nudge decides; where the user may choose as well, the user's value holds. kConfig where a setting
  // is refused, with its key. Does not wait for a connection.
  static Result<std::unique_ptr<Client>> make(const Settings& settings, Kind kind, const OwnValues& own,
                                              Callbacks callbacks = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  rd_kafka_t* get() const { return handle_.get(); }
  const Settings& settings() const { return settings_; }

  // Waits until a broker has answered; kUnavailable (exit code 69) with brokers, reason and remedy where none does, at
  // once where one refuses the credentials or certificates. Not for a client that somebody else polls.
  Status reach(Milliseconds timeout) const;
  // Of a failed call, with what the connection last complained of.
  Status failure(std::string_view what, rd_kafka_resp_err_t error, std::string_view words = {}) const;
  // A fatal error of librdkafka: this client is of no more use.
  Status fatal() const;

  void refresh_credentials();

 private:
  explicit Client(Settings settings, Callbacks callbacks) : settings_(std::move(settings)), callbacks_(callbacks) {}
  static void on_log(const rd_kafka_t* client, int level, const char* facility, const char* words);
  static void on_error(rd_kafka_t* client, int error, const char* reason, void* opaque);
  static void on_token(rd_kafka_t* client, const char* config, void* opaque);
  Status configure(rd_kafka_conf_t* configuration, Kind kind, const OwnValues& own) const;
  struct Complaint {
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    std::string words;
    // The brokers, or this program, do not trust the other: it will not get better by itself.
    bool is_refusal() const;
    bool is_of_tls() const;
  };
  Complaint complaint() const;

  Settings settings_;
  Callbacks callbacks_;
  mutable std::mutex mutex_;
  Complaint complaint_;  // of the connection, the last one
  std::atomic<bool> refused_ = false;
  std::chrono::steady_clock::time_point refreshed_ = std::chrono::steady_clock::now();
  std::string password_;
  Handle handle_;
};

}  // namespace nudge::connectors::kafka
