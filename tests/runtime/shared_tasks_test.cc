// Several instances share the tasks of one run: whoever has which of them, however often that changes and wherever an
// instance dies, the output is that of one instance that has them all.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/runtime/pipeline.h"
#include "engine/runtime/sequencer.h"
#include "tests/runtime/live_shop.h"

namespace nudge::runtime {
namespace {

constexpr std::uint32_t kTasks = 4;

// The log between the instances, in memory.
class Records {
 public:
  void append(std::uint32_t partition, std::string_view record) {
    const std::lock_guard lock(mutex_);
    partitions_[partition].emplace_back(record);
    arrived_.notify_all();
  }
  // From this offset on; waits for the first at most as long.
  std::vector<std::string> read(const std::map<std::uint32_t, std::uint64_t>& next, std::uint32_t& partition,
                                std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    std::vector<std::string> found;
    arrived_.wait_for(lock, timeout, [&] {
      for (const auto& [each, offset] : next) {
        if (partitions_[each].size() <= offset) continue;
        partition = each;
        found.assign(partitions_[each].begin() + static_cast<std::ptrdiff_t>(offset), partitions_[each].end());
        return true;
      }
      return false;
    });
    return found;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::string> partitions_[kTasks + 1];
};

class Log final : public ExchangeLog {
 public:
  explicit Log(Records& records) : records_(records) {}
  Status append(std::uint32_t partition, std::string_view record) override {
    records_.append(partition, record);
    return Status::ok();
  }
  Status flush() override { return Status::ok(); }
  Status follow(std::uint32_t partition, std::uint64_t offset) override {
    next_[partition] = offset;
    return Status::ok();
  }
  Result<bool> poll(std::chrono::milliseconds timeout, const Take& take) override {
    std::uint32_t partition = 0;
    const auto found = records_.read(next_, partition, timeout);
    for (const std::string& record : found) NUDGE_TRY(take(partition, next_[partition]++, record));
    return !found.empty();
  }

 private:
  Records& records_;
  std::map<std::uint32_t, std::uint64_t> next_;
};

// What is appended is there with the commit, and not at all where the instance dies before it.
class CommittedSink final : public connectors::Sink {
 public:
  explicit CommittedSink(connectors::MemoryLog& log) : log_(log) {}
  Status reset() override { return Status::ok(); }
  Status rewind(const connectors::SinkPosition&) override { return Status::ok(); }
  Status append(std::string_view topic, std::string_view lines) override {
    for (std::size_t end = lines.find('\n'); end != std::string_view::npos; end = lines.find('\n')) {
      waiting_.emplace_back(topic, lines.substr(0, end));
      lines.remove_prefix(end + 1);
    }
    return Status::ok();
  }
  Result<connectors::SinkPosition> flush() override {
    for (auto& [topic, line] : waiting_) log_.append(topic, 0, std::move(line));
    waiting_.clear();
    return connectors::SinkPosition();
  }

