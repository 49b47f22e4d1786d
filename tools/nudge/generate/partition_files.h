// The files of one topic: `transactions.jsonl`, or `transactions-00.jsonl`, … by a hash of the key, plain or zstd.
//
// Lines are appended in the order of arrival. Errors are kept and told by `finish`. Not shared between threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/status.h"

namespace nudge::generate {

class PartitionFiles {
 public:
  PartitionFiles(const std::filesystem::path& folder, std::string_view topic, std::int64_t partitions, bool compress);
  ~PartitionFiles();
  PartitionFiles(PartitionFiles&&) noexcept;

  void append(std::uint32_t partition, std::string_view line);
  // Writes what is buffered and closes the files.
  Status finish();

 private:
  class File;
  std::vector<std::unique_ptr<File>> files_;
};

}  // namespace nudge::generate
