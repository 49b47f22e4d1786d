#include "connectors/kafka/membership.h"

#include <fmt/core.h>

#include <string_view>

#include "connectors/json_text.h"
#include "connectors/kafka/topics.h"
#include "engine/check.h"
#include "engine/log.h"
#include "engine/thread_name.h"

namespace nudge::connectors::kafka {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kPollMs = 50;
constexpr Milliseconds kTimeout(10'000), kTryAgain(200);
constexpr std::size_t kRecordsMax = 1000, kBytesMax = 16 << 20;
constexpr std::string_view kKey = "assignment";
// More than can have a transaction open: generations are seconds apart, and brokers abort what is left open by then.
constexpr std::size_t kEarlierWriters = 4;

OwnValues own_values(const MembershipOptions& options, const std::string& group) {
  const auto session = options.session_timeout.count();
  return {
      {"group.id", group},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "latest"},
      // The eager protocol: 2.0.2's cooperative one can hang at closing, and one partition has nothing to keep.
      {"partition.assignment.strategy", "range"},
      {"session.timeout.ms", std::to_string(session)},
      {"heartbeat.interval.ms", std::to_string(std::max<std::int64_t>(session / 10, 100))},
  };
}

}  // namespace

std::string encode(const Assignment& assignment) {
  NUDGE_CHECK(assignment.earlier_writers.size() == assignment.tasks.size(), "a task without its earlier writers");
  nlohmann::ordered_json json = {{"generation", assignment.generation}, {"members", assignment.members}};
  json["tasks"] = nlohmann::ordered_json::array();
  for (std::size_t task = 0; task < assignment.tasks.size(); ++task)
    json["tasks"].push_back({{"owner", assignment.tasks[task].owner},
                             {"standbys", assignment.tasks[task].standbys},
                             {"earlier", assignment.earlier_writers[task]}});
  return json.dump();
}

Result<Assignment> decode_assignment(std::string_view text) {
  try {
    const auto json = parse_json(text);
    if (json.is_discarded()) return Status::bad_data("is no assignment: it is no JSON");
    Assignment assignment;
    assignment.generation = json.at("generation").get<std::int64_t>();
    assignment.members = json.at("members").get<std::map<std::string, std::string>>();
    for (const auto& task : json.at("tasks")) {
      assignment.tasks.push_back(
          {task.at("owner").get<std::string>(), task.at("standbys").get<std::vector<std::string>>()});
      assignment.earlier_writers.push_back(task.at("earlier").get<std::vector<std::string>>());
    }
    return assignment;
  } catch (const nlohmann::json::exception& problem) {
    return Status::bad_data(fmt::format("is no assignment: {}", problem.what()));
  }
}

std::string Assignment::writer(std::string_view instance) const { return fmt::format("{}.{}", instance, generation); }

bool Membership::View::is_current() const {
  const auto found = assignment.members.find(instance);
  return joined && found != assignment.members.end() && found->second == member;
}

Membership::Membership(Settings settings, MembershipOptions options)
    : settings_(std::move(settings)),
      options_(std::move(options)),
      assignment_place_{assignment_topic(settings_.application()), 0} {
  view_.instance = options_.instance;
}

