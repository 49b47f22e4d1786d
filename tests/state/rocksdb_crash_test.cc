// What RocksDB leaves behind after a death, a full disk and a forbidden or busy folder.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>

#include "state/store.h"
#include "tests/support/temporary_folder.h"

namespace nudge::state {
namespace {

StoreOptions small_store(const std::string& folder) {
  return {.folder = folder, .memory_budget_bytes = 8 << 20, .threads = 1};
}

// A child is this program again, running one of the disabled tests below: a fork alone would inherit RocksDB's
// thread pools without their threads.
int run_child(const std::string& test, const std::map<std::string, std::string>& arguments) {
  const pid_t child = fork();
  if (child == 0) {
    for (const auto& [name, value] : arguments) setenv(name.c_str(), value.c_str(), 1);
    const std::string filter = "--gtest_filter=RocksDbChild.DISABLED_" + test;
    execl("/proc/self/exe", "child", "--gtest_also_run_disabled_tests", "--gtest_brief=1", filter.c_str(), nullptr);
    _exit(126);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

std::string argument(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}
int number_argument(const char* name) { return std::stoi(argument(name)); }

std::string key_of(int i) {
  char key[16];
  std::snprintf(key, sizeof key, "k%08d", i);
  return key;
}

constexpr int kKeys = 500;

// Batch n writes n to `kKeys` keys, so that a store after whole batches has the same number everywhere.
Status write_batch(Store& store, int n) {
  Batch batch;
  for (int i = 0; i < kKeys; ++i) batch.put(key_of(i), std::to_string(n) + " " + std::string(300, 'x'));
  batch.erase_range("old", "olf");
  batch.put("old" + std::to_string(n), "");
  if (n % 3 != 0) return store.write(batch);
  NUDGE_ASSIGN(const auto bulk, store.bulk_write());
  NUDGE_TRY(bulk->add(batch));
  return bulk->commit();
}

// The number of the last batch, checked to be whole; 0 for none.
int last_batch(Store& store) {
  std::optional<int> last;
  int keys = 0, olds = 0;
  for (auto cursor = store.scan("", ""); cursor->valid(); cursor->next()) {
    if (cursor->key().substr(0, 3) == "old") {
      EXPECT_EQ(cursor->key(), "old" + std::to_string(last.value_or(0)));
      ++olds;
      continue;
    }
    int n = 0;
    std::from_chars(cursor->value().data(), cursor->value().data() + cursor->value().size(), n);
    EXPECT_EQ(n, last.value_or(n)) << "a batch was split at " << cursor->key();
    last = n;
    ++keys;
  }
  EXPECT_EQ(keys, last ? kKeys : 0);
  EXPECT_EQ(olds, last ? 1 : 0);
  return last.value_or(0);
}

// Writes `batches` batches after number `before`, syncs after one of them, and dies.
TEST(RocksDbChild, DISABLED_WritesAndDies) {
  auto store = open_rocksdb(small_store(argument("folder")));
  ASSERT_TRUE(store) << store.status().message();
  const int before = number_argument("before");
  for (int n = 1; n <= number_argument("batches"); ++n) {
    ASSERT_TRUE(write_batch(**store, before + n));
    if (n == number_argument("synced_at")) {
      ASSERT_TRUE((*store)->sync());
    }
  }
  kill(getpid(), SIGKILL);
}

TEST(RocksDbCrash, LeavesWholeBatchesFromTheStart) {
  int lost_some = 0;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    const TemporaryFolder folder;
    int before = 0;
    std::mt19937 random(seed);
    for (int life = 0; life < 3; ++life) {
      const int batches = 20 + static_cast<int>(random() % 120);
      const int synced_at = 1 + static_cast<int>(random() % batches);
      const int status = run_child("WritesAndDies", {{"folder", folder.path()},
                                                     {"before", std::to_string(before)},
                                                     {"batches", std::to_string(batches)},
                                                     {"synced_at", std::to_string(synced_at)}});
      ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
      auto store = open_rocksdb(small_store(folder.path()));
      ASSERT_TRUE(store) << store.status().message();
      const int last = last_batch(**store);
      EXPECT_GE(last, before + synced_at) << "a synced batch is lost";
      EXPECT_LE(last, before + batches);
      lost_some += last < before + batches;
      before = last;
    }
  }
  EXPECT_GT(lost_some, 0) << "no death came before a flush: the test shows nothing";
}

TEST(RocksDbCrash, ClosingKeepsEverything) {
  const TemporaryFolder folder;
  for (int n = 1; n <= 3; ++n) {
    auto store = open_rocksdb(small_store(folder.path()));
    ASSERT_TRUE(store);
    EXPECT_EQ(last_batch(**store), n - 1);
    ASSERT_TRUE(write_batch(**store, n));
  }
}

void expect_failure(const Status& status, ErrorClass error_class, const std::string& folder) {
  ASSERT_FALSE(status.is_ok());
  EXPECT_EQ(status.error_class(), error_class) << status.message();
  EXPECT_NE(status.message().find(folder), std::string::npos) << status.message();
}

TEST(RocksDbCrash, AFolderInUseIsAMatterOfConfiguration) {
  const TemporaryFolder folder;
  auto store = open_rocksdb(small_store(folder.path()));
  ASSERT_TRUE(store);
  expect_failure(open_rocksdb(small_store(folder.path())).status(), ErrorClass::kConfig, folder.path());
  // Another process sees another message of the system.
  EXPECT_EQ(run_child("FindsItsFolderInUse", {{"folder", folder.path()}}), 0);
}

TEST(RocksDbChild, DISABLED_FindsItsFolderInUse) {
  expect_failure(open_rocksdb(small_store(argument("folder"))).status(), ErrorClass::kConfig, argument("folder"));
}

TEST(RocksDbCrash, AFolderThatCannotBeMadeIsNamed) {
  const TemporaryFolder folder;
  std::ofstream(folder / "file") << "x";
  expect_failure(open_rocksdb(small_store(folder / "file/state")).status(), ErrorClass::kInputOutput,
                 folder / "file/state");
}

TEST(RocksDbCrash, AReadOnlyFolderIsNamed) {
  if (geteuid() == 0) GTEST_SKIP() << "everything may be written by root";
  const TemporaryFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  expect_failure(open_rocksdb(small_store(folder.path())).status(), ErrorClass::kInputOutput, folder.path());
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
}

TEST(RocksDbCrash, ADamagedFolderIsNamed) {
  const TemporaryFolder folder;
  {
    auto store = open_rocksdb(small_store(folder.path()));
    ASSERT_TRUE(store);
    ASSERT_TRUE(write_batch(**store, 1));
  }
  std::ofstream(folder / "CURRENT") << "MANIFEST-999999\n";
  expect_failure(open_rocksdb(small_store(folder.path())).status(), ErrorClass::kInputOutput, folder.path());
}

// A limit on the size of files is to RocksDB what a full disk is, and needs no disk of its own.
TEST(RocksDbChild, DISABLED_FillsItsDisk) {
  auto store = open_rocksdb(small_store(argument("folder")));
  ASSERT_TRUE(store) << store.status().message();
  ASSERT_TRUE(write_batch(**store, 1));
  ASSERT_TRUE((*store)->sync());
  signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{.rlim_cur = 20'000, .rlim_max = RLIM_INFINITY};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  Status failed;
  for (int n = 2; n <= 200 && failed.is_ok(); ++n) failed = write_batch(**store, n);
  expect_failure(failed, ErrorClass::kInputOutput, argument("folder"));
  expect_failure((*store)->sync(), ErrorClass::kInputOutput, argument("folder"));
  store.value().reset();  // must not hang
}

TEST(RocksDbCrash, ADiskThatTakesNoMoreFailsLoudlyAndGoesBackToWholeBatches) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_child("FillsItsDisk", {{"folder", folder.path()}}), 0);
  auto store = open_rocksdb(small_store(folder.path()));
  ASSERT_TRUE(store) << store.status().message();
  EXPECT_GE(last_batch(**store), 1);
}

}  // namespace
}  // namespace nudge::state
