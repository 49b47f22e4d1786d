#include <fmt/core.h>

#include <filesystem>

#include "connectors/files/record_readers.h"
#include "engine/log.h"
#include "tools/nudge/dead_letters/source.h"

namespace nudge::dead_letters {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatchRecords = 1024, kBatchBytes = 1 << 20;

class FolderSource final : public Source {
 public:
  FolderSource(std::string path, std::uint64_t bytes) : path_(std::move(path)), bytes_(bytes) {}

  Status walk(const Visit& visit) override {
    NUDGE_ASSIGN(const auto reader, connectors::open_json_lines(path_, {}));
    connectors::RawBatch batch;
    std::uint64_t skipped = 0;
    for (bool wanted = true; wanted;) {
      NUDGE_TRY(reader->read(batch, kBatchRecords, kBatchBytes));
      if (batch.lines.empty()) break;
      for (const connectors::RawBatch::Line& line : batch.lines) {
        if (line.place_after > bytes_) wanted = false;  // written since
        if (!wanted) break;
        auto letter = parse_dead_letter(batch.raw(line));
        if (!letter) ++skipped;
        if (letter && !visit(std::move(*letter))) wanted = false;
      }
    }
    if (skipped > 0) log::warn("what is no dead letter was skipped file={} lines={}", path_, skipped);
    return Status::ok();
  }

 private:
  const std::string path_;
  const std::uint64_t bytes_;
};

}  // namespace

Result<std::unique_ptr<Source>> open_folder(const std::string& folder) {
  const fs::path path = fs::path(folder) / "dead_letters.jsonl";
  std::error_code error;
  const std::uint64_t bytes = fs::file_size(path, error);
  if (error)
    return Status::io(fmt::format("{}: cannot be read: {}; name the folder that a replay wrote into by --output",
                                  path.string(), error.message()));
  return std::unique_ptr<Source>(std::make_unique<FolderSource>(path.string(), bytes));
}

Result<std::unique_ptr<Source>> open_configured(const config::Value& root) {
  const config::Value& output = root.at("output").items().front();
  const std::string& connector = output.at("connector").text();
  if (connector == "kafka") return open_kafka(root);
  if (connector == "files") return open_folder(output.at("path").text());
  return Status::config("output.connector is " + connector +
                        ", whose dead letters end with the program; set files or " +
                        "kafka, or name a folder by --output");
}

}  // namespace nudge::dead_letters
