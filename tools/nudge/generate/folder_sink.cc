#include "tools/nudge/generate/folder_sink.h"

#include "engine/hash.h"

namespace nudge::generate {

FolderSink::FolderSink(const std::filesystem::path& folder, const GenerateOptions& options)
    : partitions_(static_cast<std::uint32_t>(options.partitions)) {
  for (const std::string_view topic : kTopicNames)
    files_.emplace_back(folder, topic, options.partitions, options.compress);
}

Status FolderSink::append(Topic topic, std::string_view key, std::string_view line) {
  files_[static_cast<std::size_t>(topic)].append(partitions_ == 1 ? 0 : partition_of(key, partitions_), line);
  return Status::ok();
}

Status FolderSink::finish() {
  Status first;
  for (PartitionFiles& files : files_)
    if (Status status = files.finish(); !status && first.is_ok()) first = std::move(status);
  return first;
}

}  // namespace nudge::generate
