// A live run takes records as they come; whoever obeys its cuts afterwards gives the same output, record for record,
// with other threads and batches, and after an interruption anywhere.
#include <gtest/gtest.h>

#include "engine/runtime/pipeline.h"
#include "engine/runtime/sequencer.h"
#include "tests/runtime/live_shop.h"

namespace nudge::runtime {
namespace {

// `live`: commits are many and small.
Written obey(const connectors::MemoryLog& input, const std::vector<Cut>& cuts, std::vector<std::string> overrides,
             std::size_t interrupted_after, bool live = false) {
  const config::Application app = application(std::move(overrides));
  const auto program = Program::make(app);
  EXPECT_TRUE(program.is_ok()) << program.status().message();
  connectors::MemoryLog output;
  const auto sink = output.sink(kTopics);
  const auto source = input.source();
  const auto store = state::make_memory_store();
  for (bool fresh = true;; fresh = false) {
    PipelineOptions options;
    options.threads = (*program)->settings().threads;
    options.live = live;
    Pipeline pipeline(**program, options, source.get(), *sink, *store);
    const Status opened = pipeline.open();
    EXPECT_TRUE(opened) << opened.message();
    for (std::size_t i = std::max<std::uint64_t>(pipeline.last_cut().round, 1) - 1; i < cuts.size(); ++i) {
      const Status done = pipeline.round_to(cuts[i]);
      EXPECT_TRUE(done) << done.message();
      if (fresh && i == interrupted_after) break;
      EXPECT_TRUE(pipeline.commit_when_due().is_ok());
    }
    if (fresh && interrupted_after < cuts.size()) continue;
    EXPECT_TRUE(pipeline.commit());
    return written(output);
  }
}

TEST(LivePipeline, WhoeverObeysTheCutsGivesTheSameOutput) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const std::vector<Arrival> all = arrivals(random);
    const config::Application app = application({"engine.partitions=4", "engine.merge_wait=20ms"});
    const auto program = Program::make(app);
    ASSERT_TRUE(program.is_ok()) << program.status().message();
    connectors::MemoryLog input, output;
    input.make_topic("transactions", 2);
    input.make_topic("page_views", 3);
    input.make_topic("care", 1);
    input.make_topic("customers", 1);
    input.make_topic("products", 1);
    const auto sink = output.sink(kTopics);
    const auto source = input.source(true);
    const auto store = state::make_memory_store();
    Pipeline pipeline(**program, {.threads = 2}, source.get(), *sink, *store);
    ASSERT_TRUE(pipeline.open());
    Sequencer sequencer((*program)->settings().disorder, std::chrono::milliseconds(20), pipeline.last_cut());
    Sequencer::Time now{};
    std::vector<Cut> cuts;
    for (std::size_t next = 0, idle = 0; idle < 4;) {
      for (std::size_t left = random() % 40; left > 0 && next < all.size(); --left, ++next)
        input.append(all[next].topic, all[next].partition, all[next].record);
      now += std::chrono::milliseconds(10);
      ASSERT_TRUE(pipeline.read_ahead());
      const auto cut = sequencer.next(pipeline.inputs(), now);
      idle = next == all.size() && !cut ? idle + 1 : 0;
      if (!cut) continue;
      cuts.push_back(*cut);
      const Status done = pipeline.round_to(*cut);
      ASSERT_TRUE(done) << done.message();
    }
    ASSERT_TRUE(pipeline.commit());
    const Written live = written(output);
    ASSERT_GT(cuts.size(), 20u);
    ASSERT_FALSE(live.empty());
    EXPECT_NE(pipeline.counters().find(R"("dead_letters":)"), std::string::npos);
    EXPECT_EQ(obey(input, cuts, {"engine.partitions=4"}, cuts.size()), live);
    EXPECT_EQ(obey(input, cuts, {"engine.partitions=1", "engine.threads=1", "engine.batch_events_max=7"}, cuts.size()),
              live);
    EXPECT_EQ(obey(input, cuts, {"engine.partitions=8", "engine.replay_commit_interval=1ms"}, cuts.size() / 2), live);
    EXPECT_EQ(obey(input, cuts, {"engine.commit_interval=1ms", "engine.history=needed"}, cuts.size() / 2, true), live);
  }
}

}  // namespace
}  // namespace nudge::runtime
