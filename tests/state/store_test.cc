// Both stores against the same promises.
#include "state/store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <random>

#include "tests/support/temporary_folder.h"

namespace nudge::state {
namespace {

struct Kind {
  const char* name;
  bool on_disk;
};

class StoreTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override { open(); }

  void open() {
    if (!GetParam().on_disk) {
      store_ = make_memory_store();
      return;
    }
    store_.reset();  // one store at a time may have the folder
    auto opened = open_rocksdb({.folder = folder_.path(), .memory_budget_bytes = 8 << 20, .threads = 1});
    ASSERT_TRUE(opened) << opened.status().message();
    store_ = std::move(opened).value();
  }

  void put(std::string_view key, std::string_view value) {
    Batch batch;
    batch.put(key, value);
    ASSERT_TRUE(store_->write(batch));
  }
  std::optional<std::string> get(std::string_view key) {
    const auto found = store_->get(key);
    EXPECT_TRUE(found.is_ok());
    return found.value();
  }
  std::string scanned(std::string_view from, std::string_view until) {
    std::string out;
    auto cursor = store_->scan(from, until);
    for (; cursor->valid(); cursor->next()) out.append(cursor->key()).append("=").append(cursor->value()).append(" ");
    EXPECT_TRUE(cursor->status());
    return out;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreTest, GivesBackWhatWasPut) {
  const std::string binary("\0\xff\n\0", 4);
  put("a", "1");
  put(binary, binary);
  put("empty", "");
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(get(binary), binary);
  EXPECT_EQ(get("empty"), "");
  EXPECT_EQ(get("b"), std::nullopt);
  put("a", "2");
  EXPECT_EQ(get("a"), "2");
}

TEST_P(StoreTest, TheLastChangeOfAKeyInABatchHolds) {
  put("kept", "old");
  put("range/1", "old");
  Batch batch;
  batch.put("kept", "first");
  batch.put("kept", "second");
  batch.put("gone", "x");
  batch.erase("gone");
  batch.erase_range("range/", "range0");
  batch.put("range/2", "new");
  ASSERT_TRUE(store_->write(batch));
  EXPECT_EQ(scanned("", ""), "kept=second range/2=new ");
}

TEST_P(StoreTest, ABatchIsUsedAgainAfterClear) {
  put("c1", "x");
  Batch batch;
  batch.put("a", "1");
  batch.put("b", std::string(3 << 20, 'b'));
  batch.erase_range("c", "d");
  EXPECT_EQ(batch.bytes(), 1 + 1 + 1 + (3u << 20) + 2);
  ASSERT_TRUE(store_->write(batch));
  batch.clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.bytes(), 0u);
  batch.put("b", "2");
  ASSERT_TRUE(store_->write(batch));
  EXPECT_EQ(scanned("", ""), "a=1 b=2 ");
}

TEST_P(StoreTest, ABulkWriteIsThereAtOnceOrNotAtAll) {
  put("a", "old");
  put("b", "old");
  put("m1", "old");
  Batch first, second;
  first.put("b", "kept");
  first.put("c", "lost");
  first.erase_range("b", "d");
  first.put("c", "1");
  first.erase("a");
  second.put("x", "2");
  second.erase_range("m", "n");
  second.put("m2", "3");
  {
    const auto given_up = store_->bulk_write();
    ASSERT_TRUE(given_up);
    ASSERT_TRUE(given_up.value()->add(first));
  }
  EXPECT_EQ(scanned("", ""), "a=old b=old m1=old ");
  {
    const auto bulk = store_->bulk_write();
    ASSERT_TRUE(bulk) << bulk.status().message();
    ASSERT_TRUE(bulk.value()->add(first));
    ASSERT_TRUE(bulk.value()->add(second));
    EXPECT_EQ(scanned("", ""), "a=old b=old m1=old ");
    const Status committed = bulk.value()->commit();
    ASSERT_TRUE(committed) << committed.message();
  }
  EXPECT_EQ(scanned("", ""), "c=1 m2=3 x=2 ");
  if (GetParam().on_disk) {
    ASSERT_NO_FATAL_FAILURE(open());
    EXPECT_EQ(scanned("", ""), "c=1 m2=3 x=2 ");
  }
  EXPECT_EQ(get("b"), std::nullopt);
}

TEST_P(StoreTest, OfABulkWritesPartsTheLaterOutlasts) {
  put("a", "old");
  Batch first, second;
  first.put("c", "first");
  first.put("d", "first");
  first.put("x", "first");
  second.erase_range("d", "e");
  second.put("a", "second");
  second.put("c", "second");
  second.put("d2", "second");
  const auto bulk = store_->bulk_write();
  ASSERT_TRUE(bulk);
  ASSERT_TRUE(bulk.value()->next_part());  // of nothing
  ASSERT_TRUE(bulk.value()->add(first));
  ASSERT_TRUE(bulk.value()->next_part());
  ASSERT_TRUE(bulk.value()->add(second));
  EXPECT_EQ(scanned("", ""), "a=old ");
  const Status committed = bulk.value()->commit();
  ASSERT_TRUE(committed) << committed.message();
  EXPECT_EQ(scanned("", ""), "a=second c=second d2=second x=first ");
}

TEST_P(StoreTest, AnEmptyRangeErasesNothing) {
  put("a", "1");
  Batch batch;
  batch.erase_range("b", "a");
  batch.erase_range("a", "a");
  ASSERT_TRUE(store_->write(batch));
  EXPECT_EQ(get("a"), "1");
}

TEST_P(StoreTest, MultiGetAnswersInTheOrderOfItsKeys) {
  std::vector<std::string> keys;
  Batch batch;
  for (int i = 0; i < 1000; ++i) {
    char key[16];
    std::snprintf(key, sizeof key, "%04d", i);
    keys.emplace_back(key);
    if (i % 3 != 0) batch.put(key, std::to_string(i));
  }
  ASSERT_TRUE(store_->write(batch));
  std::vector<std::optional<std::string>> values(7, "left from another call");
  ASSERT_TRUE(store_->multi_get(keys, values));
  ASSERT_EQ(values.size(), keys.size());
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(values[i], i % 3 == 0 ? std::nullopt : std::optional(std::to_string(i))) << i;
  ASSERT_TRUE(store_->multi_get({}, values));
  EXPECT_TRUE(values.empty());
}

TEST_P(StoreTest, ScansAHalfOpenRangeInByteOrder) {
  for (const char* key : {"b", "a", "c", "\xff", "ab"}) put(key, "1");
  const struct {
    const char *name, *from, *until, *keys;
  } rows[] = {
      {"all", "", "", "a=1 ab=1 b=1 c=1 \xff=1 "},
      {"bounds that exist", "ab", "c", "ab=1 b=1 "},
      {"bounds that do not", "aa", "bb", "ab=1 b=1 "},
      {"no upper bound", "c", "", "c=1 \xff=1 "},
      {"nothing", "d", "e", ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(scanned(row.from, row.until), row.keys);
  }
}

TEST_P(StoreTest, ACursorSeeksWithinItsRangeAndKeepsItsMoment) {
  for (const char* key : {"a", "b", "c", "d"}) put(key, "old");
  auto cursor = store_->scan("b", "d");
  put("b", "new");
  Batch batch;
  batch.erase("c");
  ASSERT_TRUE(store_->write(batch));
  cursor->seek("a");
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->key(), "b");
  EXPECT_EQ(cursor->value(), "old");
  cursor->seek("c");
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->key(), "c");
  cursor->seek("d");
  EXPECT_FALSE(cursor->valid());
  EXPECT_TRUE(cursor->status());
}