 private:
  connectors::MemoryLog& log_;
  std::vector<std::pair<std::string, std::string>> waiting_;
};

struct World {
  const Program& program;
  const connectors::MemoryLog& input;
  const std::vector<Cut>& cuts;
  std::unique_ptr<state::Store> store = state::make_memory_store();  // what all have committed
  connectors::MemoryLog output;
  Records records;
};

// An instance's life: until everything is done and committed (true), or it dies, or the others are to stop.
Result<bool> live(World& world, const std::vector<std::uint32_t>& tasks, bool has_spine, std::uint64_t seed,
                  int lives_for, std::atomic<bool>& stop, std::atomic<bool>& done) {
  std::mt19937_64 random(seed);
  Log log(world.records);
  Exchange exchange(log, kTasks, [&] { return stop ? Status::internal("stopped") : Status::ok(); });
  CommittedSink sink(world.output);
  const auto source = world.input.source();
  Pipeline pipeline(world.program, {.threads = 1, .tasks = tasks, .exchange = &exchange},
                    has_spine ? source.get() : nullptr, sink, *world.store);
  NUDGE_TRY(pipeline.open());
  const auto lived = [&]() -> Result<bool> {
    if (random() % 3 == 0) NUDGE_TRY(pipeline.commit());
    return --lives_for > 0;
  };
  if (has_spine) {
    NUDGE_TRY(pipeline.catch_up());
    for (std::size_t i = std::max<std::uint64_t>(pipeline.last_cut().round, 1) - 1; i < world.cuts.size(); ++i) {
      NUDGE_TRY(pipeline.round_to(world.cuts[i]));
      NUDGE_ASSIGN(const bool lives, lived());
      if (!lives) return false;
    }
    NUDGE_TRY(pipeline.commit());
    done = true;
  }
  while (!stop) {
    NUDGE_ASSIGN(const bool follows, pipeline.follow(std::chrono::milliseconds(10)));
    if (!follows) {
      if (done) break;
      continue;
    }
    NUDGE_ASSIGN(const bool lives, lived());
    if (!lives) return false;
  }
  if (!done) return false;
  NUDGE_TRY(pipeline.commit());
  return true;
}

// One generation: the tasks placed anew on some instances, until one of them dies or all is done.
bool generation(World& world, std::mt19937_64& random) {
  const std::size_t instances = 1 + random() % 3;
  std::vector<std::vector<std::uint32_t>> owned(instances);
  std::vector<std::size_t> owners;
  for (std::uint32_t task = 0; task < kTasks; ++task) {
    owners.push_back(random() % instances);
    owned[owners.back()].push_back(task);
  }
  std::atomic<bool> stop = false, done = false, died = false;
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < instances; ++i) {
    if (owned[i].empty()) continue;
    const std::uint64_t seed = random();
    const int lives_for = 5 + static_cast<int>(random() % 30);
    threads.emplace_back([&, i, seed, lives_for] {
      const Result<bool> ended = live(world, owned[i], owners[0] == i, seed, lives_for, stop, done);
      if (!ended.is_ok()) EXPECT_EQ(ended.status().message(), "stopped");
      if (!ended.is_ok() || !ended.value()) stop = died = true;
    });
  }
  threads.clear();
  return !died;
}

TEST(SharedTasks, WhoHasWhichDoesNotShow) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const config::Application app = application({"engine.partitions=" + std::to_string(kTasks)});
    const auto program = Program::make(app);
    ASSERT_TRUE(program.is_ok()) << program.status().message();
    connectors::MemoryLog input, alone;
    for (const auto& [topic, partitions] :
         {std::pair{"transactions", 2}, {"page_views", 3}, {"care", 1}, {"customers", 1}, {"products", 1}})
      input.make_topic(topic, static_cast<std::uint32_t>(partitions));
    const auto source = input.source(true);
    const auto sink = alone.sink(kTopics);
    const auto store = state::make_memory_store();
    Pipeline pipeline(**program, {.threads = 1}, source.get(), *sink, *store);
    ASSERT_TRUE(pipeline.open());
    Sequencer sequencer((*program)->settings().disorder, std::chrono::milliseconds(20), pipeline.last_cut());
    std::vector<Cut> cuts;
    const std::vector<Arrival> all = arrivals(random);
    for (std::size_t next = 0; next < all.size();) {
      for (std::size_t left = 1 + random() % 40; left > 0 && next < all.size(); --left, ++next)
        input.append(all[next].topic, all[next].partition, all[next].record);
      ASSERT_TRUE(pipeline.read_ahead());
      const auto cut = sequencer.next(pipeline.inputs(), Sequencer::Time());
      if (!cut) continue;
      cuts.push_back(*cut);
      ASSERT_TRUE(pipeline.round_to(*cut));
    }
    ASSERT_TRUE(pipeline.commit());
    World world{**program, input, cuts};
    int generations = 1;
    while (!generation(world, random)) ASSERT_LT(++generations, 400);
    EXPECT_GT(generations, 3);
    const Written shared = written(world.output), whole = written(alone);
    EXPECT_EQ(shared.size(), whole.size());
    for (const auto& [key, lines] : whole) {
      const auto found = shared.find(key);
      ASSERT_NE(found, shared.end()) << key;
      for (std::size_t i = 0; i < std::min(lines.size(), found->second.size()); ++i)
        ASSERT_EQ(found->second[i], lines[i]) << key << ", record " << i;
      ASSERT_EQ(found->second.size(), lines.size()) << key;
    }
  }
}

}  // namespace
}  // namespace nudge::runtime
