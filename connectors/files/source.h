// A folder of files as a source: DIR/<topic>*.jsonl and .csv, each also with .zst.
//
// The files of a topic are its partitions, numbered in the order of their names; the lines are the records, their
// numbers from 0 the offsets. Blank lines are skipped, but counted. A position's `place` is the byte after the last
// record in the (decompressed) file.
#pragma once

#include <memory>
#include <string>

#include "connectors/source.h"

namespace nudge::connectors {

// Lists the folder. kInputOutput where it cannot be read or holds no topic; other files are warnings.
Result<std::unique_ptr<Source>> open_file_source(const std::string& folder);

}  // namespace nudge::connectors
