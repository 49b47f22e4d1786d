// RepeatFilter against a set, with memory so small that it spills into runs and merges them, and restarts in between.
#include "state/repeat_filter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "state/repeat_merge.h"

namespace nudge::state {
namespace {

RepeatFilter load(const Store& store, std::size_t memory_bytes_max) {
  auto loaded = RepeatFilter::load(store, "d", memory_bytes_max);
  NUDGE_CHECK(loaded.is_ok(), loaded.status().message().c_str());
  return std::move(loaded).value();
}

void write(RepeatFilter& filter, Store& store) {
  Batch batch;
  filter.write_changes(batch);
  ASSERT_TRUE(store.write(batch).is_ok());
}

TEST(RepeatFilter, TellsTheFirstFromItsRepeats) {
  const auto store = make_memory_store();
  RepeatFilter filter = load(*store, 1 << 20);
  EXPECT_TRUE(*filter.insert({1, 2}));
  EXPECT_FALSE(*filter.insert({1, 2}));
  EXPECT_TRUE(*filter.insert({2, 1}));
  EXPECT_TRUE(*filter.insert({0, 0}));
  EXPECT_FALSE(*filter.insert({0, 0}));
}

TEST(RepeatFilter, AgreesWithASetThroughSpillsMergesAndRestarts) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const std::size_t memory = 1 << (12 + random() % 6);
    const auto store = make_memory_store();
    RepeatFilter filter = load(*store, memory);
    std::set<Hash128> known, unwritten;
    std::size_t most_runs = 0;
    for (int i = 0; i < 60'000; ++i) {
      const Hash128 hash = hash128(std::to_string(random() % 50'000));
      const bool first = known.insert(hash).second;
      if (first) unwritten.insert(hash);
      ASSERT_EQ(*filter.insert(hash), first);
      most_runs = std::max(most_runs, filter.runs());
      if (random() % 200 == 0) {
        ASSERT_NO_FATAL_FAILURE(write(filter, *store));
        unwritten.clear();
      }
      if (random() % 6'000 == 0) {
        // A crash: what was not written is forgotten, and nothing else.
        Batch never_written;
        if (random() % 2 == 0) filter.write_changes(never_written);
        filter = load(*store, memory);
        for (const Hash128& lost : unwritten) known.erase(lost);
        unwritten.clear();
        ASSERT_EQ(filter.size(), known.size());
      }
    }
    EXPECT_GT(most_runs, 3u) << "nothing was merged: the test shows little";
    EXPECT_LE(most_runs, 12u);
  }
}

TEST(RepeatFilter, ForgetsNoHashNearTheEdgesOfItsTable) {
  // Slots follow from the highest bits: these crowd the end of the table and go on at its beginning.
  const auto store = make_memory_store();
  RepeatFilter filter = load(*store, 1 << 12);
  for (int round = 0; round < 3; ++round) {
    for (std::uint64_t i = 0; i < 400; ++i) {
      ASSERT_EQ(*filter.insert({~0ull - i, i}), round == 0);
      ASSERT_EQ(*filter.insert({i, ~i}), round == 0);
    }
    if (round > 0) continue;
    ASSERT_NO_FATAL_FAILURE(write(filter, *store));
    EXPECT_EQ(filter.runs(), 1u);
  }
}

TEST(RepeatFilter, MemoryStaysBoundedWhileFiltersGetCoarser) {
  constexpr std::size_t kMemory = 1 << 17;
  const auto store = make_memory_store();
  RepeatFilter filter = load(*store, kMemory);
  for (std::uint64_t i = 0; i < 300'000; ++i) {
    ASSERT_TRUE(*filter.insert(hash128(std::to_string(i))));
    if (i % 500 != 0) continue;
    ASSERT_NO_FATAL_FAILURE(write(filter, *store));
    ASSERT_LE(filter.memory_bytes(), kMemory + 1000 * sizeof(Hash128)) << i;
  }
  for (std::uint64_t i = 0; i < 300'000; i += 97) ASSERT_FALSE(*filter.insert(hash128(std::to_string(i))));
}

TEST(RepeatFilter, WhatAMergeOrACrashLeavesBehindIsRemoved) {
  const auto store = make_memory_store();
  std::uint64_t next = 0;
  for (int life = 0; life < 6; ++life) {
    RepeatFilter filter = load(*store, 1 << 14);
    EXPECT_EQ(filter.size(), next);
    for (int i = 0; i < 5'000; ++i) {
      ASSERT_TRUE(*filter.insert(hash128(std::to_string(next++))));
      if (i % 50 != 49) continue;
      ASSERT_NO_FATAL_FAILURE(write(filter, *store));
    }
  }
  RepeatFilter filter = load(*store, 1 << 14);
  for (int i = 0; i < 200; ++i) ASSERT_NO_FATAL_FAILURE(write(filter, *store));  // merges to the end
  std::uint64_t stored = 0;
  std::set<std::uint64_t> runs;
  for (auto cursor = store->scan("d", "e"); cursor->valid(); cursor->next()) {
    if (cursor->key()[1] == 'h') continue;
    stored += cursor->value().size() / sizeof(Hash128);
    if (cursor->key()[1] == 'r') runs.insert(repeat_key_number(cursor->key(), 2));
  }
  EXPECT_EQ(stored, next) << "every hash is stored once";
  EXPECT_EQ(runs.size(), filter.runs());
  EXPECT_LE(filter.runs(), 9u);
}

TEST(RepeatFilter, SmallBatchesLeaveFewBlocks) {
  const auto store = make_memory_store();
  RepeatFilter filter = load(*store, 1 << 20);
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    ASSERT_TRUE(*filter.insert({i, 7}));
    ASSERT_NO_FATAL_FAILURE(write(filter, *store));
  }
  int blocks = 0;
  for (auto cursor = store->scan("d", "e"); cursor->valid(); cursor->next()) ++blocks;
  EXPECT_LE(blocks, 8);
  EXPECT_EQ(RepeatFilter::load(*store, "d", 1 << 20)->size(), 2'000u);
}

TEST(RepeatFilter, DamageIsAFailureThatSaysWhatToDo) {
  const struct {
    const char* name;
    std::string key, value;  // no value: erased
  } rows[] = {
      {"a block is gone", repeat_block_key("d", 0, 1), ""},
      {"a block is cut", repeat_block_key("d", 0, 1), "short"},
      {"the list is cut", repeat_runs_key("d"), "\1\5"},
      {"the log is cut", repeat_log_key("d", 0), "short"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto store = make_memory_store();
    RepeatFilter filter = load(*store, 1 << 12);
    for (std::uint64_t i = 0; i < 1'000; ++i) ASSERT_TRUE(*filter.insert(hash128(std::to_string(i))));
    ASSERT_NO_FATAL_FAILURE(write(filter, *store));
    Batch batch;
    if (row.value.empty())
      batch.erase(row.key);
    else
      batch.put(row.key, row.value);
    ASSERT_TRUE(store->write(batch).is_ok());
    const auto loaded = RepeatFilter::load(*store, "d", 1 << 12);
    ASSERT_FALSE(loaded.is_ok());
    EXPECT_EQ(loaded.status().error_class(), ErrorClass::kInputOutput);
    EXPECT_NE(loaded.status().message().find("state_dir"), std::string::npos);
  }
}

}  // namespace
}  // namespace nudge::state
