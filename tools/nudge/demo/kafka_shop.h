// The demo's shop on a real Kafka: topics of its own, which go at the end with all that is in them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/application.h"
#include "connectors/kafka/admin.h"

namespace nudge::demo {

// A name that no other demo on the brokers has; topics and groups begin with it.
std::string kafka_name();
// What makes the bundled configuration one of a live run under this name, as `--set` has it.
std::vector<std::string> kafka_overrides(const std::string& name, const std::string& bootstrap_servers);

class KafkaShop {
 public:
  // Makes the topics of the application. kUnavailable where no broker answers.
  static Result<std::unique_ptr<KafkaShop>> open(const config::Application& application);
  ~KafkaShop() { (void)remove(); }
  KafkaShop(const KafkaShop&) = delete;
  KafkaShop& operator=(const KafkaShop&) = delete;

  // Sends what the input folder has, by key; gives how many records.
  Result<std::uint64_t> fill(const std::string& folder);
  // Removes the topics and the group, once.
  Status remove();

 private:
  explicit KafkaShop(const config::Value& root) : root_(root) {}

  const config::Value& root_;
  std::unique_ptr<connectors::kafka::Admin> admin_;
  std::vector<std::string> topics_;  // that are to be removed
};

}  // namespace nudge::demo
