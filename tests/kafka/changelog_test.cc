// State that goes through a changelog and comes back the same: overwritten, erased by key and by range, in parts,
// interrupted, by a standby; and what becomes of a state that the log has left behind.
#include "connectors/kafka/changelog.h"

#include <gmock/gmock.h>

#include <map>
#include <random>

#include "connectors/kafka/large_values.h"
#include "connectors/kafka/read_topic.h"
#include "connectors/kafka/restore.h"
#include "connectors/kafka/standby.h"
#include "tests/kafka/broker.h"

namespace nudge::connectors::kafka {
namespace {

using testing::HasSubstr;
constexpr Milliseconds kTimeout(30'000);
constexpr std::uint32_t kTasks = 3;
constexpr unsigned kShared = 0xffff;

std::string key_of(unsigned task, unsigned number) {
  std::string key = {static_cast<char>(task >> 8), static_cast<char>(task), 'i'};
  for (int shift = 24; shift >= 0; shift -= 8) key.push_back(static_cast<char>(number >> shift));
  return key + "0123456789ab";
}

// Without what only a store has: places, and what there is to know of large values.
std::map<std::string, std::string> content(const state::Store& store) {
  std::map<std::string, std::string> all;
  for (const auto cursor = store.scan("", ""); cursor->valid(); cursor->next())
    if (cursor->key()[2] == 'i') all.emplace(cursor->key(), cursor->value());
  return all;
}

class ChangelogTest : public testing::Test {
 protected:
  void SetUp() override {
    changelog_ = {Broker::shared().topic("changelog", kTasks + 1, {{"cleanup.policy", "compact,delete"}}), kTasks};
    take_over();
  }
  // As an owner does before it restores; what was committed is seen by all readers then.
  void take_over() {
    producer_ = std::move(Producer::make(settings(), {.transactional_id = id_})).value();
    const Outcome outcome = producer_->initialise(kTimeout);
    ASSERT_TRUE(outcome) << outcome.message();
  }
  static Settings settings() { return Broker::shared().settings(); }

  // Puts, erases and erased ranges, as an owner would send and write them.
  void commit(const state::Batch& batch, bool commits = true) {
    ASSERT_TRUE(producer_->begin());
    LargeValues large;
    for (int partition = 0; partition < changelog_.partitions(); ++partition) {
      ASSERT_TRUE(large.load(*written_, changelog_.prefix_of(partition)));
    }
    state::Batch changes;
    const auto send = [&](std::string_view key, std::optional<std::string_view> value) -> Status {
      return producer_
          ->send(producer_->topic(changelog_.topic),
                 {.key = key, .value = value, .partition = changelog_.partition_of(key)})
          .status();
    };
    for (const state::Batch::Change& change : batch.changes()) {
      const bool put = change.kind == state::Batch::Kind::kPut;
      ASSERT_TRUE(large.change(change.key, put ? std::optional(change.value) : std::nullopt, send, changes));
      if (put)
        changes.put(change.key, change.value);
      else
        changes.erase(change.key);
    }
    ASSERT_TRUE(commits ? producer_->commit(kTimeout) : producer_->abort(kTimeout));
    if (!commits) return;
    ASSERT_TRUE(written_->write(changes));
  }
  Result<RestoreProgress> restore_to(state::Store& store, std::vector<int> partitions = {0, 1, 2, 3},
                                     const RestoreOptions& options = {}) const {
    return restore(settings(), changelog_, partitions, store, options);
  }
  void expect_restored(state::Store& store) {
    take_over();
    const auto done = restore_to(store);
    ASSERT_TRUE(done) << done.status().message();
    EXPECT_EQ(content(store), content(*written_));
  }

  const std::string id_ = Broker::unique("id");
  Changelog changelog_;
  std::unique_ptr<Producer> producer_;
  std::unique_ptr<state::Store> written_ = state::make_memory_store();
};

state::Batch random_changes(std::mt19937& random, int round) {
  state::Batch batch;
  for (int i = 0; i < 200; ++i) {
    const std::string key = key_of(random() % 4 == 3 ? kShared : random() % kTasks, random() % 300);
    if (random() % 5 == 0)
      batch.erase(key);
    else
      batch.put(key, std::string(random() % 50, static_cast<char>('a' + round)));
  }
  return batch;
}

TEST_F(ChangelogTest, WhatWasCommittedComesBack) {
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) commit(random_changes(random, round), round % 4 != 3);
  take_over();
  const auto restored = state::make_memory_store();
  std::uint64_t told = 0;
  RestoreOptions options;
  options.memory_bytes_max = 64 << 10;
  options.progress = [&](const RestoreProgress& progress) { told = progress.records; };
  const auto done = restore_to(*restored, {0, 1, 2, 3}, options);
  ASSERT_TRUE(done) << done.status().message();
  EXPECT_EQ(told, done->records);
  EXPECT_EQ(content(*restored), content(*written_));
  EXPECT_GT(content(*restored).size(), 500u);
}

TEST_F(ChangelogTest, EachPartitionGoesOnFromItsOwnPlace) {
  const auto behind = state::make_memory_store();
  for (unsigned round = 0; round < 3; ++round) {
    state::Batch batch;
    for (unsigned i = 0; i < 100; ++i) {
      batch.put(key_of(0, i * (round + 1)), std::to_string(round));
      batch.put(key_of(1, i), std::to_string(round));
    }
    batch.erase(key_of(0, 3));
    commit(batch);
    take_over();
    const auto first = restore_to(*behind, {0});
    ASSERT_TRUE(first) << first.status().message();
    EXPECT_EQ(first->records, 101u) << "what was read before is not read again";
  }
  EXPECT_EQ(place_in(*behind, changelog_, 1)->has_value(), false);
  const auto second = restore_to(*behind, {0, 1});
  ASSERT_TRUE(second) << second.status().message();
  EXPECT_EQ(second->records, 300u);
  EXPECT_EQ(content(*behind), content(*written_));
}

TEST_F(ChangelogTest, LargeValuesTravelInParts) {
  const std::string key = key_of(1, 7), other = key_of(kShared, 7);
  const auto follower = state::make_memory_store();
  // Of one part, of several, fewer, the same again, small, large once more, gone; the follower joins at every step.
  const std::size_t sizes[] = {800'000, 3'500'000, 1'700'000, 1'700'000, 10, 2'000'000};
  for (const std::size_t size : sizes) {
    SCOPED_TRACE(size);
    std::string value(size, 'x');
    for (std::size_t i = 0; i < size; i += 1000) value[i] = static_cast<char>('a' + (i / 1000 + size) % 26);
    state::Batch batch;
    batch.put(key, value);
    batch.put(other, value.substr(size / 2));
    commit(batch);
    expect_restored(*follower);
    expect_restored(*state::make_memory_store());
  }
  state::Batch gone;
  gone.erase(key);
  gone.erase(other);
  commit(gone);
  expect_restored(*follower);
  // Nothing is left of the parts: the latest record of every key in the topic is a tombstone.
  std::map<std::string, bool> there;
  ASSERT_TRUE(read_topic(settings(), changelog_.topic, [&](const TopicRecord& record) {
    there[std::string(record.key)] = record.value.has_value();
    return Status::ok();
  }));
  EXPECT_GT(there.size(), 8u);
  for (const auto& [name, is_there] : there) EXPECT_FALSE(is_there) << testing::PrintToString(name);
}

// As retention does.
void drop_before(const TopicPartition& place, std::int64_t offset) {
  const auto client = Client::make(Broker::shared().settings(), Client::Kind::kProducer, {});
  const PartitionList list = make_partition_list(1);
  rd_kafka_topic_partition_list_add(list.get(), place.topic.c_str(), place.partition)->offset = offset;
  rd_kafka_DeleteRecords_t* wanted = rd_kafka_DeleteRecords_new(list.get());
  const Queue queue(rd_kafka_queue_new((*client)->get()));
  rd_kafka_DeleteRecords((*client)->get(), &wanted, 1, nullptr, queue.get());
  rd_kafka_DeleteRecords_destroy(wanted);
  const EventHandle event(rd_kafka_queue_poll(queue.get(), static_cast<int>(kTimeout.count())));
  ASSERT_TRUE(event);
  EXPECT_EQ(rd_kafka_event_error(event.get()), RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_event_error_string(event.get());
}

TEST_F(ChangelogTest, WhatHasFallenBehindIsEmptiedAlone) {
  state::Batch batch;
  for (unsigned i = 0; i < 10; ++i) {
    batch.put(key_of(0, i), "1");
    batch.put(key_of(1, i), "1");
  }
  commit(batch);
  const auto store = state::make_memory_store();
  expect_restored(*store);
  // A stray, as if its tombstone had come and gone.
  state::Batch stray;
  stray.put(key_of(0, 99), "stray");
  stray.put(key_of(1, 99), "kept");
  ASSERT_TRUE(store->write(stray));
  const struct {
    const char* name;
    ChangelogPlace place;
  } rows[] = {{"longer ago than tombstones are kept", {1, wall_clock() - 2 * kTombstonesKept}},
              {"before the beginning", {0, wall_clock()}}};
  batch.clear();
  batch.put(key_of(0, 50), "2");
  commit(batch);
  take_over();
  drop_before({changelog_.topic, 0}, 1);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    ASSERT_TRUE(store->write(stray));
    state::Batch place;
    place.put(place_key(changelog_, 0), encode(row.place));
    ASSERT_TRUE(store->write(place));
    const auto done = restore_to(*store);
    ASSERT_TRUE(done) << done.status().message();
    EXPECT_EQ(done->records, 10u) << "of partition 0 what the log still has, of the others nothing";
    EXPECT_FALSE(content(*store).contains(key_of(0, 99)));
    EXPECT_TRUE(content(*store).contains(key_of(1, 99)));
  }
}

TEST_F(ChangelogTest, ATopicThatEndsBeforeTheStateIsRefused) {
  state::Batch batch;
  batch.put(key_of(0, 1), "1");
  commit(batch);
  take_over();
  const auto store = state::make_memory_store();
  batch.put(place_key(changelog_, 0), encode({100, wall_clock()}));
  ASSERT_TRUE(store->write(batch));
  const auto refused = restore_to(*store);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.status().error_class(), ErrorClass::kInputOutput);
  EXPECT_THAT(refused.status().message(), HasSubstr(changelog_.topic + "/0: ends at offset "));
  EXPECT_THAT(refused.status().message(), HasSubstr("remove engine.state_dir"));
}

// Whether `condition` comes true in time.
template <typename Condition>
bool comes(Condition condition) {
  for (const auto until = std::chrono::steady_clock::now() + kTimeout; std::chrono::steady_clock::now() < until;) {
    if (condition()) return true;
    std::this_thread::sleep_for(Milliseconds(10));
  }
  return false;
}

TEST_F(ChangelogTest, AStandbyLeavesOnlyTheRest) {
  std::mt19937 random(11);
  const TemporaryFolder folder;
  auto store = std::move(state::open_rocksdb({.folder = folder.path(), .memory_budget_bytes = 8 << 20, .threads = 1}));
  ASSERT_TRUE(store) << store.status().message();
  Standby standby(settings(), changelog_, **store, {.memory_bytes_max = 1 << 20, .write_every = Milliseconds(50)});
  std::uint64_t sent = 0;
  for (int round = 0; round < 6; ++round) {
    commit(random_changes(random, round));
    if (round == 2) standby.follow({0, 1, 2});
    // What this thread owns it may write meanwhile.
    state::Batch own;
    own.put(key_of(kShared, 1000 + static_cast<unsigned>(round)), "own");
    ASSERT_TRUE((*store)->write(own));
  }
  state::Batch large;
  large.put(key_of(2, 5), std::string(2'000'000, 'l'));
  commit(large);
  take_over();
  EXPECT_TRUE(comes([&] { return standby.caught_up(); }));
  const std::uint64_t before = standby.records();
  commit(random_changes(random, 7));
  EXPECT_TRUE(comes([&] { return standby.records() > before; })) << "it goes on following";
  EXPECT_TRUE(standby.status()) << standby.status().message();
  standby.follow({0});
  commit(random_changes(random, 8));
  take_over();
  const auto done = restore_to(**store, {1, 2, 3});
  ASSERT_TRUE(done) << done.status().message();
  const auto whole = state::make_memory_store();
  sent = restore_to(*whole)->records;
  EXPECT_LT(done->records, sent / 2) << "what the standby has read is not read again";
  standby.follow({});
  ASSERT_TRUE(restore_to(**store));
  auto expected = content(*written_);
  EXPECT_EQ(content(*whole), expected);
  for (int round = 0; round < 6; ++round) expected.erase(key_of(kShared, 1000 + static_cast<unsigned>(round)));
  EXPECT_EQ(content(**store), expected) << "the shared partition had no place: it was read from its beginning";
}

TEST(KafkaChangelog, TheTaskIsThePartition) {
  const Changelog changelog{"shop.changelog", 3};
  EXPECT_EQ(changelog.partitions(), 4);
  EXPECT_EQ(changelog.partition_of(key_of(0, 5)), 0);
  EXPECT_EQ(changelog.partition_of(key_of(2, 5)), 2);
  EXPECT_EQ(changelog.partition_of(key_of(kShared, 5)), 3);
  EXPECT_EQ(changelog.prefix_of(2), std::string("\0\2", 2));
  EXPECT_EQ(changelog.prefix_of(3), "\xff\xff");
}

}  // namespace
}  // namespace nudge::connectors::kafka
