#include "connectors/files/source.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include "connectors/files/record_readers.h"
#include "engine/hash.h"

namespace nudge::connectors {

namespace {

namespace fs = std::filesystem;

// Of a name that a topic's file has: everything behind the topic decides the format.
enum class Format { kNone, kJsonLines, kCsv };
Format format_of(std::string_view name) {
  if (name.ends_with(".zst")) name.remove_suffix(4);
  return name.ends_with(".jsonl") ? Format::kJsonLines : name.ends_with(".csv") ? Format::kCsv : Format::kNone;
}

// Name, size, and a hash of both ends: another file of the same size has another one.
std::string fingerprint(const fs::path& path, std::uint64_t size) {
  constexpr std::uint64_t kEndBytes = 4096;
  std::ifstream file(path, std::ios::binary);
  std::string ends(2 * kEndBytes, '\0');
  file.read(ends.data(), kEndBytes);
  file.clear();
  file.seekg(static_cast<std::streamoff>(size > kEndBytes ? size - kEndBytes : 0));
  file.read(ends.data() + kEndBytes, kEndBytes);
  return fmt::format("{} {} {:016x}", path.filename().string(), size, hash64(ends));
}

class FileSource final : public Source {
 public:
  Status list(const std::string& folder) {
    std::error_code error;
    if (fs::is_regular_file(folder, error))
      return Status::usage(fmt::format("{}: is a file; give the folder that it is in", folder));
    if (!fs::is_directory(folder, error))
      return Status::io(
          fmt::format("{}: is no folder that can be read; give the folder that holds transactions*.jsonl "
                      "and the other topics",
                      folder));
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      // What cannot be read is met where it is opened, by its name.
      std::error_code unknown;
      if (!entry.is_directory(unknown)) paths.push_back(entry.path());
    }
    if (error) return Status::io(fmt::format("{}: cannot be listed: {}", folder, error.message()));
    std::sort(paths.begin(), paths.end());
    std::array<std::uint32_t, kTopicCount> next{};
    for (const fs::path& path : paths) add(path, next);
    if (partitions_.empty())
      return Status::io(
          fmt::format("{}: holds no topic; its files must be named transactions*.jsonl, page_views*.jsonl, "
                      "campaign_events*.jsonl, products*.jsonl, customers*.jsonl or care*.jsonl (.csv too, and "
                      "each with .zst)",
                      folder));
    std::stable_sort(partitions_.begin(), partitions_.end(), [](const PartitionInfo& a, const PartitionInfo& b) {
      return std::pair(a.topic, a.partition) < std::pair(b.topic, b.partition);
    });
    return Status::ok();
  }

  const std::vector<PartitionInfo>& partitions() const override { return partitions_; }
  const std::vector<std::string>& warnings() const override { return warnings_; }

  Result<std::unique_ptr<PartitionReader>> open(const PartitionInfo& partition, Position from) const override {
    return format_of(partition.name) == Format::kCsv ? open_csv_rows(partition.name, partition.topic, from)
                                                     : open_json_lines(partition.name, from);
  }

 private:
  void add(const fs::path& path, std::array<std::uint32_t, kTopicCount>& next) {
    const std::string name = path.filename().string();
    const bool known = format_of(name) != Format::kNone;
    for (std::size_t topic = 0; known && topic < kTopicCount; ++topic) {
      if (!name.starts_with(kTopicNames[topic])) continue;
      std::error_code ignored;
      const std::uint64_t size = fs::file_size(path, ignored);
      partitions_.push_back({static_cast<Topic>(topic), next[topic]++, path.string(), size, fingerprint(path, size)});
      return;
    }
    warnings_.push_back(fmt::format("{}: is no topic and is not read", path.string()));
  }

  std::vector<PartitionInfo> partitions_;
  std::vector<std::string> warnings_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_file_source(const std::string& folder) {
  auto source = std::make_unique<FileSource>();
  NUDGE_TRY(source->list(folder));
  return std::unique_ptr<Source>(std::move(source));
}

}  // namespace nudge::connectors
