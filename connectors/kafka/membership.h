// One instance of the program among the others: who is there, who owns which task, and with what the group fences those
// who are no longer.
//
// The group `<name>.members` gives membership only: its one topic has one partition and no records. Whoever holds that
// partition leads: after every change of the group it places the tasks (assignment.h) and writes one record, under the
// next generation, to `<name>.assignment`, with a transactional id of its own, so that a leader of yesterday writes no
// more. All members follow that topic. Tasks go on while the group changes; only a commit with yesterday's metadata is
// refused.
//
// A thread of its own polls the group. Any thread may call the members.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "connectors/kafka/assignment.h"
#include "connectors/kafka/client.h"
#include "connectors/kafka/consumer.h"
#include "connectors/kafka/group_metadata.h"
#include "connectors/kafka/producer.h"

namespace nudge::connectors::kafka {

struct MembershipOptions {
  std::string instance;  // which of the instances this is; the same after a restart, so that it gets its tasks back
  std::size_t tasks = 1;
  std::size_t standbys = 1;              // of each task
  Milliseconds session_timeout{10'000};  // after which a silent member is taken for dead
};

// One generation, as the leader wrote it.
struct Assignment {
  std::int64_t generation = 0;                 // 0: none was written yet
  std::map<std::string, std::string> members;  // instance → the group's own id of its member
  std::vector<TaskPlacement> tasks;
  // One for each of `tasks`: who wrote for it in the generations before, the last few ones. Whoever owns it now ends
  // what they may have left open (Producer::initialise) before it reads what they have committed.
  std::vector<std::vector<std::string>> earlier_writers;

  // The transactional id of an instance in this generation, but for the application's name.
  std::string writer(std::string_view instance) const;
};
std::string encode(const Assignment& assignment);  // JSON
Result<Assignment> decode_assignment(std::string_view json);

class Membership {
 public:
  struct View {
    std::uint64_t version = 0;  // grows with every change of what follows
    bool joined = false;        // the group knows this member
    bool leads = false;
    std::string member;   // the group's own id of it
    GroupMetadata group;  // for Producer::send_offsets
    Assignment assignment;
    // Whether the assignment means this very process, and not another one of the same name or an earlier life.
    bool is_current() const;
    std::string instance;
    Status failure;  // membership has ended: stop, or join anew
  };

  // The topics must exist (topics.h). Returns at once; whether it has joined is in the view.
  static Result<std::unique_ptr<Membership>> join(const Settings& settings, const MembershipOptions& options);
  // Leaves the group: the others take over at once, without waiting for the session to end.
  ~Membership();

  View view() const;
  // Until the view is newer than `version`; false at the timeout.
  bool wait_for_change(std::uint64_t version, Milliseconds timeout) const;

 private:
  Membership(Settings settings, MembershipOptions options);
  void serve(const std::stop_token& stop);
  void rebalanced(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions);
  Status follow();
  Result<Assignment> newest() const;
  Status lead();
  Result<std::map<std::string, std::string>> present_members() const;
  template <typename Update>
  void update(Update update);

  const Settings settings_;
  const MembershipOptions options_;
  const TopicPartition assignment_place_;
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<Client> member_;
  std::unique_ptr<Consumer> follower_;
  bool must_place_ = false;                         // this member leads, and the group has changed since it wrote
  std::chrono::steady_clock::time_point place_at_;  // not before

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  View view_;
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace nudge::connectors::kafka
