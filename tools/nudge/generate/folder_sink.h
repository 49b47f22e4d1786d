// The shop as a folder: the files of every topic.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "tools/nudge/generate/arrival_sink.h"
#include "tools/nudge/generate/options.h"
#include "tools/nudge/generate/partition_files.h"

namespace nudge::generate {

class FolderSink final : public ArrivalSink {
 public:
  // The folder must be there.
  FolderSink(const std::filesystem::path& folder, const GenerateOptions& options);

  Status append(Topic topic, std::string_view key, std::string_view line) override;  // errors are told by `finish`
  Status finish() override;

 private:
  std::uint32_t partitions_;
  std::vector<PartitionFiles> files_;
};

}  // namespace nudge::generate