Result<std::unique_ptr<Membership>> Membership::join(const Settings& settings, const MembershipOptions& options) {
  std::unique_ptr<Membership> membership(new Membership(settings.called(options.instance), options));
  NUDGE_ASSIGN(membership->admin_, Admin::make(settings));
  NUDGE_TRY(membership->admin_->reach());
  const std::string members = members_topic(settings.application());
  for (const std::string& topic : {members, membership->assignment_place_.topic}) {
    NUDGE_ASSIGN(const std::optional<int> partitions, membership->admin_->partitions(topic));
    if (!partitions) return Status::config("topic " + topic + " is missing; make it with `nudge topics create`");
  }
  NUDGE_ASSIGN(const Watermarks marks, membership->admin_->watermarks(membership->assignment_place_));
  NUDGE_ASSIGN(membership->follower_, Consumer::make(settings, {}));
  NUDGE_TRY(membership->follower_->assign({{membership->assignment_place_, marks.begin, {}}}));
  const Callbacks callbacks{.owner = membership.get(),
                            .rebalance = [](void* owner, rd_kafka_t* client, rd_kafka_resp_err_t what,
                                            rd_kafka_topic_partition_list_t* partitions) {
                              static_cast<Membership*>(owner)->rebalanced(client, what, partitions);
                            }};
  NUDGE_ASSIGN(membership->member_,
               Client::make(membership->settings_, Client::Kind::kConsumer,
                            own_values(options, members_topic(settings.application())), callbacks));
  const PartitionList topics = make_partition_list(1);
  rd_kafka_topic_partition_list_add(topics.get(), members.c_str(), RD_KAFKA_PARTITION_UA);
  const rd_kafka_resp_err_t error = rd_kafka_subscribe(membership->member_->get(), topics.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return membership->member_->failure("the group " + members + " cannot be joined", error);
  membership->thread_ = std::jthread([self = membership.get()](const std::stop_token& stop) { self->serve(stop); });
  return membership;
}

Membership::~Membership() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

Membership::View Membership::view() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

bool Membership::wait_for_change(std::uint64_t version, Milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] { return view_.version > version; });
}

template <typename Update>
void Membership::update(Update update) {
  const std::lock_guard lock(mutex_);
  update(view_);
  ++view_.version;
  changed_.notify_all();
}

// ---- the polling thread -------------------------------------------------------------------------

void Membership::serve(const std::stop_token& stop) {
  name_thread("nudge member");
  Status status;
  while (status && !stop.stop_requested()) {
    const MessageHandle message(rd_kafka_consumer_poll(member_->get(), kPollMs));
    member_->refresh_credentials();
    status = member_->fatal();
    if (status) status = follow();
    if (!status || !must_place_ || Clock::now() < place_at_) continue;
    if (const Status led = lead(); !led) {
      // Another one leads by now, or the brokers are away: the group tells, or the next try.
      log::warn("kafka membership instance={} {}", options_.instance, led.message());
      place_at_ = Clock::now() + kTryAgain;
    }
  }
  rd_kafka_consumer_close(member_->get());
  update([&](View& view) {
    view.joined = view.leads = false;
    view.failure = status;
  });
}

// Called by librdkafka within the poll.
void Membership::rebalanced(rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) {
  if (what != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    rd_kafka_assign(client, nullptr);
    must_place_ = false;
    update([](View& view) { view.leads = false; });
    return;
  }
  rd_kafka_assign(client, partitions);
  must_place_ = partitions->cnt > 0;
  GroupMetadata group(GroupMetadataHandle(rd_kafka_consumer_group_metadata(client)));
  char* const given = rd_kafka_memberid(client);
  const std::string member = given ? given : "";
  rd_kafka_mem_free(client, given);
  update([&](View& view) {
    view.joined = true;
    view.leads = must_place_;
    view.member = member;
    view.group = std::move(group);
  });
  log::info("kafka membership instance={} member={} leads={}", options_.instance, member, must_place_);
}

// Takes over the newest assignment that was written.
Status Membership::follow() {
  RawBatch batch;
  for (;;) {
    NUDGE_ASSIGN(const Consumer::Read read,
                 follower_->read(assignment_place_, batch, kRecordsMax, kBytesMax, Milliseconds(0)));
    if (read != Consumer::Read::kRecords) return Status::ok();
    for (const RawBatch::Line& line : batch.lines) {
      Result<Assignment> assignment = decode_assignment(batch.raw(line));
      if (!assignment)
        return Status::bad_data(fmt::format("{}/{} offset {}: {}; remove the topic and create it anew",
                                            assignment_place_.topic, assignment_place_.partition, line.offset,
                                            assignment.status().message()));
      update([&](View& view) { view.assignment = std::move(assignment).value(); });
    }
  }
}