// Random batches against a std::map, with flushes and reopening in between.
TEST_P(StoreTest, AgreesWithAMap) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::map<std::string, std::string> expected;
    Batch clean;
    clean.erase_range("", "\xff");
    ASSERT_TRUE(store_->write(clean));
    const auto some_key = [&] { return "k" + std::to_string(random() % 500); };
    for (int round = 0; round < 60; ++round) {
      Batch batch;
      for (unsigned change = random() % 200; change > 0; --change) {
        const std::string key = some_key();
        if (const unsigned what = random() % 100; what < 2) {
          const std::string until = some_key();
          batch.erase_range(key, until);
          if (key < until) expected.erase(expected.lower_bound(key), expected.lower_bound(until));
        } else if (what < 20) {
          batch.erase(key);
          expected.erase(key);
        } else {
          const std::string value(random() % 600, static_cast<char>('a' + random() % 26));
          batch.put(key, value);
          expected[key] = value;
        }
      }
      if (random() % 3 == 0) {
        const auto bulk = store_->bulk_write();
        ASSERT_TRUE(bulk);
        ASSERT_TRUE(bulk.value()->add(batch));
        ASSERT_TRUE(bulk.value()->commit());
      } else {
        ASSERT_TRUE(store_->write(batch));
      }
      if (random() % 8 == 0) {
        ASSERT_TRUE(store_->sync());
      }
      if (random() % 16 == 0 && GetParam().on_disk) {
        ASSERT_NO_FATAL_FAILURE(open());
      }
    }
    std::string all;
    for (const auto& [key, value] : expected) all.append(key).append("=").append(value).append(" ");
    EXPECT_EQ(scanned("", ""), all);
    std::vector<std::string> keys;
    for (int i = 0; i < 500; ++i) keys.push_back("k" + std::to_string(i));
    std::sort(keys.begin(), keys.end());
    std::vector<std::optional<std::string>> values;
    ASSERT_TRUE(store_->multi_get(keys, values));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto found = expected.find(keys[i]);
      EXPECT_EQ(values[i], found == expected.end() ? std::nullopt : std::optional(found->second)) << keys[i];
    }
  }
}

TEST_P(StoreTest, FiguresFollowWhatIsStored) {
  Batch batch;
  for (int i = 0; i < 1000; ++i) batch.put("k" + std::to_string(i), std::string(1000, static_cast<char>(i)));
  ASSERT_TRUE(store_->write(batch));
  EXPECT_GT(store_->figures().memory_bytes, 500'000u);
  ASSERT_TRUE(store_->sync());
  if (!GetParam().on_disk) return;
  EXPECT_GT(store_->figures().bytes_written, 10'000u);
  EXPECT_GT(store_->figures().disk_bytes, 10'000u);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, testing::Values(Kind{"Memory", false}, Kind{"RocksDb", true}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace nudge::state
