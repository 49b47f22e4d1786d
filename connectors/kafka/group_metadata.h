// Which generation of a group a member belongs to: with it a transaction commits offsets only as long as it holds.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "connectors/kafka/handle.h"

namespace nudge::connectors::kafka {

// A value that may be kept, copied and used by any thread; empty: of no group.
class GroupMetadata {
 public:
  GroupMetadata() = default;
  explicit GroupMetadata(GroupMetadataHandle handle) : handle_(std::move(handle)) {}
  // Of a group without members: offsets are committed unconditionally, as by assign() alone.
  static GroupMetadata without_members(const std::string& group) {
    return GroupMetadata(GroupMetadataHandle(rd_kafka_consumer_group_metadata_new(group.c_str())));
  }

  explicit operator bool() const { return handle_ != nullptr; }
  const rd_kafka_consumer_group_metadata_t* get() const { return handle_.get(); }

 private:
  std::shared_ptr<const rd_kafka_consumer_group_metadata_t> handle_;
};

}  // namespace nudge::connectors::kafka
