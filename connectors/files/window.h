// The part of a file that has been read but not yet handed on: records are cut off at its front.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/files/byte_stream.h"

namespace nudge::connectors {

class Window {
 public:
  explicit Window(std::unique_ptr<ByteStream> stream) : stream_(std::move(stream)) {}

  std::string_view unread() const { return std::string_view(bytes_).substr(begin_); }
  // Nothing comes after what is unread.
  bool ended() const { return ended_; }
  // `size` bytes of unread() are done with; views of it stay valid until more().
  void take(std::size_t size) { begin_ += size; }

  // Reads on, at least as much again as is unread, so that a long record is not searched over and over.
  Status more() {
    bytes_.erase(0, begin_);
    begin_ = 0;
    const std::size_t before = bytes_.size();
    NUDGE_TRY(stream_->read(bytes_, std::max(kBlockBytes, before)));
    ended_ = bytes_.size() == before;
    return Status::ok();
  }

  std::uint64_t consumed() const { return stream_->consumed(); }

 private:
  static constexpr std::size_t kBlockBytes = 1 << 16;
  std::unique_ptr<ByteStream> stream_;
  std::string bytes_;
  std::size_t begin_ = 0;
  bool ended_ = false;
};

}  // namespace nudge::connectors
