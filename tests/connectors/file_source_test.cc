// A folder of files as a source.
#include "connectors/files/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "connectors/files/record_readers.h"
#include "engine/decode.h"
#include "tests/connectors/reading.h"
#include "tests/support/temporary_folder.h"

namespace nudge::connectors {
namespace {

std::string compressed(const std::string& content) {
  std::string out(ZSTD_compressBound(content.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 3));
  return out;
}

class FileSource : public testing::Test {
 protected:
  void file(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  std::unique_ptr<Source> source() {
    auto opened = open_file_source(folder_.path());
    EXPECT_TRUE(opened) << opened.status().message();
    return opened ? std::move(opened).value() : nullptr;
  }
  // The only partition, read whole.
  std::string content() {
    const auto opened = source();
    return summary(*opened, opened->partitions().at(0));
  }
  std::string failure() {
    const auto opened = source();
    const auto read = read_all(*opened, opened->partitions().at(0));
    EXPECT_FALSE(read.is_ok());
    EXPECT_EQ(read.status().error_class(), ErrorClass::kInputOutput);
    return read.is_ok() ? "" : read.status().message();
  }

  TemporaryFolder folder_;
};

TEST_F(FileSource, NumbersTheFilesOfATopicByName) {
  for (const char* name :
       {"transactions_b.jsonl", "transactions.jsonl", "transactions_a.csv", "transactions_B.jsonl.zst",
        "page_views-2.csv.zst", "page_views-10.jsonl", "care.jsonl", "customers_extra.jsonl"})
    file(name, "");
  std::string found;
  const auto opened = source();
  for (const PartitionInfo& partition : opened->partitions())
    found += std::string(name_of(partition.topic)) + "/" + std::to_string(partition.partition) + " " +
             std::filesystem::path(partition.name).filename().string() + "\n";
  EXPECT_EQ(found,
            "transactions/0 transactions.jsonl\n"
            "transactions/1 transactions_B.jsonl.zst\n"
            "transactions/2 transactions_a.csv\n"
            "transactions/3 transactions_b.jsonl\n"
            "page_views/0 page_views-10.jsonl\n"
            "page_views/1 page_views-2.csv.zst\n"
            "customers/0 customers_extra.jsonl\n"
            "care/0 care.jsonl\n");
  EXPECT_TRUE(opened->warnings().empty());
}

TEST_F(FileSource, NamesOtherFilesInWarnings) {
  for (const char* name :
       {"care.jsonl", "planted.json", "README.md", "transactions.txt", "my_transactions.jsonl", "care.jsonl.gz"})
    file(name, "x");
  std::filesystem::create_directory(folder_ / "products.jsonl");  // a folder is no file
  const auto opened = source();
  EXPECT_EQ(opened->partitions().size(), 1u);
  EXPECT_THAT(opened->warnings(),
              testing::ElementsAre(testing::HasSubstr("README.md"), testing::HasSubstr("care.jsonl.gz"),
                                   testing::HasSubstr("my_transactions.jsonl"), testing::HasSubstr("planted.json"),
                                   testing::HasSubstr("transactions.txt")));
}

TEST_F(FileSource, EveryLineIsAnOffsetButBlankOnesAreNoRecords) {
  const struct {
    const char *name, *content, *records;
  } rows[] = {
      {"empty", "", ""},
      {"one line", "a\n", "0:a "},
      {"no line feed at the end", "a\nb", "0:a 1:b "},
      {"blank lines count", "\n \t\r\na\n\n\nb\n\n", "2:a 5:b "},
      {"only blank lines", "\n\n \n", ""},
      {"blanks around are kept", " a\r\n\tb \n", "0: a\r 1:\tb  "},
      {"other white space is a record", "\v\n", "0:\v "},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    file("care.jsonl", row.content);
    EXPECT_EQ(content(), row.records);
    std::filesystem::remove(folder_ / "care.jsonl");
    file("care.jsonl.zst", compressed(row.content));
    EXPECT_EQ(content(), row.records);
    std::filesystem::remove(folder_ / "care.jsonl.zst");
  }
}

TEST_F(FileSource, BlankLinesBeyondOneReadAreNotTheEnd) {
  file("care.jsonl", std::string(3 << 20, '\n') + "a\n");
  EXPECT_EQ(content(), std::to_string(3 << 20) + ":a ");
}

TEST_F(FileSource, ReadsFramesOneAfterTheOther) {
  file("care.jsonl.zst", compressed("a\nb") + compressed("") + compressed("c\nd\n"));
  EXPECT_EQ(content(), "0:a 1:bc 2:d ");
}

TEST_F(FileSource, LinesLongerThanABlockAreWhole) {
  const std::string line(5 << 20, 'x');
  file("care.jsonl", line + "\nshort\n" + line);
  EXPECT_EQ(content(), "0:" + line + " 1:short 2:" + line + " ");
}

TEST_F(FileSource, EveryRecordIsFollowedByPadding) {
  file("care.jsonl", "a\nb");
  const auto opened = source();
  const auto reader = opened->open(opened->partitions()[0], {});
  RawBatch batch;
  for (int records : {1, 1, 0}) {
    ASSERT_TRUE((*reader)->read(batch, 1, 1 << 20));
    ASSERT_EQ(batch.lines.size(), static_cast<std::size_t>(records));
    ASSERT_GE(batch.bytes.size(), (records > 0 ? batch.lines[0].begin + batch.lines[0].size : 0) + kInputPadding);
  }
}

// From the position after any record, whatever the sizes of batches, the rest is the same as in one go.
TEST_F(FileSource, GoesOnFromAnyPosition) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::string lines, csv = "event_id,reason\n";
    for (int i = 0; i < 3000; ++i) {
      if (random() % 5 == 0) lines += " \n", csv += "\n";
      const std::string text(random() % 900, static_cast<char>('a' + random() % 26));
      lines += std::to_string(i) + text + "\n";
      csv += std::to_string(i) + (random() % 2 == 0 ? ",\"" + text + "\n\"\"\"\n" : "," + text + "\r\n");
    }
    file("care_1.jsonl", lines);
    file("care_2.jsonl.zst", compressed(lines));
    file("care_3.csv", csv);
    file("care_4.csv.zst", compressed(csv));
    const auto opened = source();
    for (const PartitionInfo& partition : opened->partitions()) {
      SCOPED_TRACE(partition.name);
      const auto all = read_all(*opened, partition);
      ASSERT_TRUE(all) << all.status().message();
      ASSERT_EQ(all->size(), 3000u);
      for (int probe = 0; probe < 4; ++probe) {
        const std::size_t from = random() % all->size();
        const auto rest = read_all(*opened, partition, (*all)[from].after, 1 + random() % 400, 1 + random() % 100'000);
        ASSERT_TRUE(rest) << rest.status().message();
        ASSERT_EQ(rest->size(), all->size() - from - 1);
        for (std::size_t i = 0; i < rest->size(); ++i) {
          ASSERT_EQ((*rest)[i].offset, (*all)[from + 1 + i].offset);
          ASSERT_EQ((*rest)[i].raw, (*all)[from + 1 + i].raw);
          ASSERT_EQ((*rest)[i].json, (*all)[from + 1 + i].json);
          ASSERT_EQ((*rest)[i].after.place, (*all)[from + 1 + i].after.place);
        }
      }
    }
  }
}

TEST_F(FileSource, ProgressReachesTheSizeOfTheFile) {
  std::string lines;
  for (int i = 0; i < 100'000; ++i) lines += std::to_string(i) + "\n";
  file("care_1.jsonl", lines);
  file("care_2.jsonl.zst", compressed(lines));
  const auto opened = source();
  for (const PartitionInfo& partition : opened->partitions()) {
    EXPECT_EQ(partition.bytes, std::filesystem::file_size(partition.name));
    const auto reader = opened->open(partition, {});
    RawBatch batch;
    do ASSERT_TRUE((*reader)->read(batch, 1000, 1 << 20));
    while (!batch.lines.empty());
    EXPECT_EQ((*reader)->bytes_read(), partition.bytes);
  }
}

TEST_F(FileSource, TheFingerprintFollowsNameSizeAndContent) {
  const auto fingerprint = [&] { return source()->partitions().at(0).fingerprint; };
  file("care.jsonl", "aaaa\n");
  const std::string first = fingerprint();
  EXPECT_EQ(fingerprint(), first);
  file("care.jsonl", "aaab\n");
  EXPECT_NE(fingerprint(), first);
  file("care.jsonl", "aaaa\nb");
  EXPECT_NE(fingerprint(), first);
  std::filesystem::remove(folder_ / "care.jsonl");
  file("care_1.jsonl", "aaaa\n");
  EXPECT_NE(fingerprint(), first);
}

TEST_F(FileSource, RefusesWhatIsNoFolderOfTopics) {
  file("file", "x");
  const struct {
    const char* name;
    std::string path;
    ErrorClass error_class;
  } rows[] = {
      {"missing", folder_ / "missing", ErrorClass::kInputOutput},
      {"a file", folder_ / "file", ErrorClass::kUsage},
      {"no topic", folder_.path(), ErrorClass::kInputOutput},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto opened = open_file_source(row.path);
    ASSERT_FALSE(opened.is_ok());
    EXPECT_EQ(opened.status().error_class(), row.error_class);
    EXPECT_THAT(opened.status().message(), testing::HasSubstr(row.path));
  }
}

TEST_F(FileSource, BrokenCompressionNamesFileAndReason) {
  std::string lines;
  for (int i = 0; i < 50'000; ++i) lines += std::to_string(i * 7919) + "\n";
  const std::string whole = compressed(lines);
  std::string flipped = whole;
  flipped[flipped.size() / 2] ^= 0x55;
  const struct {
    const char* name;
    std::string bytes;
  } rows[] = {
      {"not zstd", lines},
      {"cut off", whole.substr(0, whole.size() - 5)},
      {"cut off in the header", whole.substr(0, 3)},
      {"changed in the middle", flipped.substr(0, flipped.size() - 1)},
      {"followed by other bytes", whole + "trailing"},
      {"a second frame cut off", whole + whole.substr(0, 10)},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    file("care.jsonl.zst", row.bytes);
    EXPECT_THAT(failure(), testing::AllOf(testing::HasSubstr(folder_ / "care.jsonl.zst"),
                                          testing::HasSubstr("cannot be read as zstd data")));
  }
}

TEST_F(FileSource, AFileThatHasVanishedOrIsForbiddenIsNamed) {
  file("care.jsonl", "a\n");
  const auto opened = source();
  std::filesystem::remove(folder_ / "care.jsonl");
  const auto read = read_all(*opened, opened->partitions()[0]);
  ASSERT_FALSE(read.is_ok());
  EXPECT_EQ(read.status().error_class(), ErrorClass::kInputOutput);
  EXPECT_THAT(read.status().message(), testing::HasSubstr(folder_ / "care.jsonl"));
  if (geteuid() == 0) return;  // root may read everything
  file("care.jsonl", "a\n");
  std::filesystem::permissions(folder_ / "care.jsonl", std::filesystem::perms::none);
  EXPECT_THAT(failure(), testing::HasSubstr(folder_ / "care.jsonl"));
}

TEST_F(FileSource, AFileThatHasShrunkIsNotReadOnSilently) {
  for (const char* name : {"care.jsonl", "care.csv", "care.jsonl.zst", "care.csv.zst"}) {
    SCOPED_TRACE(name);
    const bool zstd = std::string_view(name).ends_with(".zst");
    const std::string content = "event_id\nb\nc\n";
    file(name, zstd ? compressed(content) : content);
    const auto opened = source();
    const auto read = read_all(*opened, opened->partitions()[0], {9, content.size() + 1});
    ASSERT_FALSE(read.is_ok());
    EXPECT_EQ(read.status().error_class(), ErrorClass::kInputOutput);
    EXPECT_THAT(read.status().message(), testing::HasSubstr("shorter"));
    std::filesystem::remove(folder_ / name);
  }
}

TEST_F(FileSource, ARecordBeyondTheLimitNamesItsPlace) {
  {
    std::ofstream out(folder_ / "care.jsonl", std::ios::binary);
    out << "a\n";
  }
  std::filesystem::resize_file(folder_ / "care.jsonl", kRecordBytesMax + (8 << 20));  // a hole: no bytes on the disk
  EXPECT_THAT(failure(), testing::AllOf(testing::HasSubstr("record 1, at byte 2"), testing::HasSubstr("256 MiB")));
}

TEST_F(FileSource, ABadCsvHeaderIsAFailureAndAnEmptyFileIsNone) {
  file("care.csv", "");
  EXPECT_EQ(content(), "");
  file("care.csv", "a,b\n");
  EXPECT_EQ(content(), "");
  file("care.csv", "a,,b\n1,2,3\n");
  EXPECT_THAT(failure(), testing::AllOf(testing::HasSubstr(folder_ / "care.csv"), testing::HasSubstr("column 2")));
}

TEST_F(FileSource, CsvRowsCountFromZeroBehindTheHeader) {
  file("care.csv", "event_id,reason\r\n1,a\r\n\r\n2,\"b\nb\"\r\n3,c");
  const auto opened = source();
  const auto records = read_all(*opened, opened->partitions()[0]);
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 3u);
  EXPECT_EQ((*records)[0].offset, 0u);
  EXPECT_EQ((*records)[0].raw, "1,a\r");
  EXPECT_EQ((*records)[0].json, R"({"event_id":"1","reason":"a"})");
  EXPECT_EQ((*records)[1].offset, 2u);
  EXPECT_EQ((*records)[1].raw, "2,\"b\nb\"\r");
  EXPECT_EQ((*records)[1].json, R"({"event_id":"2","reason":"b\nb"})");
  EXPECT_EQ((*records)[2].offset, 3u);
}

}  // namespace
}  // namespace nudge::connectors
