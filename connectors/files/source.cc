#include "connectors/files/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "connectors/files/byte_stream.h"
#include "engine/decode.h"

namespace nudge::connectors {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockBytes = 1 << 20;
constexpr std::size_t kLineBytesMax = 256 << 20;

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

class JsonLinesReader final : public PartitionReader {
 public:
  JsonLinesReader(std::string path, std::unique_ptr<ByteStream> stream, Position from)
      : path_(std::move(path)), stream_(std::move(stream)), position_(from) {}

  Status read(RawBatch& batch, std::size_t records_max, std::size_t bytes_max) override {
    batch.lines.clear();
    batch.bytes.clear();
    batch.bytes.swap(rest_);
    std::size_t begin = 0;  // of the line that is looked for
    std::size_t searched = 0;
    while (batch.lines.size() < records_max && begin < bytes_max) {
      const char* const data = batch.bytes.data();
      const void* const end = std::memchr(data + searched, '\n', batch.bytes.size() - searched);
      if (end) {
        const auto size = static_cast<std::size_t>(static_cast<const char*>(end) - data) - begin;
        add(batch, begin, size, size + 1);
        begin += size + 1;
        searched = begin;
        continue;
      }
      searched = batch.bytes.size();
      if (ended_) {
        if (begin < batch.bytes.size()) add(batch, begin, batch.bytes.size() - begin, batch.bytes.size() - begin);
        begin = batch.bytes.size();
        break;
      }
      if (batch.bytes.size() - begin > kLineBytesMax)
        return Status::io(fmt::format("{}: line {} is longer than {} MiB; cut it", path_, position_.offset, kLineBytesMax >> 20));
      const std::size_t before = batch.bytes.size();
      NUDGE_TRY(stream_->read(batch.bytes, std::max(kBlockBytes, before - begin)));
      ended_ = batch.bytes.size() == before;
    }
    rest_.assign(batch.bytes, begin, std::string::npos);
    batch.bytes.resize(begin);
    batch.bytes.append(kInputPadding, '\0');
    return Status::ok();
  }

  std::uint64_t bytes_read() const override { return stream_->consumed(); }

 private:
  void add(RawBatch& batch, std::size_t begin, std::size_t size, std::size_t with_end) {
    position_.place += with_end;
    const std::uint64_t offset = position_.offset++;
    if (is_blank({batch.bytes.data() + begin, size})) return;
    const auto at = static_cast<std::uint32_t>(begin), length = static_cast<std::uint32_t>(size);
    batch.lines.push_back({offset, at, length, at, length, position_.place});
  }

  std::string path_;
  std::unique_ptr<ByteStream> stream_;
  Position position_;
  std::string rest_;  // read, but not yet given
  bool ended_ = false;
};

class FileSource final : public Source {
 public:
  Status list(const std::string& folder) {
    std::error_code error;
    if (!fs::is_directory(folder, error))
      return Status::io(fmt::format("{}: is no folder that can be read; give the folder that holds transactions*.jsonl and the "
                                    "other topics", folder));
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder, error))
      if (entry.is_regular_file(error)) paths.push_back(entry.path());
    if (error) return Status::io(fmt::format("{}: cannot be listed: {}", folder, error.message()));
    std::sort(paths.begin(), paths.end());
    std::array<std::uint32_t, kTopicCount> next{};
    for (const fs::path& path : paths) add(path, next);
    if (partitions_.empty())
      return Status::io(fmt::format("{}: holds no topic; its files must be named transactions*.jsonl, page_views*.jsonl, "
                                    "campaign_events*.jsonl, products*.jsonl, customers*.jsonl or care*.jsonl (.zst too)", folder));
    std::stable_sort(partitions_.begin(), partitions_.end(), [](const PartitionInfo& a, const PartitionInfo& b) {
      return std::pair(a.topic, a.partition) < std::pair(b.topic, b.partition);
    });
    return Status::ok();
  }

  const std::vector<PartitionInfo>& partitions() const override { return partitions_; }
  const std::vector<std::string>& warnings() const override { return warnings_; }

  Result<std::unique_ptr<PartitionReader>> open(const PartitionInfo& partition, Position from) const override {
    NUDGE_ASSIGN(auto stream, open_byte_stream(partition.name, from.place));
    return std::unique_ptr<PartitionReader>(new JsonLinesReader(partition.name, std::move(stream), from));
  }

 private:
  void add(const fs::path& path, std::array<std::uint32_t, kTopicCount>& next) {
    const std::string name = path.filename().string();
    const bool lines = name.ends_with(".jsonl") || name.ends_with(".jsonl.zst");
    for (std::size_t topic = 0; lines && topic < kTopicCount; ++topic) {
      if (!name.starts_with(kTopicNames[topic])) continue;
      std::error_code ignored;
      const std::uint64_t size = fs::file_size(path, ignored);
      partitions_.push_back({static_cast<Topic>(topic), next[topic]++, path.string(), size, fmt::format("{} {}", path.string(), size)});
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
