#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>

#include "tools/nudge/dead_letters/input.h"

namespace nudge::dead_letters {
namespace {

namespace fs = std::filesystem;

class FolderInput final : public Input {
 public:
  explicit FolderInput(fs::path folder) : folder_(std::move(folder)) {}
  ~FolderInput() override {
    std::error_code ignored;
    for (auto& part : parts_)
      if (part) fs::remove(part->path, ignored);
  }

  Status append(Topic topic, std::string_view /*key*/, std::string_view record) override {
    std::string line(record);
    std::ranges::replace(line, '\n', ' ');
    auto& part = parts_[static_cast<std::size_t>(topic)];
    if (!part) {
      const fs::path path = folder_ / fmt::format(".{}_reinjected.part", name_of(topic));
      part.emplace(path, std::ofstream(path, std::ios::binary | std::ios::trunc));
    }
    part->file << line << '\n';
    return part->file ? Status::ok() : failed(part->path);
  }

  Status finish() override {
    for (std::size_t i = 0; i < kTopicCount; ++i) {
      auto& part = parts_[i];
      if (!part) continue;
      part->file.close();
      if (!part->file) return failed(part->path);
      NUDGE_TRY(publish(part->path, kTopicNames[i]));
      part.reset();
    }
    return Status::ok();
  }

 private:
  struct Part {
    fs::path path;
    std::ofstream file;
  };

  static Status failed(const fs::path& path) {
    return Status::io(fmt::format("{}: cannot be written; check the rights and the space on the disk", path.string()));
  }

  // Under the first free name; never over a file that is there.
  Status publish(const fs::path& part, std::string_view topic) const {
    for (int number = 1;; ++number) {
      const fs::path path = folder_ / fmt::format("{}_reinjected-{:04}.jsonl", topic, number);
      std::error_code error;
      fs::create_hard_link(part, path, error);
      if (error == std::errc::file_exists) continue;
      if (error) return Status::io(fmt::format("{}: cannot be made: {}", path.string(), error.message()));
      fs::remove(part, error);
      return Status::ok();
    }
  }

  const fs::path folder_;
  std::array<std::optional<Part>, kTopicCount> parts_;
};

}  // namespace

Result<std::unique_ptr<Input>> open_input_folder(const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    return Status::io(fmt::format("{}: is no folder; name the input's folder by --into", folder));
  return std::unique_ptr<Input>(std::make_unique<FolderInput>(folder));
}

Result<std::unique_ptr<Input>> open_configured_input(const config::Value& root) {
  const config::Value& input = root.at("input");
  const std::string& connector = input.at("connector").text();
  if (connector == "kafka") return open_kafka_input(root);
  if (connector == "files") return open_input_folder(input.at("path").text());
  return Status::config("input.connector is " + connector + ", which ends with the program; set files or kafka, or " +
                        "name a folder by --into");
}

}  // namespace nudge::dead_letters
