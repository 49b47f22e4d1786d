#include "connectors/kafka/admin.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <thread>

namespace nudge::connectors::kafka {
namespace {

constexpr std::size_t kWordsMax = 512;
constexpr std::chrono::milliseconds kLookAgain(20);

PartitionList list_of(std::span<const TopicPartition> partitions, std::int64_t offset) {
  PartitionList list = make_partition_list(partitions.size());
  for (const TopicPartition& partition : partitions)
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)->offset = offset;
  return list;
}

Result<std::vector<std::optional<std::int64_t>>> offsets_of(const Client& client, const PartitionList& list,
                                                            std::string_view what) {
  std::vector<std::optional<std::int64_t>> offsets;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& one = list->elems[i];
    if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return client.failure(fmt::format("{} of {}/{}", what, one.topic, one.partition), one.err);
    offsets.push_back(one.offset >= 0 ? std::optional(one.offset) : std::nullopt);
  }
  return offsets;
}

}  // namespace

Result<std::unique_ptr<Admin>> Admin::make(const Settings& settings, Milliseconds timeout) {
  // A consumer, so that the end of a partition is that of its committed data. The group is never joined: librdkafka
  // wants one for looking up offsets.
  NUDGE_ASSIGN(auto client, Client::make(settings, Client::Kind::kConsumer,
                                         {{"group.id", settings.application()},
                                          {"enable.auto.commit", "false"},
                                          {"isolation.level", "read_committed"}}));
  return std::unique_ptr<Admin>(new Admin(std::move(client), timeout));
}