// The instances in the group, with the ids of their members. Fails while the group is changing.
Result<std::map<std::string, std::string>> Membership::present_members() const {
  const std::string group = members_topic(settings_.application());
  const rd_kafka_group_list* found = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_list_groups(member_->get(), group.c_str(), &found, 5000);
  const std::unique_ptr<const rd_kafka_group_list, Destroy<rd_kafka_group_list_destroy>> list(found);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return member_->failure("group " + group + " cannot be described", error);
  if (list->group_cnt != 1 || std::string_view(list->groups[0].state) != "Stable")
    return Status::error(ErrorClass::kUnavailable, "the group " + group + " is changing; it is asked again");
  std::map<std::string, std::string> members;
  const rd_kafka_group_info& info = list->groups[0];
  for (int i = 0; i < info.member_cnt; ++i) {
    const auto [place, fresh] = members.emplace(info.members[i].client_id, info.members[i].member_id);
    if (!fresh) {
      log::error(
          "kafka membership: two processes say that they are instance {}; the one with member id {} gets no "
          "tasks: give each instance a state folder of its own",
          place->first, std::max(place->second, std::string(info.members[i].member_id)));
      place->second = std::min(place->second, std::string(info.members[i].member_id));
    }
  }
  return members;
}

// The last assignment that was committed. Nobody else writes any more: it is the last word.
Result<Assignment> Membership::newest() const {
  NUDGE_ASSIGN(const Watermarks marks, admin_->watermarks(assignment_place_));
  NUDGE_ASSIGN(const auto reader, Consumer::make(settings_, {}));
  NUDGE_TRY(reader->assign({{assignment_place_, marks.begin, marks.end}}));
  Assignment last;
  RawBatch batch;
  for (const auto until = Clock::now() + kTimeout; Clock::now() < until;) {
    NUDGE_ASSIGN(const Consumer::Read read, reader->read(assignment_place_, batch, kRecordsMax, kBytesMax, kTryAgain));
    if (read == Consumer::Read::kEnd) return last;
    if (batch.lines.empty()) continue;
    NUDGE_ASSIGN(last, decode_assignment(batch.raw(batch.lines.back())));
  }
  return Status::error(ErrorClass::kUnavailable,
                       assignment_place_.topic + " cannot be read to its end; it is tried again");
}

Status Membership::lead() {
  NUDGE_ASSIGN(auto members, present_members());
  NUDGE_ASSIGN(const auto producer,
               Producer::make(settings_, {.transactional_id = settings_.application() + ".leader"}));
  NUDGE_TRY(producer->initialise(kTimeout).status());
  NUDGE_ASSIGN(const Assignment last, newest());
  Assignment next;
  next.generation = last.generation + 1;
  std::vector<std::string> instances;
  instances.reserve(members.size());
  for (const auto& [instance, member] : members) instances.push_back(instance);
  next.tasks = place_tasks(std::move(instances), options_.tasks, options_.standbys, last.tasks);
  next.members = std::move(members);
  if (next.members == last.members && next.tasks == last.tasks) {
    must_place_ = false;
    return Status::ok();
  }
  next.earlier_writers = last.earlier_writers;
  next.earlier_writers.resize(next.tasks.size());
  for (std::size_t task = 0; task < std::min(next.tasks.size(), last.tasks.size()); ++task) {
    std::vector<std::string>& writers = next.earlier_writers[task];
    if (!last.tasks[task].owner.empty()) writers.push_back(last.writer(last.tasks[task].owner));
    if (writers.size() > kEarlierWriters) writers.erase(writers.begin());
  }
  const std::string value = encode(next);
  NUDGE_TRY(producer->begin().status());
  NUDGE_TRY(
      producer->send(producer->topic(assignment_place_.topic), {.key = kKey, .value = value, .partition = 0}).status());
  NUDGE_TRY(producer->commit(kTimeout).status());
  must_place_ = false;
  log::info("kafka assignment written generation={} members={} tasks={}", next.generation, next.members.size(),
            next.tasks.size());
  return Status::ok();
}

}  // namespace nudge::connectors::kafka
