// Records on their way to the thread that sends them: one behind the other in one buffer. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/kafka/producer.h"

namespace nudge::connectors::kafka {

class OutgoingBlock {
 public:
  // Topics' names outlive the block. Of the record key, value and partition are taken: headers and timestamp are not
  // for what a transaction writes.
  void add(const std::string& topic, const OutgoingRecord& record) {
    pieces_.push_back({&topic, bytes_.size(), size_of(record.key), size_of(record.value), record.partition, false});
    if (record.key) bytes_.append(*record.key);
    if (record.value) bytes_.append(*record.value);
  }
  // Output lines (engine/output.h), which the sender takes apart.
  void add_lines(const std::string& topic, std::string_view lines) {
    pieces_.push_back({&topic, bytes_.size(), kNone, static_cast<std::uint32_t>(lines.size()), 0, true});
    bytes_.append(lines);
  }

  bool empty() const { return pieces_.empty(); }
  std::size_t bytes() const { return bytes_.size() + pieces_.size() * sizeof(Piece); }

  // In the order of adding. Status record(topic, OutgoingRecord); Status lines(topic, text).
  template <typename Record, typename Lines>
  Status for_each(Record&& record, Lines&& lines) const {
    for (const Piece& piece : pieces_) {
      const char* const key = bytes_.data() + piece.at;
      const char* const value = key + (piece.key_size == kNone ? 0 : piece.key_size);
      if (piece.is_lines) {
        NUDGE_TRY(lines(*piece.topic, std::string_view(value, piece.value_size)));
        continue;
      }
      OutgoingRecord made;
      if (piece.key_size != kNone) made.key.emplace(key, piece.key_size);
      if (piece.value_size != kNone) made.value.emplace(value, piece.value_size);
      made.partition = piece.partition;
      NUDGE_TRY(record(*piece.topic, made));
    }
    return Status::ok();
  }

 private:
  static constexpr std::uint32_t kNone = ~0u;
  static std::uint32_t size_of(const std::optional<std::string_view>& text) {
    return text ? static_cast<std::uint32_t>(text->size()) : kNone;
  }
  struct Piece {
    const std::string* topic;
    std::size_t at;
    std::uint32_t key_size, value_size;
    int partition;
    bool is_lines;
  };

  std::string bytes_;
  std::vector<Piece> pieces_;
};

}  // namespace nudge::connectors::kafka