Result<std::optional<int>> Admin::partitions(const std::string& topic) const {
  const TopicHandle handle(rd_kafka_topic_new(client_->get(), topic.c_str(), nullptr));
  const struct rd_kafka_metadata* found = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(client_->get(), 0, handle.get(), &found, timeout_ms());
  const Metadata metadata(found);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return client_->failure("topic " + topic + " cannot be looked up", error);
  const auto& one = metadata->topics[0];
  if (one.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return std::optional<int>();
  // A topic that was made just now has no leaders yet.
  if (one.err != RD_KAFKA_RESP_ERR_NO_ERROR && one.err != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
    return client_->failure("topic " + topic + " cannot be looked up", one.err);
  return std::optional<int>(one.partition_cnt);
}

AdminOptions Admin::options(rd_kafka_admin_op_t operation) const {
  AdminOptions options(rd_kafka_AdminOptions_new(client_->get(), operation));
  std::array<char, kWordsMax> words{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms(), words.data(), words.size());
  if (operation == RD_KAFKA_ADMIN_OP_CREATETOPICS || operation == RD_KAFKA_ADMIN_OP_DELETETOPICS)
    rd_kafka_AdminOptions_set_operation_timeout(options.get(), timeout_ms(), words.data(), words.size());
  return options;
}

Result<EventHandle> Admin::wait(rd_kafka_queue_t* queue, const std::string& what) const {
  EventHandle event(rd_kafka_queue_poll(queue, timeout_ms() + 1000));
  if (!event) return client_->failure(what, RD_KAFKA_RESP_ERR__TIMED_OUT);
  if (const rd_kafka_resp_err_t error = rd_kafka_event_error(event.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return client_->failure(what, error, rd_kafka_event_error_string(event.get()));
  return event;
}

Result<std::optional<TopicSettings>> Admin::describe(const std::string& topic) const {
  NUDGE_ASSIGN(const std::optional<int> count, partitions(topic));
  if (!count) return std::optional<TopicSettings>();
  TopicSettings settings{.name = topic, .partitions = *count, .replicas = -1, .config = {}};
  const ConfigResource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_t* resources[] = {resource.get()};
  const Queue queue(rd_kafka_queue_new(client_->get()));
  rd_kafka_DescribeConfigs(client_->get(), resources, 1, options(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS).get(), queue.get());
  const std::string what = "topic " + topic + " cannot be described";
  NUDGE_ASSIGN(const EventHandle event, wait(queue.get(), what));
  std::size_t found = 0;
  const auto** const described =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &found);
  if (found == 0) return client_->failure(what, RD_KAFKA_RESP_ERR_UNKNOWN);
  if (const auto error = rd_kafka_ConfigResource_error(described[0]); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return client_->failure(what, error, rd_kafka_ConfigResource_error_string(described[0]));
  std::size_t entries = 0;
  const auto** const config = rd_kafka_ConfigResource_configs(described[0], &entries);
  for (std::size_t i = 0; i < entries; ++i) {
    const char* const value = rd_kafka_ConfigEntry_value(config[i]);
    settings.config[rd_kafka_ConfigEntry_name(config[i])] = value ? value : "";
  }
  return std::optional<TopicSettings>(std::move(settings));
}

Status Admin::create(std::span<const TopicSettings> topics) const {
  if (topics.empty()) return Status::ok();
  std::vector<NewTopicHandle> owned;
  std::vector<rd_kafka_NewTopic_t*> wanted;
  std::array<char, kWordsMax> words{};
  for (const TopicSettings& topic : topics) {
    owned.emplace_back(
        rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replicas, words.data(), words.size()));
    if (!owned.back()) return Status::config(fmt::format("topic {}: {}", topic.name, words.data()));
    for (const auto& [name, value] : topic.config)
      rd_kafka_NewTopic_set_config(owned.back().get(), name.c_str(), value.c_str());
    wanted.push_back(owned.back().get());
  }
  const Queue queue(rd_kafka_queue_new(client_->get()));
  rd_kafka_CreateTopics(client_->get(), wanted.data(), wanted.size(), options(RD_KAFKA_ADMIN_OP_CREATETOPICS).get(),
                        queue.get());
  NUDGE_ASSIGN(const EventHandle event, wait(queue.get(), "topics cannot be created"));
  std::size_t count = 0;
  const auto** const results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i)
    if (const auto error = rd_kafka_topic_result_error(results[i]); error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return client_->failure(fmt::format("topic {} cannot be created", rd_kafka_topic_result_name(results[i])), error,
                              rd_kafka_topic_result_error_string(results[i]));
  // The controller knows the topics; the brokers learn of them, and of their leaders, a moment later.
  const auto until = std::chrono::steady_clock::now() + timeout_;
  for (const TopicSettings& topic : topics) {
    for (;;) {
      NUDGE_ASSIGN(const std::optional<int> partitions_now, partitions(topic.name));
      if (partitions_now == topic.partitions && watermarks({topic.name, topic.partitions - 1})) break;
      if (std::chrono::steady_clock::now() > until)
        return client_->failure("topic " + topic.name + " was created but has no leader",
                                RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
      std::this_thread::sleep_for(kLookAgain);
    }
  }
  return Status::ok();
}

Status Admin::remove(std::span<const std::string> topics) const {
  if (topics.empty()) return Status::ok();
  std::vector<rd_kafka_DeleteTopic_t*> wanted;
  for (const std::string& topic : topics) wanted.push_back(rd_kafka_DeleteTopic_new(topic.c_str()));
  const Queue queue(rd_kafka_queue_new(client_->get()));
  rd_kafka_DeleteTopics(client_->get(), wanted.data(), wanted.size(), options(RD_KAFKA_ADMIN_OP_DELETETOPICS).get(),
                        queue.get());
  rd_kafka_DeleteTopic_destroy_array(wanted.data(), wanted.size());
  NUDGE_ASSIGN(const EventHandle event, wait(queue.get(), "topics cannot be removed"));
  std::size_t count = 0;
  const auto** const results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i)
    if (const auto error = rd_kafka_topic_result_error(results[i]); error != RD_KAFKA_RESP_ERR_NO_ERROR)
      return client_->failure(fmt::format("topic {} cannot be removed", rd_kafka_topic_result_name(results[i])), error,
                              rd_kafka_topic_result_error_string(results[i]));
  return Status::ok();
}

Status Admin::remove_group(const std::string& group) const {
  rd_kafka_DeleteGroup_t* wanted = rd_kafka_DeleteGroup_new(group.c_str());
  const Queue queue(rd_kafka_queue_new(client_->get()));
  rd_kafka_DeleteGroups(client_->get(), &wanted, 1, options(RD_KAFKA_ADMIN_OP_DELETEGROUPS).get(), queue.get());
  rd_kafka_DeleteGroup_destroy(wanted);
  NUDGE_ASSIGN(const EventHandle event, wait(queue.get(), "the group " + group + " cannot be removed"));
  std::size_t count = 0;
  const auto** const results =
      rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event.get()), &count);
  const rd_kafka_error_t* const error = count == 1 ? rd_kafka_group_result_error(results[0]) : nullptr;
  if (!error || rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) return Status::ok();
  return client_->failure("the group " + group + " cannot be removed", rd_kafka_error_code(error),
                          rd_kafka_error_string(error));
}

Status Admin::remove_before(std::span<const std::pair<TopicPartition, std::int64_t>> offsets) const {
  if (offsets.empty()) return Status::ok();
  const PartitionList list = make_partition_list(offsets.size());
  for (const auto& [place, offset] : offsets)
    rd_kafka_topic_partition_list_add(list.get(), place.topic.c_str(), place.partition)->offset = offset;
  rd_kafka_DeleteRecords_t* wanted = rd_kafka_DeleteRecords_new(list.get());
  const Queue queue(rd_kafka_queue_new(client_->get()));
  rd_kafka_DeleteRecords(client_->get(), &wanted, 1, options(RD_KAFKA_ADMIN_OP_DELETERECORDS).get(), queue.get());
  rd_kafka_DeleteRecords_destroy(wanted);
  return wait(queue.get(), fmt::format("records of {} cannot be removed", offsets.front().first.topic)).status();
}

Result<Watermarks> Admin::watermarks(const TopicPartition& partition) const {
  // Asked for as offsets of special times: rd_kafka_query_watermark_offsets waits beyond its timeout for a broker that
  // is gone (librdkafka before 2.3).
  const auto end_of = [&](std::int64_t which) -> Result<std::int64_t> {
    const std::string what = fmt::format("the ends of {}/{} are not known", partition.topic, partition.partition);
    const PartitionList list = list_of({&partition, 1}, which);
    const rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(client_->get(), list.get(), timeout_ms());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return client_->failure(what, error);
    NUDGE_ASSIGN(const auto offsets, offsets_of(*client_, list, what));
    if (!offsets[0]) return client_->failure(what, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
    return *offsets[0];
  };
  Watermarks marks;
  NUDGE_ASSIGN(marks.begin, end_of(RD_KAFKA_OFFSET_BEGINNING));
  NUDGE_ASSIGN(marks.end, end_of(RD_KAFKA_OFFSET_END));
  return marks;
}

Result<std::vector<std::optional<std::int64_t>>> Admin::offsets_at(std::span<const TopicPartition> partitions,
                                                                   Millis time) const {
  constexpr std::string_view kWhat = "the offsets by time";
  const PartitionList list = list_of(partitions, time);
  const rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(client_->get(), list.get(), timeout_ms());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return client_->failure(kWhat, error);
  return offsets_of(*client_, list, kWhat);
}

Result<std::vector<std::optional<std::int64_t>>> Admin::committed(const std::string& group,
                                                                  std::span<const TopicPartition> partitions) const {
  NUDGE_ASSIGN(const auto reader, Client::make(client_->settings(), Client::Kind::kConsumer,
                                               {{"group.id", group}, {"enable.auto.commit", "false"}}));
  const std::string what = "the committed offsets of group " + group;
  const PartitionList list = list_of(partitions, RD_KAFKA_OFFSET_INVALID);
  const rd_kafka_resp_err_t error = rd_kafka_committed(reader->get(), list.get(), timeout_ms());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return client_->failure(what, error);
  return offsets_of(*reader, list, what);
}

}  // namespace nudge::connectors::kafka
