// A real Kafka for tests, through tools/kafka-local: the one whose folder NUDGE_TEST_BROKER names (ctest starts it for
// all tests), else one of this program's own, which ends with it. Topics have names of their own. A test that does
// something to its broker, or needs another one, makes its own.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "connectors/kafka/admin.h"
#include "connectors/kafka/producer.h"
#include "tests/support/temporary_folder.h"

namespace nudge::connectors::kafka {

class Broker {
 public:
  static Broker& shared() {
    static Broker broker(std::getenv("NUDGE_TEST_BROKER"), "");
    return broker;
  }
  // Starts one, with options of tools/kafka-local.
  explicit Broker(const std::string& options = "") : Broker(nullptr, options) {}
  // A name that no other test has.
  static std::string unique(const std::string& name) {
    static std::atomic<int> number = 0;
    return name + "." + std::to_string(::getpid()) + "." + std::to_string(number++);
  }

  Settings settings() const { return Settings::plain(bootstrap_, "nudge-test"); }
  const std::string& bootstrap() const { return bootstrap_; }
  // Of a listener that asks who comes (tools/kafka_broker/security.py).
  std::string bootstrap(const std::string& listener) const { return run("status --listener " + listener); }
  // A file of its authority or of its client.
  std::string certificate(const std::string& file) const { return folder_ + "/1/security/" + file; }
  // Makes a user of SCRAM, or changes its password.
  void set_password(const std::string& user, const std::string& password) const {
    run("password " + user + " " + password);
  }

  // Makes a topic and gives its name.
  std::string topic(const std::string& name, int partitions, std::map<std::string, std::string> config = {}) {
    const std::string unique_name = unique(name);
    const auto admin = Admin::make(settings());
    const TopicSettings wanted{unique_name, partitions, -1, std::move(config)};
    const Status made = (*admin)->create({&wanted, 1});
    EXPECT_TRUE(made) << (made ? "" : made.message());
    return unique_name;
  }

  ~Broker() {
    if (own_) run("wipe");
  }
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  // Ends it at once, as a crash would.
  void kill() const { run("kill"); }

 private:
  Broker(const char* given, const std::string& options) : own_(!given) {
    folder_ = given ? given : temporary_.path() + "/kafka";
    bootstrap_ = run(own_ ? "start --secure " + options : "status");
    if (bootstrap_.empty()) {
      std::fprintf(stderr, "no broker for the tests in %s\n", folder_.c_str());
      std::abort();
    }
  }
  std::string run(const std::string& command) const {
    const std::string line = std::string(NUDGE_SOURCE_DIR) + "/tools/kafka-local " + command + " --folder " + folder_;
    std::FILE* const pipe = ::popen(line.c_str(), "r");
    std::string output;
    std::array<char, 256> buffer{};
    while (pipe && std::fgets(buffer.data(), buffer.size(), pipe)) output += buffer.data();
    if (pipe) ::pclose(pipe);
    while (output.ends_with('\n')) output.pop_back();
    return output;
  }

  TemporaryFolder temporary_;
  std::string folder_, bootstrap_;
  bool own_ = false;
};

// `key=value` of every record that a reader of committed data sees, in order.
std::vector<std::string> committed_records(const std::string& topic, int partition = 0);

}  // namespace nudge::connectors::kafka
