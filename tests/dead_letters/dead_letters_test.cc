// Dead letters read back from their records, chosen, and sent to an input.
#include "tools/nudge/dead_letters/dead_letter.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/support/dead_letter_line.h"
#include "tests/support/temporary_folder.h"
#include "tools/nudge/dead_letters/listing.h"
#include "tools/nudge/dead_letters/reinject.h"

namespace nudge::dead_letters {
namespace {

constexpr const char* kGood = R"({"event_id":"1","event_time":0,"visitor_id":"v","customer_id":"ann","action":"view"})";

std::string line(const std::string& place, const std::string& error_class, const std::string& raw) {
  return letter_line(place, error_class, raw) + "\n";
}

class FakeInput final : public Input {
 public:
  explicit FakeInput(std::string& written) : written_(written) {}
  Status append(Topic topic, std::string_view key, std::string_view record) override {
    written_.append(name_of(topic)).append(" ").append(key).append(" ").append(record).append("\n");
    return Status::ok();
  }
  Status finish() override {
    written_ += "finished\n";
    return Status::ok();
  }

 private:
  std::string& written_;
};

class DeadLettersTest : public testing::Test {
 protected:
  std::unique_ptr<Source> source(const std::string& lines) {
    std::ofstream(folder_ / "dead_letters.jsonl", std::ios::binary) << lines;
    auto source = open_folder(folder_.path());
    EXPECT_TRUE(source.is_ok());
    return std::move(source).value();
  }
  // What was written, or the failure.
  std::string sent(const std::string& lines, const ReinjectOptions& options) {
    std::string written;
    const auto done = reinject(
        *source(lines),
        [&]() -> Result<std::unique_ptr<Input>> { return std::unique_ptr<Input>(new FakeInput(written)); }, options);
    return done ? written : done.status().message();
  }
  std::string read(const std::string& name) {
    std::ostringstream content;
    content << std::ifstream(folder_ / name, std::ios::binary).rdbuf();
    return content.str();
  }
  TemporaryFolder folder_;
};

TEST_F(DeadLettersTest, AreReadBackByteForByte) {
  const std::string bytes("\xff\x00{\"", 4);
  const auto letter = parse_dead_letter(line("page_views/3/17", "encoding", bytes));
  ASSERT_TRUE(letter);
  EXPECT_EQ(to_string(letter->place), "page_views/3/17");
  EXPECT_EQ(letter->raw, bytes);
  EXPECT_EQ(letter->event_time, "2024-01-01T00:00:00.000Z");
  for (const char* text : {"", "{", "[]", "{}", R"({"topic":"care","partition":0,"offset":0})",
                           R"({"topic":"none","partition":0,"offset":0,"error_class":"a","message":"","raw":""})",
                           R"({"topic":"care","partition":-1,"offset":0,"error_class":"a","message":"","raw":""})",
                           R"({"topic":"care","partition":0,"offset":0,"error_class":"a","message":"","raw":"?"})"})
    EXPECT_FALSE(parse_dead_letter(text)) << text;
  for (const char* place : {"", "care", "care/0", "care/0/", "care/0/-1", "care/0/1/2", "none/0/1", "care/ 0/1"})
    EXPECT_FALSE(parse_place(place)) << place;
}

TEST_F(DeadLettersTest, AreCountedAndListed) {
  const std::string lines = line("care/0/1", "type", "a") + line("page_views/0/2", "json", "bb") + "cut off {\n" +
                            line("care/0/3", "type", "") + line("care/0/4", "json", "c");
  const auto from = source(lines);
  std::ofstream(folder_ / "dead_letters.jsonl", std::ios::app) << line("care/0/5", "json", "later");
  const auto counts = count(*from, {}, 10);
  ASSERT_TRUE(counts.is_ok());
  ASSERT_EQ(counts->rows.size(), 3u);
  EXPECT_EQ(counts->rows[0][1], program::Cell("type"));
  EXPECT_EQ(counts->rows[0][2], program::Cell(std::uint64_t{2}));
  EXPECT_EQ(counts->rows[0][4], program::Cell("care/0/1"));
  EXPECT_EQ(count(*from, {}, 1)->rows.size(), 1u);
  EXPECT_EQ(count(*from, {Topic::kCare, "json"}, 10)->rows[0][2], program::Cell(std::uint64_t{1}));
  const auto records = list(*from, {Topic::kCare, ""}, 2);
  ASSERT_EQ(records->rows.size(), 2u);
  EXPECT_EQ(records->rows[1][0], program::Cell("care/0/3"));
}

TEST_F(DeadLettersTest, GoBackWhereTheyAreGoodByNow) {
  const std::string lines = line("page_views/0/1", "future", kGood) + line("page_views/0/2", "json", "{");
  EXPECT_EQ(sent(lines, {.selection = {.places = {}, .filter = {{}, "future"}}, .mended = {}}),
            "page_views ann " + std::string(kGood) + "\nfinished\n");
  EXPECT_EQ(sent(lines, {.selection = {}, .mended = {}}),
            "1 of 2 records are still bad, and none was written; mend them, select others, or give --force:\n"
            "page_views/0/2: not one JSON object");
  EXPECT_EQ(sent(lines, {.selection = {}, .mended = {}, .force = true}),
            "page_views ann " + std::string(kGood) + "\npage_views  {\nfinished\n");
  EXPECT_EQ(sent(lines, {.selection = {.places = {{Topic::kPageViews, 0, 2}}, .filter = {}}, .mended = kGood}),
            "page_views ann " + std::string(kGood) + "\nfinished\n");
  EXPECT_EQ(sent(lines, {.selection = {.places = {{Topic::kCare, 0, 2}}, .filter = {}}, .mended = {}}),
            "care/0/2: no dead letter of this place is there");
  EXPECT_EQ(sent(lines, {.selection = {}, .mended = kGood}), "--mended: stands for one record, but 2 are selected");
  EXPECT_EQ(sent(lines, {.selection = {.places = {}, .filter = {Topic::kCare, ""}}, .mended = {}}), "");
}

TEST_F(DeadLettersTest, HaveTheKeyOfTheirTopic) {
  const std::string visitor = R"({"event_id":"1","event_time":0,"visitor_id":"v","action":"view"})";
  const std::string product = R"({"event_id":"1","event_time":0,"product_id":"p"})";
  EXPECT_EQ(sent(line("page_views/0/1", "type", visitor), {.selection = {}, .mended = {}}),
            "page_views v " + visitor + "\nfinished\n");
  EXPECT_EQ(sent(line("products/0/1", "type", product), {.selection = {}, .mended = {}}),
            "products p " + product + "\nfinished\n");
}

TEST_F(DeadLettersTest, GoIntoFilesThatAreNew) {
  std::ofstream(folder_ / "care_reinjected-0001.jsonl") << "there before";
  const auto input = open_input_folder(folder_.path());
  ASSERT_TRUE(input.is_ok());
  ASSERT_TRUE((*input)->append(Topic::kCare, "ann", "{\n\"a\": 1}"));
  ASSERT_TRUE((*input)->append(Topic::kCare, "bob", "{}"));
  EXPECT_EQ(read("care_reinjected-0002.jsonl"), "") << "nothing is to be seen before the end";
  ASSERT_TRUE((*input)->finish());
  EXPECT_EQ(read("care_reinjected-0001.jsonl"), "there before");
  EXPECT_EQ(read("care_reinjected-0002.jsonl"), "{ \"a\": 1}\n{}\n");
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_.path())) ++files;
  EXPECT_EQ(files, 2u);
  EXPECT_FALSE(open_input_folder(folder_ / "none").is_ok());
}

}  // namespace
}  // namespace nudge::dead_letters
