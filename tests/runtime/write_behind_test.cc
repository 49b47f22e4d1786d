// Changes that are on their way into a store are read as if they were there, and arrive as they were added: against a
// plain map, with layers moved at any time.
#include "engine/runtime/write_behind.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <random>

namespace nudge::runtime {
namespace {

using Values = std::map<std::string, std::string>;

Values all_of(const state::Store& store) {
  Values values;
  for (const auto cursor = store.scan({}, {}); cursor->valid(); cursor->next())
    values.emplace(cursor->key(), cursor->value());
  return values;
}

TEST(WriteBehind, IsReadAsTheStoreWillBe) {
  const auto store = state::make_memory_store();
  state::Batch before;
  before.put("a", "old");
  before.put("b", "old");
  ASSERT_TRUE(store->write(before));
  std::atomic<int> written = 0;
  WriteBehind behind(*store, {}, [&] { ++written; });
  state::Batch batch;
  batch.put("a", "1");
  batch.put("a", "2");
  batch.erase("b");
  batch.put("c", "3");
  behind.add(batch.changes());
  EXPECT_EQ(*behind.get("a"), "2");
  EXPECT_EQ(*behind.get("b"), std::nullopt);
  EXPECT_EQ(*behind.get("d"), std::nullopt);
  const std::vector<std::string> keys = {"a", "b", "c", "d"};
  std::vector<std::optional<std::string>> values;
  ASSERT_TRUE(behind.multi_get(keys, values));
  EXPECT_EQ(values, (std::vector<std::optional<std::string>>{"2", std::nullopt, "3", std::nullopt}));
  EXPECT_EQ(all_of(*store), (Values{{"a", "old"}, {"b", "old"}}));
  ASSERT_TRUE(behind.flush());
  EXPECT_EQ(all_of(*store), (Values{{"a", "2"}, {"c", "3"}}));
  EXPECT_EQ(*behind.get("a"), "2");
  EXPECT_EQ(written, 1);
}

TEST(WriteBehind, WhatWasNotHandedOnIsDropped) {
  const auto store = state::make_memory_store();
  state::Batch batch;
  batch.put("a", "1");
  {
    WriteBehind behind(*store, {}, [] {});
    behind.add(batch.changes());
    ASSERT_TRUE(behind.hand_on_when_due());
  }
  EXPECT_EQ(all_of(*store), Values());
  {
    WriteBehind behind(*store, {.bytes_max = 1}, [] {});
    behind.add(batch.changes());
    ASSERT_TRUE(behind.hand_on_when_due());
  }
  EXPECT_EQ(all_of(*store), (Values{{"a", "1"}}));
}

TEST(WriteBehind, AgreesWithAMapWheneverLayersMove) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto store = state::make_memory_store();
    WriteBehind behind(*store, {.bytes_max = 300 + random() % 4'000}, [] {});
    Values expected;
    for (int commit = 0; commit < 60; ++commit) {
      state::Batch batch;
      for (unsigned left = random() % 20; left > 0; --left) {
        const std::string key = "key" + std::to_string(random() % 50);
        if (random() % 4 == 0) {
          batch.erase(key);
          expected.erase(key);
        } else {
          const std::string value(random() % 60, static_cast<char>('a' + random() % 26));
          batch.put(key, value);
          expected[key] = value;
        }
      }
      ASSERT_TRUE(behind.hand_on_when_due());
      behind.add(batch.changes());
      std::vector<std::string> keys;
      for (int i = 0; i < 50; i += 7) keys.push_back("key" + std::to_string(i));
      std::sort(keys.begin(), keys.end());
      std::vector<std::optional<std::string>> values;
      ASSERT_TRUE(behind.multi_get(keys, values));
      for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto found = expected.find(keys[i]);
        EXPECT_EQ(values[i], found == expected.end() ? std::nullopt : std::optional(found->second));
        EXPECT_EQ(*behind.get(keys[i]), values[i]);
      }
    }
    ASSERT_TRUE(behind.flush());
    EXPECT_EQ(all_of(*store), expected);
  }
}

// Tasks walk the base and look customers up at the same time: whoever flushes, everybody sees what was added.
TEST(WriteBehind, ManyReadAndFlushAtOnce) {
  const auto store = state::make_memory_store();
  WriteBehind behind(*store, {.bytes_max = 1}, [] {});
  constexpr int kKeys = 200;
  for (int commit = 0; commit < 20; ++commit) {
    state::Batch batch;
    for (int i = 0; i < kKeys; ++i) batch.put("key" + std::to_string(i), std::to_string(commit));
    behind.add(batch.changes());
    std::vector<std::jthread> threads;
    for (int number = 0; number < 4; ++number)
      threads.emplace_back([&, number] {
        for (int i = number; i < kKeys; i += 4) {
          EXPECT_EQ(*behind.get("key" + std::to_string(i)), std::to_string(commit));
          if (i % 40 == number) EXPECT_TRUE(behind.flush());
        }
      });
  }
  EXPECT_EQ(all_of(*store).size(), kKeys);
}

}  // namespace
}  // namespace nudge::runtime
