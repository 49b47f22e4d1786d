#include "tools/nudge/generate/partition_files.h"

#include <fmt/core.h>
#include <zstd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace nudge::generate {

namespace {

constexpr std::size_t kBufferBytes = 256 << 10;
constexpr int kCompressionLevel = 3;

}  // namespace

class PartitionFiles::File {
 public:
  File(std::filesystem::path path, bool compress)
      : path_(std::move(path)),
        file_(std::fopen(path_.c_str(), "wb")),
        context_(compress ? ZSTD_createCCtx() : nullptr) {
    if (!file_) fail();
    if (context_) {
      ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, kCompressionLevel);
      ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
      packed_.resize(ZSTD_CStreamOutSize());
    }
  }
  ~File() {
    ZSTD_freeCCtx(context_);
    if (file_) std::fclose(file_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  void append(std::string_view line) {
    buffer_.append(line).push_back('\n');
    if (buffer_.size() >= kBufferBytes) flush(ZSTD_e_continue);
  }

  Status finish() {
    flush(ZSTD_e_end);
    if (file_ && std::fclose(std::exchange(file_, nullptr)) != 0) fail();
    return failure_.empty() ? Status::ok() : Status::io(failure_);
  }

 private:
  void flush(ZSTD_EndDirective directive) {
    if (!context_) {
      write(buffer_.data(), buffer_.size());
    } else {
      ZSTD_inBuffer in{buffer_.data(), buffer_.size(), 0};
      for (bool more = true; more;) {
        ZSTD_outBuffer out{packed_.data(), packed_.size(), 0};
        const std::size_t left = ZSTD_compressStream2(context_, &out, &in, directive);
        NUDGE_CHECK(!ZSTD_isError(left), "zstd compresses any bytes");
        write(packed_.data(), out.pos);
        more = directive == ZSTD_e_end ? left != 0 : in.pos < in.size;
      }
    }
    buffer_.clear();
  }
  void write(const char* bytes, std::size_t size) {
    if (file_ && size != 0 && std::fwrite(bytes, 1, size, file_) != size) fail();
  }
  void fail() {
    if (failure_.empty()) failure_ = fmt::format("{}: {}", path_.string(), std::strerror(errno));
  }

  std::filesystem::path path_;
  std::FILE* file_;
  ZSTD_CCtx* context_;
  std::string buffer_, packed_, failure_;
};

PartitionFiles::PartitionFiles(const std::filesystem::path& folder, std::string_view topic, std::int64_t partitions,
                               bool compress) {
  const std::string_view suffix = compress ? ".jsonl.zst" : ".jsonl";
  const std::size_t width = fmt::formatted_size("{}", partitions - 1);
  for (std::int64_t i = 0; i < partitions; ++i) {
    std::string name =
        partitions == 1 ? fmt::format("{}{}", topic, suffix) : fmt::format("{}-{:0{}}{}", topic, i, width, suffix);
    files_.push_back(std::make_unique<File>(folder / name, compress));
  }
}
PartitionFiles::~PartitionFiles() = default;
PartitionFiles::PartitionFiles(PartitionFiles&&) noexcept = default;

void PartitionFiles::append(std::uint32_t partition, std::string_view line) { files_[partition]->append(line); }

Status PartitionFiles::finish() {
  Status first;
  for (const auto& file : files_)
    if (Status status = file->finish(); !status && first.is_ok()) first = std::move(status);
  return first;
}

}  // namespace nudge::generate
