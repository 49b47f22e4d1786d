// The records of one file: lines of JSON, or rows of CSV as the JSON objects that they mean.
#pragma once

#include <memory>
#include <string>

#include "connectors/source.h"

namespace nudge::connectors {

// A longer line or row is a failure that names its place.
inline constexpr std::size_t kRecordBytesMax = 256 << 20;

// A position's `place` is the byte behind its last record in the file, decompressed where its name ends in .zst.
Result<std::unique_ptr<PartitionReader>> open_json_lines(const std::string& path, Position from);
// Rows count from 0 behind the header, also those that span several lines; `place` 0 is where the first row begins.
Result<std::unique_ptr<PartitionReader>> open_csv_rows(const std::string& path, Topic topic, Position from);

}  // namespace nudge::connectors
