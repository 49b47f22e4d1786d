// The ordered log that instances write for each other, a partition for each task and one for the spine.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>

#include "engine/status.h"

namespace nudge::runtime {

class ExchangeLog {
 public:
  using Take = std::function<Status(std::uint32_t partition, std::uint64_t offset, std::string_view record)>;
  virtual ~ExchangeLog() = default;

  // Every reader of the partition gets its records once, in one order, which keeps that of each writer's calls.
  virtual Status append(std::uint32_t partition, std::string_view record) = 0;
  // Everything appended so far outlasts this process.
  virtual Status flush() = 0;
  // Reads the partition from now on, from this offset; once for each partition.
  virtual Status follow(std::uint32_t partition, std::uint64_t offset) = 0;
  // Hands over what has come; waits for the first record at most as long as this. False: nothing came.
  virtual Result<bool> poll(std::chrono::milliseconds timeout, const Take& take) = 0;
};

}  // namespace nudge::runtime
