// What a flush of the file sink brings to the disk before it gives a position. The system calls are watched: here they
// are replaced by ones that note the path and go on to the kernel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "connectors/files/sink.h"
#include "tests/support/temporary_folder.h"

namespace {

std::vector<std::string> synced;
bool disk_is_broken = false;

int watched(long call, int descriptor) {
  synced.push_back(std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor)));
  if (!disk_is_broken) return static_cast<int>(syscall(call, descriptor));
  errno = EIO;
  return -1;
}

}  // namespace

extern "C" int fdatasync(int descriptor) { return watched(SYS_fdatasync, descriptor); }
extern "C" int fsync(int descriptor) { return watched(SYS_fsync, descriptor); }

namespace nudge::connectors {
namespace {

class FileSinkSync : public testing::Test {
 protected:
  FileSinkSync() { synced.clear(); }
  ~FileSinkSync() override { disk_is_broken = false; }
  std::vector<std::string> of_flush(Sink& sink) {
    synced.clear();
    EXPECT_TRUE(sink.flush());
    return synced;
  }
  TemporaryFolder folder_;
  const std::string root_ = std::filesystem::canonical(folder_.path());
  const std::string scores_ = root_ + "/out/deep/scores.jsonl", targets_ = root_ + "/out/deep/targets.jsonl";
};

TEST_F(FileSinkSync, TheFirstFlushKeepsTheFilesAndWhatListsThem) {
  const auto sink = make_file_sink(folder_ / "out/deep", {"scores", "targets"}).value();
  ASSERT_TRUE(sink->reset());
  ASSERT_TRUE(sink->append("scores", "a\n"));
  EXPECT_THAT(of_flush(*sink),
              testing::UnorderedElementsAre(scores_, targets_, root_ + "/out/deep", root_ + "/out", root_));
}

TEST_F(FileSinkSync, LaterFlushesKeepWhatWasWritten) {
  const auto sink = make_file_sink(folder_ / "out/deep", {"scores", "targets"}).value();
  ASSERT_TRUE(sink->reset());
  ASSERT_TRUE(sink->flush());
  EXPECT_THAT(of_flush(*sink), testing::IsEmpty());
  ASSERT_TRUE(sink->append("targets", "a\n"));
  EXPECT_THAT(of_flush(*sink), testing::ElementsAre(targets_));
  // What was too much for the buffer is written before the flush.
  ASSERT_TRUE(sink->append("scores", std::string(3 << 20, 'a') + "\n"));
  EXPECT_THAT(of_flush(*sink), testing::ElementsAre(scores_));
}

TEST_F(FileSinkSync, AFailureStays) {
  const auto sink = make_file_sink(folder_ / "out/deep", {"scores"}).value();
  ASSERT_TRUE(sink->reset());
  ASSERT_TRUE(sink->append("scores", "a\n"));
  disk_is_broken = true;
  const auto flushed = sink->flush();
  ASSERT_FALSE(flushed);
  EXPECT_THAT(flushed.status().message(), testing::HasSubstr("scores.jsonl: cannot be brought to the disk"));
  disk_is_broken = false;
  EXPECT_FALSE(sink->flush()) << "nobody knows what the disk has";
}

}  // namespace
}  // namespace nudge::connectors
