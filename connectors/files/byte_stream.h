// The bytes of a file one block after the other, decompressed where its name ends in .zst.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/status.h"

namespace nudge::connectors {

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Appends about `bytes` to `out`; nothing at the end. Failures name the file.
  virtual Status read(std::string& out, std::size_t bytes) = 0;
  // Bytes of the file that were read, compressed as they are; for progress.
  virtual std::uint64_t consumed() const = 0;
};

// Stands at byte `from` of the content. A compressed file is decompressed up to there.
Result<std::unique_ptr<ByteStream>> open_byte_stream(const std::string& path, std::uint64_t from);

}  // namespace nudge::connectors
