// Tables of people's own: what is read, and what is said of a file that is none.
#include "connectors/files/csv_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <fstream>
#include <random>

#include "tests/support/temporary_folder.h"

namespace nudge::connectors {
namespace {

class CsvTableTest : public testing::Test {
 protected:
  std::string write(std::string_view content, std::string_view name = "t.csv") {
    const std::string path = folder_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  TemporaryFolder folder_;
};

TEST_F(CsvTableTest, ReadsNamesAndCells) {
  const std::string path = write(
      "\xef\xbb\xbf"
      "a,\"b \"\"c\"\"\",d\r\n1,,\"x,\ny\"\r\n\r\n2,3,");
  const auto table = CsvTable::read(path);
  ASSERT_TRUE(table) << table.status().message();
  EXPECT_EQ(table->columns(), 3u);
  EXPECT_EQ(table->name(1), "b \"c\"");
  ASSERT_EQ(table->rows(), 2u);
  EXPECT_EQ(table->cell(0, 0), "1");
  EXPECT_EQ(table->cell(0, 1), "");
  EXPECT_EQ(table->cell(0, 2), "x,\ny");
  EXPECT_EQ(table->cell(1, 2), "");
  EXPECT_EQ(table->place(1, 0), path + ":5: column a");
  EXPECT_EQ(table->column_named("d"), 2u);
  EXPECT_FALSE(table->column_named("D"));
}

TEST_F(CsvTableTest, AHeaderAloneIsATableWithoutRows) {
  const auto table = CsvTable::read(write("a,b"));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->rows(), 0u);
}

TEST_F(CsvTableTest, SaysWhatIsWrongAndWhere) {
  const struct {
    const char *name, *content, *words;
  } rows[] = {
      {"nothing", "", "t.csv:1: is empty; the first line must name the columns"},
      {"no header", "\na,b\n", "t.csv:1: is empty"},
      {"a column without name", "a,,c\n", "t.csv:1: column 2 has no name"},
      {"a name twice", "a,b,a\n", "t.csv:1: names the column a twice"},
      {"semicolons", "a;b;c\n1;2;3\n", "t.csv:1: has no comma"},
      {"an open quote in the header", "\"a,b\n", "t.csv:1: a quote in the header"},
      {"too few cells", "a,b\n1,2\n\n3\n", "t.csv:4: has 1 cells, the header names 2 columns; mend or remove"},
      {"too many cells", "a,b\n1,2,3\n", "t.csv:2: has 3 cells, the header names 2 columns; quote cells"},
      {"an open quote", "a,b\n1,\"2\n3,4\n", "t.csv:2: a quote is not closed"},
      {"text behind a quote", "a,b\n1,\"2\"x\n", "t.csv:2: a quote is not closed, or followed by text"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto table = CsvTable::read(write(row.content));
    ASSERT_FALSE(table);
    EXPECT_EQ(table.status().error_class(), ErrorClass::kBadData);
    EXPECT_THAT(table.status().message(), testing::HasSubstr(row.words));
  }
  EXPECT_EQ(CsvTable::read(folder_ / "none.csv").status().error_class(), ErrorClass::kInputOutput);
}

TEST_F(CsvTableTest, AMissingColumnIsNamedWithThoseThatAreThere) {
  const auto table = CsvTable::read(write("a,b\n"));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->required_column("b", "--target").value(), 1u);
  const auto missing = table->required_column("c", "--target");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.status().error_class(), ErrorClass::kUsage);
  EXPECT_THAT(missing.status().message(), testing::HasSubstr("t.csv has no column \"c\"; it has a, b"));
}

TEST_F(CsvTableTest, ReadsBackWhatWasWrittenAlsoCompressed) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::size_t columns = 2 + random() % 4, rows = random() % 30;
    constexpr std::string_view kCharacters = "ab ,\"\n\r;1";
    std::vector<std::string> cells;
    std::string csv;
    for (std::size_t column = 0; column < columns; ++column) csv += (column ? ",c" : "c") + std::to_string(column);
    for (std::size_t i = 0; i < rows * columns; ++i) {
      std::string& cell = cells.emplace_back();
      for (std::size_t left = random() % 6; left > 0; --left) cell += kCharacters[random() % kCharacters.size()];
      csv += i % columns ? "," : "\n";
      csv += '"';
      for (const char c : cell) csv.append(c == '"' ? 2 : 1, c);
      csv += '"';
    }
    std::string packed(ZSTD_compressBound(csv.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), csv.data(), csv.size(), 1));
    for (const std::string& path : {write(csv), write(packed, "t.csv.zst")}) {
      const auto table = CsvTable::read(path);
      ASSERT_TRUE(table) << table.status().message();
      ASSERT_EQ(table->rows(), rows);
      for (std::size_t i = 0; i < cells.size(); ++i) EXPECT_EQ(table->cell(i / columns, i % columns), cells[i]);
    }
  }
}

TEST(NumberOfCell, TakesWholeNumbersOnly) {
  const struct {
    const char* cell;
    std::optional<double> number;
  } rows[] = {{"1", 1},    {"-2.5e3", -2500}, {"+.5", 0.5}, {" 7 ", 7},  {"", {}},          {"x", {}},
              {"1x", {}},  {"1,5", {}},       {"nan", {}},  {"inf", {}}, {"-Infinity", {}}, {"1e999", {}},
              {"+-1", {}}, {"0x10", {}},      {"1 2", {}},  {"007", 7},  {"1e-400", {}}};
  for (const auto& row : rows) EXPECT_EQ(number_of_cell(row.cell), row.number) << row.cell;
}

}  // namespace
}  // namespace nudge::connectors
