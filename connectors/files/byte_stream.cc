#include "connectors/files/byte_stream.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace nudge::connectors {

namespace {

Status unreadable(const std::string& path, std::string_view reason) {
  return Status::io(fmt::format("{}: cannot be read: {}; check the file and its rights", path, reason));
}

Status not_zstd(const std::string& path, std::string_view reason) {
  return Status::io(fmt::format(
      "{}: cannot be read as zstd data: {}; compress it anew, or name it without .zst if it is not compressed", path,
      reason));
}

Status shorter(const std::string& path) {
  return Status::io(fmt::format(
      "{}: is shorter than it was when it was read; remove engine.state_dir to replay from the beginning", path));
}

// An open file; closes itself.
class File {
 public:
  explicit File(const std::string& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(const std::string& path) : path_(path), file_(path) {}

  Status open(std::uint64_t from) {
    struct stat found {};
    if (file_.descriptor() < 0 || ::fstat(file_.descriptor(), &found) != 0 ||
        ::lseek(file_.descriptor(), static_cast<off_t>(from), SEEK_SET) < 0)
      return unreadable(path_, std::strerror(errno));
    if (static_cast<std::uint64_t>(found.st_size) < from) return shorter(path_);
    consumed_ = from;
    return Status::ok();
  }

  Status read(std::string& out, std::size_t bytes) override {
    const std::size_t before = out.size();
    out.resize(before + bytes);
    ssize_t got = 0;
    do {
      got = ::read(file_.descriptor(), out.data() + before, bytes);
    } while (got < 0 && errno == EINTR);
    out.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got < 0) return unreadable(path_, std::strerror(errno));
    consumed_ += static_cast<std::uint64_t>(got);
    return Status::ok();
  }

  std::uint64_t consumed() const override { return consumed_; }

 private:
  std::string path_;
  File file_;
  std::uint64_t consumed_ = 0;
};

class ZstdStream final : public ByteStream {
 public:
  explicit ZstdStream(const std::string& path) : path_(path), plain_(path), context_(ZSTD_createDCtx()) {}
  ~ZstdStream() override { ZSTD_freeDCtx(context_); }

  Status open(std::uint64_t from) {
    NUDGE_TRY(plain_.open(0));
    std::string skipped;
    while (from > 0) {
      skipped.clear();
      NUDGE_TRY(read(skipped, std::min<std::uint64_t>(from, kBlockBytes)));
      if (skipped.empty()) return shorter(path_);
      from -= skipped.size();
    }
    return Status::ok();
  }

  Status read(std::string& out, std::size_t bytes) override {
    const std::size_t before = out.size();
    out.resize(before + bytes);
    ZSTD_outBuffer target{out.data() + before, bytes, 0};
    while (target.pos < target.size) {
      if (source_.pos == source_.size && !ended_) {
        compressed_.clear();
        NUDGE_TRY(plain_.read(compressed_, kBlockBytes));
        ended_ = compressed_.empty();
        source_ = {compressed_.data(), compressed_.size(), 0};
      }
      const std::size_t held = target.pos, taken = source_.pos;
      const std::size_t left = ZSTD_decompressStream(context_, &target, &source_);
      if (ZSTD_isError(left)) return not_zstd(path_, ZSTD_getErrorName(left));
      // After the end of a frame a call that does nothing asks for the next frame's header.
      if (target.pos != held || source_.pos != taken) inside_ = left != 0;
      if (ended_ && target.pos == held) {
        if (inside_) return not_zstd(path_, "it ends in the middle");
        break;
      }
    }
    out.resize(before + target.pos);
    return Status::ok();
  }

  std::uint64_t consumed() const override { return plain_.consumed(); }

 private:
  static constexpr std::size_t kBlockBytes = 1 << 18;
  std::string path_;
  PlainStream plain_;
  ZSTD_DCtx* context_;
  std::string compressed_;
  ZSTD_inBuffer source_{nullptr, 0, 0};
  bool ended_ = false, inside_ = false;
};

template <typename Stream>
Result<std::unique_ptr<ByteStream>> opened(const std::string& path, std::uint64_t from) {
  auto stream = std::make_unique<Stream>(path);
  NUDGE_TRY(stream->open(from));
  return std::unique_ptr<ByteStream>(std::move(stream));
}

}  // namespace

Result<std::unique_ptr<ByteStream>> open_byte_stream(const std::string& path, std::uint64_t from) {
  return path.ends_with(".zst") ? opened<ZstdStream>(path, from) : opened<PlainStream>(path, from);
}

}  // namespace nudge::connectors
