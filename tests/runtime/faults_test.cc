// What goes wrong around a replay: each ends in one clear error of the right class, and nothing is touched that is not
// the replay's own. Bad records are in the decoder's tests and in the scripts.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "config/application.h"
#include "engine/operator.h"
#include "engine/runtime/replay.h"
#include "engine/runtime/state_folder.h"
#include "state/store.h"
#include "tests/support/temporary_folder.h"

namespace nudge {
namespace {

namespace fs = std::filesystem;

class Replay {
 public:
  Replay() { fs::create_directories(input()); }
  fs::path input() const { return fs::path(folder_.path()) / "in"; }
  fs::path output() const { return output_; }
  void write_into(const fs::path& output) { output_ = output; }
  fs::path state() const { return fs::path(folder_.path()) / "state"; }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream(input() / name, std::ios::binary) << content;
  }
  void write_orders(int count) const {
    std::ofstream file(input() / "transactions.jsonl");
    for (int i = 0; i < count; ++i)
      file << R"({"event_id":")" << i << R"(","event_time":)" << 1'704'067'200'000 + i * 60'000LL
           << R"(,"customer_id":"c)" << i % 97 << R"(","transaction_id":"t)" << i
           << R"(","kind":"sale","lines":[{"product_id":"p","quantity":1,"unit_price":"9.99"}]})" << '\n';
  }

  Status run() const {
    const std::string overrides[] = {"input.path=" + input().string(), "engine.state_dir=" + state().string()};
    const auto loaded = config::load_application_text("input: {path: x}\noperators: {rfm: {}}\n", "shop.yaml",
                                                      overrides, all_operators());
    EXPECT_TRUE(loaded.problems.empty());
    ReplayOptions options;
    options.output_dir = output().string();
    return replay(loaded.application, options).status();
  }

 private:
  TemporaryFolder folder_;
  fs::path output_ = fs::path(folder_.path()) / "out";
};

void expect_error(const Status& status, ErrorClass error_class, const std::string& words) {
  ASSERT_FALSE(status.is_ok());
  EXPECT_EQ(status.error_class(), error_class);
  EXPECT_NE(status.message().find(words), std::string::npos) << status.message();
}

TEST(Faults, EmptyFilesAreNoError) {
  const Replay replay;
  replay.write("transactions.jsonl", "");
  replay.write("page_views.jsonl", "\n  \n");
  EXPECT_TRUE(replay.run().is_ok());
  EXPECT_TRUE(fs::exists(replay.output() / "dead_letters.jsonl"));
  EXPECT_EQ(fs::file_size(replay.output() / "rfm.jsonl"), 0u);
}

TEST(Faults, NothingButBadRecordsIsNoError) {
  const Replay replay;
  replay.write("transactions.jsonl", "{\n[1]\nnull\n");
  EXPECT_TRUE(replay.run().is_ok());
  EXPECT_GT(fs::file_size(replay.output() / "dead_letters.jsonl"), 0u);
}

TEST(Faults, AFolderWithoutTopics) {
  const Replay replay;
  replay.write("notes.txt", "hello");
  expect_error(replay.run(), ErrorClass::kInputOutput, "holds no topic");
}

TEST(Faults, AFolderThatIsMissing) {
  const Replay replay;
  fs::remove_all(replay.input());
  expect_error(replay.run(), ErrorClass::kInputOutput, "is no folder that can be read");
}

TEST(Faults, ATopicThatCannotBeRead) {
  const Replay replay;
  fs::create_symlink(replay.input() / "nowhere", replay.input() / "transactions.jsonl");
  expect_error(replay.run(), ErrorClass::kInputOutput, "transactions.jsonl");
}

TEST(Faults, ACompressedFileThatIsNone) {
  const Replay replay;
  replay.write("transactions.jsonl.zst", "this is not compressed");
  expect_error(replay.run(), ErrorClass::kInputOutput, "transactions.jsonl.zst");
}

TEST(Faults, TheFolderOfTheInputIsNoOutput) {
  Replay replay;
  replay.write_orders(10);
  replay.write_into(replay.input() / ".." / "in");
  expect_error(replay.run(), ErrorClass::kUsage, "is the folder of the input");
  EXPECT_FALSE(fs::exists(replay.input() / "rfm.jsonl"));
}

TEST(Faults, AStateOfAnotherVersion) {
  const Replay replay;
  replay.write_orders(10);
  fs::create_directories(replay.state());
  std::ofstream(replay.state() / "NUDGE_STATE") << "nudge state\nformat 99\nowner replay\nidentity 0\nunfinished\n";
  expect_error(replay.run(), ErrorClass::kConfig, "format 99");
}

TEST(Faults, TheStateOfALiveProgramIsNotTouched) {
  const Replay replay;
  replay.write_orders(10);
  fs::create_directories(replay.state());
  std::ofstream(replay.state() / "NUDGE_STATE")
      << "nudge state\nformat " << runtime::kStateFormat << "\nowner run\nidentity 0\nunfinished\n";
  expect_error(replay.run(), ErrorClass::kConfig, "nudge run");
}

TEST(Faults, AFolderOfSomebodyElseIsNotTouched) {
  const Replay replay;
  replay.write_orders(10);
  fs::create_directories(replay.state());
  std::ofstream(replay.state() / "thesis.txt") << "years of work";
  expect_error(replay.run(), ErrorClass::kConfig, "not nudge's");
  EXPECT_TRUE(fs::exists(replay.state() / "thesis.txt"));
}

TEST(Faults, AStateThatAnotherReplayUses) {
  const Replay replay;
  replay.write_orders(10);
  ASSERT_TRUE(replay.run().is_ok());
  state::StoreOptions options;
  options.folder = (replay.state() / "db").string();
  const auto other = state::open_rocksdb(options);
  ASSERT_TRUE(other.is_ok()) << other.status().message();
  expect_error(replay.run(), ErrorClass::kConfig, replay.state().string());
}

// The limit on a file's size stands for a disk that is full: writes fail in the middle. The replay runs in a process of
// its own that begins anew: a fork of this one would have the locks of threads that are not there.
TEST(FaultsDeathTest, AFullDisk) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const Replay replay;
  replay.write_orders(20'000);
  const auto run_out_of_space = [&replay] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 20, 1 << 20};
    setrlimit(RLIMIT_FSIZE, &limit);
    const Status status = replay.run();
    std::_Exit(!status.is_ok() && status.error_class() == ErrorClass::kInputOutput && !status.message().empty() ? 0
                                                                                                                : 1);
  };
  EXPECT_EXIT(run_out_of_space(), testing::ExitedWithCode(0), "");
  // With space again the same replay comes to its end.
  EXPECT_TRUE(replay.run().is_ok());
  EXPECT_TRUE(fs::exists(replay.output() / "report.json"));
}

}  // namespace
}  // namespace nudge
