#include "connectors/files/sink.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace nudge::connectors {

namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBufferBytes = 1 << 20;

Status failed(const std::string& path, std::string_view what) {
  return Status::io(fmt::format("{}: {}: {}; check the folder's rights and the space on the disk", path, what, std::strerror(errno)));
}

// One topic's file, appended through a buffer.
class TopicFile {
 public:
  explicit TopicFile(std::string path) : path_(std::move(path)) {}
  ~TopicFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  TopicFile(const TopicFile&) = delete;
  TopicFile& operator=(const TopicFile&) = delete;

  Status open(std::uint64_t length, bool anew) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC | (anew ? O_CREAT | O_TRUNC : 0), 0644);
    if (descriptor_ < 0) return failed(path_, "cannot be opened");
    struct stat found {};
    if (::fstat(descriptor_, &found) != 0) return failed(path_, "cannot be read");
    if (static_cast<std::uint64_t>(found.st_size) < length)
      return Status::io(fmt::format("{}: is shorter than the last commit left it ({} bytes instead of {}); remove engine.state_dir "
                                    "to replay from the beginning", path_, found.st_size, length));
    if (::ftruncate(descriptor_, static_cast<off_t>(length)) != 0 ||
        ::lseek(descriptor_, static_cast<off_t>(length), SEEK_SET) < 0)
      return failed(path_, "cannot be cut");
    length_ = length;
    buffer_.clear();
    return Status::ok();
  }

  Status append(std::string_view lines) {
    length_ += lines.size();
    if (buffer_.size() + lines.size() > kBufferBytes) NUDGE_TRY(flush());
    if (lines.size() > kBufferBytes) return write(lines);
    buffer_.append(lines);
    return Status::ok();
  }

  Status flush() {
    NUDGE_TRY(write(buffer_));
    buffer_.clear();
    return Status::ok();
  }

  std::uint64_t length() const { return length_; }

 private:
  Status write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return failed(path_, "cannot be written");
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return Status::ok();
  }

  std::string path_;
  int descriptor_ = -1;
  std::uint64_t length_ = 0;
  std::string buffer_;
};

class FileSink final : public Sink {
 public:
  FileSink(const std::string& folder, const std::vector<std::string>& topics) {
    for (const std::string& topic : topics)
      files_.try_emplace(topic, (fs::path(folder) / (topic + ".jsonl")).string());
  }

  Status reset() override {
    for (auto& [topic, file] : files_) NUDGE_TRY(file.open(0, true));
    return Status::ok();
  }
  Status rewind(const SinkPosition& position) override {
    for (auto& [topic, file] : files_) {
      const auto length = position.find(topic);
      NUDGE_TRY(file.open(length == position.end() ? 0 : length->second, false));
    }
    return Status::ok();
  }
  Status append(std::string_view topic, std::string_view lines) override {
    const auto file = files_.find(topic);
    NUDGE_CHECK(file != files_.end(), "an operator writes only to the topics of its spec");
    return file->second.append(lines);
  }
  Result<SinkPosition> flush() override {
    SinkPosition position;
    for (auto& [topic, file] : files_) {
      NUDGE_TRY(file.flush());
      position[topic] = file.length();
    }
    return position;
  }

 private:
  std::map<std::string, TopicFile, std::less<>> files_;
};

}  // namespace

Result<std::unique_ptr<Sink>> make_file_sink(const std::string& folder, const std::vector<std::string>& topics) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!fs::is_directory(folder))
    return Status::io(fmt::format("{}: cannot be made ({}); choose another output folder", folder,
                                  error ? error.message() : "it is a file"));
  return std::unique_ptr<Sink>(new FileSink(folder, topics));
}

}  // namespace nudge::connectors
