// The changes that a receiver did not take, one JSON object a line: FOLDER/dead_letters.jsonl.
//
//   webhook, id, list_id, customer_id, change, reason, status (0: no answer), attempts, partition, offset, record
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "connectors/webhook/target_source.h"
#include "engine/status.h"

namespace nudge::connectors::webhook {

struct DeadLetter {
  std::string webhook, id, list, customer;
  std::string_view change;  // enter
  std::string reason;
  int status = 0, attempts = 0;
};

class DeadLetterFile {
 public:
  static Result<std::unique_ptr<DeadLetterFile>> open(const std::string& folder);
  ~DeadLetterFile();
  DeadLetterFile(const DeadLetterFile&) = delete;
  DeadLetterFile& operator=(const DeadLetterFile&) = delete;

  // Durable after sync(). A line that a crash cut is ended first, so that it spoils no other.
  Status append(const DeadLetter& letter, const SourceRecord& record);
  Status sync();

 private:
  DeadLetterFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  Status failure(std::string_view what) const;

  const std::string path_;
  const int descriptor_;
  bool changed_ = false;
};

}  // namespace nudge::connectors::webhook
