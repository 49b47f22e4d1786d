// A folder of files as a source: DIR/<topic>*.jsonl and .csv, each also with .zst.
//
// The files of a topic are its partitions, numbered in the byte order of their names; the lines or rows are the
// records, their numbers from 0 the offsets. Blank lines are skipped, but counted; a last line needs no line feed.
// Broken compressed data, or a record longer than kRecordBytesMax, is a failure of the reader, with path and reason.
#pragma once

#include <memory>
#include <string>

#include "connectors/source.h"

namespace nudge::connectors {

// Lists the folder. kUsage where it is a file, kInputOutput where it cannot be read or holds no topic; files that
// are no topic are warnings.
Result<std::unique_ptr<Source>> open_file_source(const std::string& folder);

}  // namespace nudge::connectors
