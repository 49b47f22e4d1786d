#include "connectors/files/record_readers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "connectors/files/window.h"
#include "connectors/formats/csv.h"
#include "engine/decode.h"

namespace nudge::connectors {
namespace {

// Only spaces, tabs and carriage returns.
bool is_blank(std::string_view line) {
  return line.empty() || (line.front() <= ' ' && line.find_first_not_of(" \t\r") == std::string_view::npos);
}

Status too_long(const std::string& path, Position position) {
  return Status::io(fmt::format("{}: record {}, at byte {}, is longer than {} MiB; remove or cut it", path,
                                position.offset, position.place, kRecordBytesMax >> 20));
}

class JsonLinesReader final : public PartitionReader {
 public:
  JsonLinesReader(std::string path, std::unique_ptr<ByteStream> stream, Position from)
      : path_(std::move(path)), window_(std::move(stream)), position_(from) {}

  Status read(RawBatch& batch, std::size_t records_max, std::size_t bytes_max) override {
    batch.lines.clear();
    batch.bytes.clear();
    for (;;) {
      const bool cut_off = cut(batch, records_max, bytes_max);
      if (batch.lines.empty()) batch.bytes.clear();  // blank lines alone are not the end
      if (!cut_off) break;
      if (window_.unread().size() > kRecordBytesMax) return too_long(path_, position_);
      NUDGE_TRY(window_.more());
    }
    batch.bytes.append(kInputPadding, '\0');
    return Status::ok();
  }

  std::uint64_t bytes_read() const override { return window_.consumed(); }

 private:
  // Moves the whole lines of the window to the batch. True: the batch has room and the file may go on.
  bool cut(RawBatch& batch, std::size_t records_max, std::size_t bytes_max) {
    const std::string_view window = window_.unread();
    const std::size_t base = batch.bytes.size();
    std::size_t begin = 0;
    bool wants_more = false;
    while (batch.lines.size() < records_max && (batch.lines.empty() || base + begin < bytes_max)) {
      const char* const from = window.data() + begin;
      const void* const feed = begin < window.size() ? std::memchr(from, '\n', window.size() - begin) : nullptr;
      if (feed == nullptr && !window_.ended()) {
        wants_more = true;
        break;
      }
      if (begin == window.size()) break;
      const std::size_t size =
          feed ? static_cast<std::size_t>(static_cast<const char*>(feed) - from) : window.size() - begin;
      const std::size_t with_end = size + (feed ? 1 : 0);
      position_.place += with_end;
      const std::uint64_t offset = position_.offset++;
      if (!is_blank({from, size})) {
        const auto at = static_cast<std::uint32_t>(base + begin), length = static_cast<std::uint32_t>(size);
        batch.lines.push_back({offset, at, length, at, length, position_.place});
      }
      begin += with_end;
    }
    batch.bytes.append(window, 0, begin);
    window_.take(begin);
    return wants_more;
  }

  const std::string path_;
  Window window_;
  Position position_;  // of the next line
};

class CsvRowsReader final : public PartitionReader {
 public:
  CsvRowsReader(std::string path, std::unique_ptr<ByteStream> stream)
      : path_(std::move(path)), window_(std::move(stream)) {}

  // Reads the header; an empty file has none and no rows.
  Status open(Topic topic) {
    NUDGE_ASSIGN(const std::optional<CsvRow> header, next_row());
    if (!header) return Status::ok();
    auto format = CsvFormat::make(topic, header->bytes);
    if (!format)
      return Status::io(
          fmt::format("{}: {}; correct the first line, which names the columns", path_, format.status().message()));
    format_.emplace(std::move(format).value());
    position_.place += header->with_end;
    window_.take(header->with_end);
    return Status::ok();
  }

  Status go_to(Position position) {
    while (position_.place < position.place) {
      if (window_.unread().empty()) {
        NUDGE_TRY(window_.more());
        if (window_.ended())
          return Status::io(
              path_ +
              ": is shorter than it was when it was read; remove engine.state_dir to replay from the beginning");
      }
      const std::uint64_t size = std::min<std::uint64_t>(window_.unread().size(), position.place - position_.place);
      window_.take(size);
      position_.place += size;
    }
    position_.offset = position.offset;
    return Status::ok();
  }

  Status read(RawBatch& batch, std::size_t records_max, std::size_t bytes_max) override {
    batch.lines.clear();
    batch.bytes.clear();
    while (format_ && batch.lines.size() < records_max && batch.bytes.size() < bytes_max) {
      NUDGE_ASSIGN(const std::optional<CsvRow> row, next_row());
      if (!row) break;
      position_.place += row->with_end;
      const std::uint64_t offset = position_.offset++;
      if (!is_blank(row->bytes)) {
        const auto begin = static_cast<std::uint32_t>(batch.bytes.size()),
                   size = static_cast<std::uint32_t>(row->bytes.size());
        batch.bytes.append(row->bytes);
        format_->append_json(row->bytes, batch.bytes);
        const auto json_size = static_cast<std::uint32_t>(batch.bytes.size() - begin - size);
        batch.lines.push_back({offset, begin, size, begin + size, json_size, position_.place});
      }
      window_.take(row->with_end);
    }
    batch.bytes.append(kInputPadding, '\0');
    return Status::ok();
  }

  std::uint64_t bytes_read() const override { return window_.consumed(); }

 private:
  // The first row of the window, with as much of the file behind it as that needs. Nothing: the end.
  Result<std::optional<CsvRow>> next_row() {
    for (;;) {
      if (auto row = first_csv_row(window_.unread(), window_.ended())) return row;
      if (window_.ended()) return std::optional<CsvRow>();
      if (window_.unread().size() > kRecordBytesMax) return too_long(path_, position_);
      NUDGE_TRY(window_.more());
    }
  }

  const std::string path_;
  Window window_;
  std::optional<CsvFormat> format_;
  Position position_;  // of the next row
};

}  // namespace

Result<std::unique_ptr<PartitionReader>> open_json_lines(const std::string& path, Position from) {
  NUDGE_ASSIGN(auto stream, open_byte_stream(path, from.place));
  return std::unique_ptr<PartitionReader>(std::make_unique<JsonLinesReader>(path, std::move(stream), from));
}

Result<std::unique_ptr<PartitionReader>> open_csv_rows(const std::string& path, Topic topic, Position from) {
  NUDGE_ASSIGN(auto stream, open_byte_stream(path, 0));
  auto reader = std::make_unique<CsvRowsReader>(path, std::move(stream));
  NUDGE_TRY(reader->open(topic));
  NUDGE_TRY(reader->go_to(from));
  return std::unique_ptr<PartitionReader>(std::move(reader));
}

}  // namespace nudge::connectors
