#include "connectors/webhook/dead_letter_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "connectors/json_text.h"

namespace nudge::connectors::webhook {
namespace {

bool ends_amid_a_line(int descriptor) {
  char last = '\n';
  const off_t size = ::lseek(descriptor, 0, SEEK_END);
  return size > 0 && ::pread(descriptor, &last, 1, size - 1) == 1 && last != '\n';
}

}  // namespace

Status DeadLetterFile::failure(std::string_view what) const {
  return Status::io(fmt::format("{}: cannot be {}: {}", path_, what, std::strerror(errno)));
}

Result<std::unique_ptr<DeadLetterFile>> DeadLetterFile::open(const std::string& folder) {
  std::string path = folder + "/dead_letters.jsonl";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  auto file = std::unique_ptr<DeadLetterFile>(new DeadLetterFile(std::move(path), descriptor));
  if (descriptor < 0) return file->failure("opened");
  if (ends_amid_a_line(descriptor) && ::write(descriptor, "\n", 1) != 1) return file->failure("written");
  return file;
}

DeadLetterFile::~DeadLetterFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status DeadLetterFile::append(const DeadLetter& letter, const SourceRecord& record) {
  nlohmann::ordered_json json;
  json["webhook"] = letter.webhook;
  json["id"] = letter.id;
  json["list_id"] = letter.list;
  json["customer_id"] = letter.customer;
  json["change"] = letter.change;
  json["reason"] = letter.reason;
  json["status"] = letter.status;
  json["attempts"] = letter.attempts;
  json["partition"] = record.partition;
  json["offset"] = record.begin.offset;
  nlohmann::ordered_json content = parse_ordered_json(record.line);
  json["record"] = content.is_discarded() ? nlohmann::ordered_json(record.line) : std::move(content);
  const std::string line = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  if (::write(descriptor_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) return failure("written");
  changed_ = true;
  return Status::ok();
}

Status DeadLetterFile::sync() {
  if (!changed_) return Status::ok();
  if (::fdatasync(descriptor_) != 0) return failure("brought to the disk");
  changed_ = false;
  return Status::ok();
}

}  // namespace nudge::connectors::webhook
