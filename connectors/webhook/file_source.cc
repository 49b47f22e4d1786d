#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "connectors/webhook/digest.h"
#include "connectors/webhook/target_source.h"

namespace nudge::connectors::webhook {
namespace {

constexpr std::size_t kBlockBytes = 256 << 10, kLineBytesMax = 64 << 20, kTraceBytes = 512;
constexpr int kPartition = 0;

class FileSource final : public TargetSource {
 public:
  FileSource(std::string path, int descriptor, Position from, bool follow)
      : path_(std::move(path)), descriptor_(descriptor), next_(from), follow_(follow) {}
  ~FileSource() override { ::close(descriptor_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  Status begin() {
    NUDGE_ASSIGN(end_, size());
    return Status::ok();
  }

  Status read(std::vector<SourceRecord>& records, std::size_t records_max) override {
    for (std::size_t wanted = records_max; wanted > 0;) {
      const std::size_t end = buffer_.find('\n', searched_);
      if (end == std::string::npos) {
        searched_ = buffer_.size();
        NUDGE_ASSIGN(const bool more, fill());
        if (!more) break;
        continue;
      }
      const std::string_view line = std::string_view(buffer_).substr(begin_, end - begin_);
      const Position after{next_.offset + 1, next_.place + line.size() + 1};
      if (!line.empty()) {
        records.push_back({kPartition, next_, after, std::string(line)});
        --wanted;
      }
      next_ = after;
      begin_ = searched_ = end + 1;
    }
    return Status::ok();
  }

  bool at_end() const override { return !follow_ && ended_; }

  std::string trace_of(int /*partition*/, const Position& position) const override {
    std::string before(std::min<std::uint64_t>(position.place, kTraceBytes), '\0');
    const auto from = static_cast<off_t>(position.place - before.size());
    const ssize_t got = ::pread(descriptor_, before.data(), before.size(), from);
    if (got != static_cast<ssize_t>(before.size())) return "lost";
    return hexadecimal(sha256(before).substr(0, 16));
  }

 private:
  Result<std::uint64_t> size() const {
    struct stat state {};
    if (::fstat(descriptor_, &state) != 0) return Status::io(path_ + ": cannot be read: " + std::strerror(errno));
    return static_cast<std::uint64_t>(state.st_size);
  }

  // False where there is no more now.
  Result<bool> fill() {
    buffer_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
    if (buffer_.size() > kLineBytesMax)
      return Status::bad_data(fmt::format("{}: the line at byte {} is longer than 64 MiB", path_, next_.place));
    NUDGE_ASSIGN(const std::uint64_t there, size());
    const std::uint64_t at = next_.place + buffer_.size();
    const std::uint64_t end = follow_ ? there : std::min(there, end_);
    if (there < at)
      return Status::bad_data(fmt::format("{}: is shorter than what was read of it; was it written anew?", path_));
    const std::size_t before = buffer_.size();
    buffer_.resize(before + std::min<std::uint64_t>(end - std::min(at, end), kBlockBytes));
    const ssize_t got = ::pread(descriptor_, buffer_.data() + before, buffer_.size() - before, static_cast<off_t>(at));
    buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0) return Status::io(path_ + ": cannot be read: " + std::strerror(errno));
    ended_ = got == 0;
    return got > 0;
  }

  const std::string path_;
  const int descriptor_;
  Position next_;
  const bool follow_;
  std::uint64_t end_ = 0;
  bool ended_ = false;
  std::string buffer_;  // its line at `begin_` is the next; before `searched_` there is no line end
  std::size_t begin_ = 0, searched_ = 0;
};

}  // namespace

Result<std::unique_ptr<TargetSource>> open_target_file(const std::string& path, const SourceOptions& options) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return Status::io(path + ": cannot be read: " + std::strerror(errno) +
                      "; name the folder that a replay wrote into by --input");
  const auto from = options.from.find(kPartition);
  auto source = std::make_unique<FileSource>(path, descriptor, from == options.from.end() ? Position() : from->second,
                                             options.follow);
  NUDGE_TRY(source->begin());
  return std::unique_ptr<TargetSource>(std::move(source));
}

}  // namespace nudge::connectors::webhook
