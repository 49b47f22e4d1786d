// generate() on small shops: the bytes of one seed are fixed, partitions and compression change no record, files are in
// order of arrival, and what is planted as noise is counted.
#include "tools/nudge/generate/generate.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "config/loader.h"
#include "engine/hash.h"
#include "engine/topic.h"

namespace nudge::generate {
namespace {

namespace fs = std::filesystem;

class Generate : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(::testing::TempDir()) / ("nudge_generate_" + std::string(test->name()));
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static GenerateOptions options(const std::string& yaml) {
    const config::LoadedConfig loaded = config::load_text(yaml, "shop.yaml", {}, parameters());
    EXPECT_TRUE(loaded.problems.empty()) << config::to_string(loaded.problems.front());
    return options_of(loaded.root);
  }
  fs::path write(const GenerateOptions& options, const std::string& name) {
    const Status status = generate(options, folder_ / name);
    EXPECT_TRUE(status.is_ok()) << status.message();
    return folder_ / name;
  }
  static std::string bytes(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.good()) << path;
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::vector<std::string> lines(const std::string& content) {
    std::vector<std::string> found;
    for (std::size_t begin = 0, end; (end = content.find('\n', begin)) != std::string::npos; begin = end + 1)
      found.push_back(content.substr(begin, end - begin));
    return found;
  }
  static std::vector<std::string> sorted(std::vector<std::string> lines) {
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  fs::path folder_;
};

const char* const kSmall = "{customers: 40, weeks: 30}";

TEST_F(Generate, TheBytesOfASeedAreFixed) {
  const fs::path shop = write(options(kSmall), "shop");
  std::uint64_t hash = 0;
  for (const std::string_view topic : kTopicNames) hash = hash64(bytes(shop / (std::string(topic) + ".jsonl")), hash);
  EXPECT_EQ(hash64(bytes(shop / "truth.json"), hash), 1600292038481542780u)
      << "the generator writes other bytes than it did";
}

TEST_F(Generate, PartitionsAndCompressionChangeNoRecord) {
  const fs::path one = write(options(kSmall), "one");
  const fs::path three = write(options("{customers: 40, weeks: 30, partitions: 3, compress: true}"), "three");
  for (const std::string_view topic : kTopicNames) {
    SCOPED_TRACE(topic);
    std::vector<std::string> parts;
    for (int i = 0; i < 3; ++i) {
      const std::string packed = bytes(three / (std::string(topic) + "-" + std::to_string(i) + ".jsonl.zst"));
      std::string plain(1 << 24, '\0');
      const std::size_t size = ZSTD_decompress(plain.data(), plain.size(), packed.data(), packed.size());
      ASSERT_FALSE(ZSTD_isError(size)) << ZSTD_getErrorName(size);
      plain.resize(size);
      for (std::string& line : lines(plain)) parts.push_back(std::move(line));
    }
    EXPECT_EQ(sorted(parts), sorted(lines(bytes(one / (std::string(topic) + ".jsonl")))));
  }
}

TEST_F(Generate, WithoutNoiseRecordsComeInOrderOfTime) {
  const fs::path shop =
      write(options("{customers: 40, weeks: 30, late: 0, duplicates: 0, disorder: 0, malformed: 0}"), "shop");
  for (const std::string_view topic : {"transactions", "page_views", "campaign_events"}) {
    SCOPED_TRACE(topic);
    Millis newest = 0;
    const auto records = lines(bytes(shop / (std::string(topic) + ".jsonl")));
    EXPECT_GT(records.size(), 100u);
    for (const std::string& record : records) {
      const auto place = record.find("\"event_time\":\"") + 14;
      const auto time = parse_time(record.substr(place, kTimeTextBytes));
      ASSERT_TRUE(time) << record;
      EXPECT_GE(*time, newest - 5 * kSecond) << record;
      newest = std::max(newest, *time);
    }
  }
}

TEST_F(Generate, MalformedLinesAreAddedToTheGoodOnes) {
  const std::string quiet = "{customers: 40, weeks: 30, late: 0, duplicates: 0, disorder: 0, malformed: 0}";
  const std::string noisy = "{customers: 40, weeks: 30, late: 0, duplicates: 0, disorder: 0, malformed: 0.2}";
  const auto good = sorted(lines(bytes(write(options(quiet), "quiet") / "page_views.jsonl")));
  const auto all = sorted(lines(bytes(write(options(noisy), "noisy") / "page_views.jsonl")));
  EXPECT_TRUE(std::includes(all.begin(), all.end(), good.begin(), good.end()));
  const double share = static_cast<double>(all.size() - good.size()) / static_cast<double>(good.size());
  EXPECT_NEAR(share, 0.2, 0.05);
}

TEST_F(Generate, ReplacesAnEarlierShopAndNothingElse) {
  const fs::path shop = write(options("{customers: 40, weeks: 2, partitions: 2}"), "shop");
  std::ofstream(shop / "notes.jsonl") << "mine";
  write(options("{customers: 40, weeks: 2}"), "shop");
  EXPECT_FALSE(fs::exists(shop / "transactions-1.jsonl"));
  EXPECT_TRUE(fs::exists(shop / "transactions.jsonl"));
  EXPECT_TRUE(fs::exists(shop / "notes.jsonl"));
}

TEST_F(Generate, NullPlantsNoRule) {
  GenerateOptions shop = options(kSmall);
  shop.null_rules = true;
  const std::string truth = bytes(write(shop, "null") / "truth.json");
  EXPECT_EQ(truth.find("\"basket_rule\""), std::string::npos);
  EXPECT_EQ(truth.find("\"sequence_rule\""), std::string::npos);
}

TEST_F(Generate, RefusesWhatCannotBe) {
  EXPECT_EQ(generate(options("{start: yesterday}"), folder_).error_class(), ErrorClass::kConfig);
  EXPECT_EQ(generate(options("{campaign_every: 90m}"), folder_).error_class(), ErrorClass::kConfig);
  EXPECT_EQ(generate(options(kSmall), "/dev/null/shop").error_class(), ErrorClass::kInputOutput);
}

}  // namespace
}  // namespace nudge::generate
