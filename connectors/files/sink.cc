#include "connectors/files/sink.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

namespace nudge::connectors {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kBufferBytes = 1 << 20;

Status failed(const std::string& path, std::string_view what) {
  const int reason = errno;
  return Status::io(fmt::format("{}: {}: {}; {}", path, what, std::strerror(reason),
                                reason == ENOSPC || reason == EDQUOT || reason == EFBIG
                                    ? "free space on that disk and start again"
                                    : "check the rights of the file and its folder and start again"));
}

// What the folder lists, on the disk.
Status sync_folder(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return failed(path, "cannot be opened");
  const bool synced = ::fsync(descriptor) == 0 || errno == EINVAL;  // some file systems have nothing to do here
  Status outcome = synced ? Status::ok() : failed(path, "cannot be brought to the disk");
  ::close(descriptor);
  return outcome;
}

// One topic's file, appended through a buffer. After a failed write nobody knows what the file holds: the failure
// stays until the file is opened again.
class TopicFile {
 public:
  explicit TopicFile(std::string path) : path_(std::move(path)) {}
  ~TopicFile() { close(); }
  TopicFile(const TopicFile&) = delete;
  TopicFile& operator=(const TopicFile&) = delete;

  // An empty file, made where there is none.
  Status begin() {
    NUDGE_TRY(open(0, O_CREAT));
    // Pipes and devices have no length.
    return ::ftruncate(descriptor_, 0) == 0 || errno == EINVAL ? Status::ok() : failed(path_, "cannot be emptied");
  }

  // The file that is there, cut to `length`.
  Status go_on(std::uint64_t length) {
    NUDGE_TRY(open(length, 0));
    struct stat found {};
    if (::fstat(descriptor_, &found) != 0) return failed(path_, "cannot be read");
    if (static_cast<std::uint64_t>(found.st_size) < length)
      return Status::io(fmt::format("{}: is shorter than the last commit left it ({} bytes instead of {}); {}", path_,
                                    found.st_size, length, kRemedy));
    if (::ftruncate(descriptor_, static_cast<off_t>(length)) != 0 ||
        ::lseek(descriptor_, static_cast<off_t>(length), SEEK_SET) < 0)
      return failed(path_, "cannot be cut");
    return Status::ok();
  }

  Status append(std::string_view lines) {
    if (!state_) return state_;
    length_ += lines.size();
    if (buffer_.size() + lines.size() > kBufferBytes) NUDGE_TRY(flush());
    if (lines.size() > kBufferBytes) return write(lines);
    buffer_.append(lines);
    return Status::ok();
  }

  // Writes what is in the buffer and waits until the disk has it, with the file's length.
  Status sync() {
    NUDGE_TRY(flush());
    if (!unsynced_) return Status::ok();
    // EINVAL: a pipe or a device, which keeps nothing.
    if (::fdatasync(descriptor_) != 0 && errno != EINVAL)
      return state_ = failed(path_, "cannot be brought to the disk");
    unsynced_ = false;
    return Status::ok();
  }

  std::uint64_t length() const { return length_; }

 private:
  static constexpr std::string_view kRemedy = "remove engine.state_dir to replay from the beginning";

  Status flush() {
    NUDGE_TRY(write(buffer_));
    buffer_.clear();
    return Status::ok();
  }

  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  Status open(std::uint64_t length, int flags) {
    close();
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC | flags, 0644);
    state_ = Status::ok();
    length_ = length;
    unsynced_ = true;
    buffer_.clear();
    if (descriptor_ >= 0) {
      if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return Status::ok();
      return state_ = Status::config(path_ +
                                     ": another process writes it; let it end or stop it, or choose another "
                                     "output folder");
    }
    if (errno == ENOENT && flags == 0) return Status::io(fmt::format("{}: is missing; {}", path_, kRemedy));
    return failed(path_, "cannot be opened");
  }

  Status write(std::string_view bytes) {
    if (!state_) return state_;
    NUDGE_CHECK(descriptor_ >= 0, "a sink is reset or rewound before it is written");
    unsynced_ |= !bytes.empty();
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return state_ = failed(path_, "cannot be written");
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return Status::ok();
  }

  const std::string path_;
  int descriptor_ = -1;
  std::uint64_t length_ = 0;  // with what is in the buffer
  bool unsynced_ = false;     // there may be something that the disk does not have
  std::string buffer_;
  Status state_;
};

class FileSink final : public Sink {
 public:
  // `new_entries`: the folders that list something new.
  FileSink(const std::string& folder, const std::vector<std::string>& topics, std::set<std::string> new_entries)
      : new_entries_(std::move(new_entries)) {
    for (const std::string& topic : topics) files_.try_emplace(topic, (fs::path(folder) / (topic + ".jsonl")).string());
  }

  Status reset() override {
    for (auto& [topic, file] : files_) NUDGE_TRY(file.begin());
    return Status::ok();
  }

  // A topic that the position does not know is a new one.
  Status rewind(const SinkPosition& position) override {
    for (auto& [topic, file] : files_) {
      const auto length = position.find(topic);
      NUDGE_TRY(length == position.end() ? file.begin() : file.go_on(length->second));
    }
    return Status::ok();
  }

  Status append(std::string_view topic, std::string_view lines) override {
    const auto file = files_.find(topic);
    NUDGE_CHECK(file != files_.end(), "an operator writes only to the topics of its spec");
    NUDGE_CHECK(lines.empty() || lines.back() == '\n', "a sink takes whole lines");
    return file->second.append(lines);
  }

  Result<SinkPosition> flush() override {
    SinkPosition position;
    for (auto& [topic, file] : files_) {
      NUDGE_TRY(file.sync());
      position[topic] = file.length();
    }
    for (const std::string& folder : new_entries_) NUDGE_TRY(sync_folder(folder));
    new_entries_.clear();
    return position;
  }

 private:
  std::set<std::string> new_entries_;
  std::map<std::string, TopicFile, std::less<>> files_;
};

}  // namespace

Result<std::unique_ptr<Sink>> make_file_sink(const std::string& folder, const std::vector<std::string>& topics) {
  std::error_code error;
  // The files are new, or so it may be, and so may be some of the folders above them.
  std::set<std::string> new_entries{folder};
  for (fs::path path = fs::absolute(folder, error); !path.empty() && !fs::exists(path, error);
       path = path.parent_path())
    new_entries.insert(path.parent_path().string());
  fs::create_directories(folder, error);
  if (std::error_code ignored; !fs::is_directory(folder, ignored))
    return Status::io(fmt::format("{}: cannot be made ({}); choose another output folder", folder,
                                  error ? error.message() : "it is a file"));
  return std::unique_ptr<Sink>(new FileSink(folder, topics, std::move(new_entries)));
}

}  // namespace nudge::connectors
