// What type a column has, what is unknown, which label is meant, and what is said where that cannot be told.
#include "tools/nudge/evaluate/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "operators/scores/features.h"
#include "tests/support/temporary_folder.h"

namespace nudge::evaluate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DatasetTest : public testing::Test {
 protected:
  Result<Dataset> make(std::string_view csv, DatasetOptions options = {.target = "y"}) {
    const std::string path = folder_ / "t.csv";
    std::ofstream(path, std::ios::binary) << csv;
    const auto table = connectors::CsvTable::read(path);
    EXPECT_TRUE(table) << table.status().message();
    return make_dataset(*table, options);
  }
  TemporaryFolder folder_;
};

TEST_F(DatasetTest, FindsTypesAndUnknowns) {
  const auto made = make(
      "n,b,t,mixed,y\n"
      "1.5,Yes,red,7,1\n"
      "-2,no,blue,x,0\n"
      ",NO,red,8,1\n"
      "4,unknown,NA,9,0\n"
      "NaN,yes,red,?,1\n");
  ASSERT_TRUE(made) << made.status().message();
  const auto types = [&] {
    std::vector<std::string> types;
    for (const Feature& feature : made->features)
      types.push_back(feature.name + " " + std::string(name_of(feature.type)));
    return types;
  }();
  EXPECT_THAT(types, ElementsAre("n number", "b boolean", "t text", "mixed text"));
  EXPECT_EQ(made->features[0].unknown, 2u);
  EXPECT_EQ(made->features[1].unknown, 1u);
  EXPECT_EQ(made->features[0].distinct, 3u);
  EXPECT_EQ(made->rows.row(0)[0], 1.5f);
  EXPECT_TRUE(std::isnan(made->rows.row(2)[0]));
  EXPECT_EQ(made->rows.row(0)[1], 1.0f);
  EXPECT_EQ(made->rows.row(2)[1], 0.0f);
  EXPECT_TRUE(std::isnan(made->rows.row(3)[1]));
  EXPECT_EQ(made->rows.row(0)[2], 0.0f);  // red comes most often
  EXPECT_EQ(made->rows.row(1)[2], 1.0f);
  EXPECT_TRUE(std::isnan(made->rows.row(3)[2]));
  EXPECT_THAT(made->rows.labels, ElementsAre(1, 0, 1, 0, 1));
  EXPECT_EQ(made->positive, "1");
  EXPECT_EQ(made->positives, 3u);
  EXPECT_THAT(made->warnings, ElementsAre(HasSubstr("t.csv:3: column mixed: \"x\" makes a text of a column")));
}

TEST_F(DatasetTest, LeavesOutRowsAndColumns) {
  constexpr std::string_view kTable = "a,b,same,y\n1,x,k,true\n2,,k,false\n3,y,k,\n4,x,k,TRUE\n5,y,k,False\n";
  const auto all = make(kTable);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->read, 5u);
  EXPECT_EQ(all->without_target, 1u);
  EXPECT_EQ(all->rows.size(), 4u);
  EXPECT_EQ(all->features.size(), 2u);
  EXPECT_THAT(all->warnings, ElementsAre("column same is the same in all rows and is left out"));
  EXPECT_THAT(all->rows.labels, ElementsAre(1, 0, 1, 0));

  const auto known = make(kTable, {.target = "y", .positive = "", .dropped = {}, .drop_unknown = true});
  ASSERT_TRUE(known);
  EXPECT_EQ(known->with_unknown, 1u);
  EXPECT_EQ(known->rows.size(), 3u);
  const auto fewer = make(kTable, {.target = "y", .positive = "", .dropped = {"b"}, .drop_unknown = true});
  ASSERT_TRUE(fewer);
  EXPECT_EQ(fewer->with_unknown, 0u);  // what is not used may be unknown
  EXPECT_EQ(fewer->features.size(), 1u);
}

TEST_F(DatasetTest, APositiveValueMayBeNamed) {
  const auto made = make("a,y\n1,gold\n2,silver\n3,gold\n4,tin\n", {.target = "y", .positive = "gold"});
  ASSERT_TRUE(made) << made.status().message();
  EXPECT_THAT(made->rows.labels, ElementsAre(1, 0, 1, 0));
  EXPECT_EQ(made->positive, "gold");
}

TEST_F(DatasetTest, RareTextsShareABucket) {
  std::string csv = "t,y\n";
  for (int text = 0; text < 100; ++text)
    for (int times = 0; times < 100 - text; ++times)
      csv += "t" + std::to_string(text) + "," + (times % 2 ? "1" : "0") + "\n";
  const auto made = make(csv);
  ASSERT_TRUE(made);
  std::vector<float> first_of;  // the bucket of each text, in order of frequency
  std::size_t row = 0;
  for (int text = 0; text < 100; row += 100 - text++) first_of.push_back(made->rows.row(row)[0]);
  for (std::size_t text = 0; text < 100; ++text)
    EXPECT_EQ(first_of[text], static_cast<float>(std::min<std::size_t>(text, scores::kTextBuckets - 1))) << text;
}

TEST_F(DatasetTest, WarnsOfAColumnThatNamesRows) {
  std::string csv = "id,n,y\n";
  for (int row = 0; row < 50; ++row)
    csv += "c-" + std::to_string(row) + "," + std::to_string(row) + "," + (row % 2 ? "t" : "f") + "\n";
  const auto made = make(csv);
  ASSERT_TRUE(made);
  EXPECT_THAT(made->warnings, ElementsAre(HasSubstr("column id has 50 different texts in 50 rows")));
}

TEST_F(DatasetTest, SaysWhatIsWrong) {
  const struct {
    const char *name, *csv;
    DatasetOptions options;
    ErrorClass error_class;
    const char* words;
  } rows[] = {
      {"no such target", "a,b\n1,2\n", {.target = "y"}, ErrorClass::kUsage, "--target: "},
      {"no such column",
       "a,y\n1,0\n2,1\n",
       {.target = "y", .positive = "", .dropped = {"z"}},
       ErrorClass::kUsage,
       "--drop: "},
      {"the target dropped",
       "a,y\n1,0\n2,1\n",
       {.target = "y", .positive = "", .dropped = {"y"}},
       ErrorClass::kUsage,
       "is the target"},
      {"no boolean",
       "a,y\n1,x\n2,z\n3,w\n",
       {.target = "y"},
       ErrorClass::kUsage,
       "column y has 3 values, \"w\", \"x\", \"z\"; say with --positive"},
      {"never that value", "a,y\n1,x\n2,z\n", {.target = "y", .positive = "q"}, ErrorClass::kUsage, "is never \"q\""},
      {"one class", "a,y\n1,0\n2,0\n", {.target = "y"}, ErrorClass::kBadData, "0 of 2 rows are \"1\""},
      {"no target known", "a,y\n1,\n2,NA\n", {.target = "y"}, ErrorClass::kBadData, "no row is left"},
      {"nothing to go by", "a,y\n1,0\n1,1\n", {.target = "y"}, ErrorClass::kBadData, "no column tells rows apart"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto made = make(row.csv, row.options);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.status().error_class(), row.error_class);
    EXPECT_THAT(made.status().message(), HasSubstr(row.words));
  }
}

}  // namespace
}  // namespace nudge::evaluate
