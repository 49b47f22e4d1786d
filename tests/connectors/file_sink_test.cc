// Output topics as files: what a commit recorded is kept, what came later is taken back.
#include "connectors/files/sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/temporary_folder.h"

namespace nudge::connectors {
namespace {

class FileSink : public testing::Test {
 protected:
  std::unique_ptr<Sink> sink() {
    auto made = make_file_sink(folder_ / "out/deep", {"scores", "targets.state"});
    EXPECT_TRUE(made) << made.status().message();
    return std::move(made).value();
  }
  std::string path(const std::string& topic) { return folder_ / ("out/deep/" + topic + ".jsonl"); }
  std::string content(const std::string& topic) {
    std::ostringstream out;
    out << std::ifstream(path(topic), std::ios::binary).rdbuf();
    return out.str();
  }
  TemporaryFolder folder_;
};

TEST_F(FileSink, EveryTopicHasAFileEvenAnEmptyOne) {
  const auto made = sink();
  ASSERT_TRUE(made->reset());
  ASSERT_TRUE(made->append("scores", "a\nb\n"));
  const auto position = made->flush();
  ASSERT_TRUE(position);
  EXPECT_EQ(*position, (SinkPosition{{"scores", 4}, {"targets.state", 0}}));
  EXPECT_EQ(content("scores"), "a\nb\n");
  EXPECT_TRUE(std::filesystem::exists(path("targets.state")));
}

TEST_F(FileSink, RewindingTakesBackWhatCameAfterTheCommit) {
  SinkPosition committed;
  {
    const auto made = sink();
    ASSERT_TRUE(made->reset());
    ASSERT_TRUE(made->append("scores", "a\n"));
    committed = *made->flush();
    ASSERT_TRUE(made->append("scores", "lost\n"));
    ASSERT_TRUE(made->append("targets.state", "lost\n"));
    ASSERT_TRUE(made->flush());
  }
  const auto made = sink();
  ASSERT_TRUE(made->rewind(committed));
  EXPECT_EQ(content("scores"), "a\n");
  EXPECT_EQ(content("targets.state"), "");
  ASSERT_TRUE(made->append("scores", "b\n"));
  EXPECT_EQ(made->flush().value().at("scores"), 4u);
  EXPECT_EQ(content("scores"), "a\nb\n");
  ASSERT_TRUE(made->append("scores", "in the buffer only\n"));
  ASSERT_TRUE(made->rewind(committed));
  EXPECT_EQ(made->flush().value().at("scores"), 2u);
  EXPECT_EQ(content("scores"), "a\n");
}

TEST_F(FileSink, WhatAnotherOneWritesIsNotTouched) {
  const auto first = sink(), second = sink();
  ASSERT_TRUE(first->reset());
  ASSERT_TRUE(first->append("scores", "a\n"));
  const auto committed = *first->flush();
  for (const Status& status : {second->reset(), second->rewind(committed)}) {
    EXPECT_EQ(status.error_class(), ErrorClass::kConfig);
    EXPECT_THAT(status.message(), testing::HasSubstr("another process writes it"));
  }
  EXPECT_EQ(content("scores"), "a\n");
}

TEST_F(FileSink, ResettingEmptiesWhatIsThere) {
  auto made = sink();
  ASSERT_TRUE(made->reset());
  ASSERT_TRUE(made->append("scores", "old\n"));
  ASSERT_TRUE(made->flush());
  made = sink();
  ASSERT_TRUE(made->reset());
  ASSERT_TRUE(made->append("scores", "new\n"));
  ASSERT_TRUE(made->flush());
  EXPECT_EQ(content("scores"), "new\n");
}

TEST_F(FileSink, LinesOfEverySizeKeepTheirOrder) {
  const auto made = sink();
  ASSERT_TRUE(made->reset());
  std::string expected;
  for (const std::size_t size : {1u, 700'000u, 700'000u, 3u, 5'000'000u, 2u, 1u << 20, 4u}) {
    const std::string line = std::string(size, static_cast<char>('a' + expected.size() % 26)) + "\n";
    expected += line;
    ASSERT_TRUE(made->append("scores", line));
  }
  EXPECT_EQ(made->flush().value().at("scores"), expected.size());
  EXPECT_EQ(content("scores"), expected);
}

TEST_F(FileSink, ATruncatedOrMissingFileStopsLoudly) {
  auto made = sink();
  ASSERT_TRUE(made->reset());
  ASSERT_TRUE(made->append("scores", "a\nb\n"));
  const SinkPosition committed = *made->flush();
  made.reset();
  std::filesystem::resize_file(path("scores"), 3);
  Status status = sink()->rewind(committed);
  ASSERT_FALSE(status.is_ok());
  EXPECT_EQ(status.error_class(), ErrorClass::kInputOutput);
  EXPECT_THAT(status.message(),
              testing::AllOf(testing::HasSubstr(path("scores")), testing::HasSubstr("3 bytes instead of 4"),
                             testing::HasSubstr("state_dir")));
  EXPECT_EQ(content("scores"), "a\nb") << "nothing is touched";
  std::filesystem::remove(path("scores"));
  status = sink()->rewind(committed);
  ASSERT_FALSE(status.is_ok());
  EXPECT_EQ(status.error_class(), ErrorClass::kInputOutput);
  EXPECT_THAT(status.message(), testing::AllOf(testing::HasSubstr("is missing"), testing::HasSubstr("state_dir")));
}

TEST_F(FileSink, AFolderThatCannotBeMadeIsNamed) {
  std::ofstream(folder_ / "out") << "a file";
  const auto made = make_file_sink(folder_ / "out/deep", {"scores"});
  ASSERT_FALSE(made.is_ok());
  EXPECT_EQ(made.status().error_class(), ErrorClass::kInputOutput);
  EXPECT_THAT(made.status().message(), testing::HasSubstr(folder_ / "out/deep"));
}

// A limit on the size of files stands for a full disk.
TEST_F(FileSink, AFullDiskNamesTheFileAndStaysAFailure) {
  const auto made = sink();
  ASSERT_TRUE(made->reset());
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_TRUE(made->append("scores", std::string(2000, 'x') + "\n"));
  const auto full = made->flush();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, handler);
  ASSERT_FALSE(full.is_ok());
  EXPECT_EQ(full.status().error_class(), ErrorClass::kInputOutput);
  EXPECT_THAT(full.status().message(),
              testing::AllOf(testing::HasSubstr(path("scores")), testing::HasSubstr("free space")));
  // A part of the buffer may be in the file: writing it again would double it.
  EXPECT_FALSE(made->flush().is_ok());
  EXPECT_FALSE(made->append("scores", "a\n").is_ok());
  ASSERT_TRUE(made->rewind({{"scores", 0}, {"targets.state", 0}}));
  EXPECT_TRUE(made->append("scores", "a\n"));
  EXPECT_TRUE(made->flush().is_ok());
  EXPECT_EQ(content("scores"), "a\n");
}

}  // namespace
}  // namespace nudge::connectors
