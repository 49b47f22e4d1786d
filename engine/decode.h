// From the bytes of one input record to an Event, or the reason why it is none (contract, "Bad input").
//
// Strict: one JSON object in valid UTF-8 nested at most 64 deep, all of it valid, with the required fields and
// every known field of its type and range; null is missing; of a repeated key the last holds; unknown fields are kept
// (those of the items of a list are not).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "engine/event.h"

namespace nudge {

inline constexpr int kDepthMax = 64;
// What must be readable after the end of a record's bytes.
inline constexpr std::size_t kInputPadding = 64;

// What can be wrong with a record. `future` is not decided here: its event time lies too far ahead of when it arrived.
inline constexpr std::array<std::string_view, 8> kBadRecordClasses = {"json", "encoding", "depth",  "missing",
                                                                      "type", "range",    "choice", "future"};

// The place of an error class in the list; it must be one of them.
std::size_t bad_record_class(std::string_view error_class);

// Why a record is bad. `error_class` is one of kBadRecordClasses.
struct BadRecord {
  std::string_view error_class;
  std::string message;
};

// One per thread: it reuses its buffers.
class RecordDecoder {
 public:
  RecordDecoder();
  ~RecordDecoder();
  RecordDecoder(RecordDecoder&&) noexcept;

  // Appends the event to `out` and returns true, or leaves `out` as it was and fills `bad`. `json` is followed by
  // kInputPadding readable bytes (of any content).
  bool decode(Topic topic, std::string_view json, std::string& out, BadRecord& bad);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace nudge
