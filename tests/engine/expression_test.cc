// SQL expressions: what they say of rows, what they may use, and that their memory never changes an answer.
#include "engine/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace nudge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr ExpressionColumn kColumns[] = {
    {"orders", ValueType::kInteger},           {"net", ValueType::kReal},           {"gender", ValueType::kText},
    {"city_size", ValueType::kText},           {"birth_year", ValueType::kInteger}, {"attributes", ValueType::kText},
    {"trigger.campaign_id", ValueType::kText}, {"campaign_id", ValueType::kText},
};

Expression compiled(std::string_view sql) {
  auto result = Expression::compile(sql, kColumns);
  NUDGE_CHECK(result.is_ok(), result.status().message().c_str());
  return std::move(result).value();
}

std::vector<Value> used_of(const Expression& expression, std::span<const Value> whole) {
  std::vector<Value> row;
  for (const std::size_t index : expression.used()) row.push_back(whole[index]);
  return row;
}

TEST(Expression, SaysWhatSqlSays) {
  const Value woman[] = {std::int64_t{3}, 12.5, "F", "big", std::int64_t{1980}, R"({"vip": true, "n": 7})", "c2", "c2"};
  const Value nobody[] = {{}, {}, {}, {}, {}, {}, {}, {}};
  const struct {
    const char* sql;
    bool of_woman, of_nobody;
    std::optional<double> number;
  } rows[] = {
      {"true", true, true, 1},
      {"false", false, false, 0},
      {"orders >= 1", true, false, 1},
      {"orders >= 4", false, false, 0},
      {"orders", true, false, 3},
      {"gender = 'F' and city_size = 'big'", true, false, 1},
      {"gender <> 'F'", false, false, 0},
      {"gender is null", false, true, 0},
      {"coalesce(orders, 0) = 0", false, true, 0},
      {"net * orders", true, false, 37.5},
      {"birth_year = '1980'", true, false, 1},  // an INTEGER column takes the text for a number, as a table's does
      {"ORDERS BETWEEN 2 AND 4", true, false, 1},
      {"\"orders\" in (1, 2, 3)", true, false, 1},
      {"case gender when 'F' then 2 else 0.5 end", true, true, 2},
      {"gender like 'f'", true, false, 1},
      {"gender", false, false, std::nullopt},
      {"'1'", true, true, std::nullopt},
      {"null", false, false, std::nullopt},
      {"json_extract(attributes, '$.n') = 7 and attributes ->> 'vip'", true, false, 1},
      {"max(orders, 10)", true, false, 10},
      {"abs(-9223372036854775805 - orders)", false, false, std::nullopt},  // overflows: an error in SQL
      {"9e999 * orders", false, false, std::nullopt},
      {"ln(exp(2.0))", true, true, 2},
      {"pow(2, orders)", true, false, 8},
      {"campaign_id = trigger.campaign_id", true, false, 1},
      {"1 -- a comment", true, true, 1},
      {"1 /* ( */", true, true, 1},
      {"gender = 'F;)'", false, false, 0},
      {"row.orders = 3", true, false, 1},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.sql);
    Expression expression = compiled(row.sql);
    for (int repeat = 0; repeat < 2; ++repeat) {
      EXPECT_EQ(expression.holds(used_of(expression, woman)), row.of_woman);
      EXPECT_EQ(expression.holds(used_of(expression, nobody)), row.of_nobody);
      EXPECT_EQ(expression.number(used_of(expression, woman)), row.number);
    }
    EXPECT_EQ(expression.text(), row.sql);
  }
}

TEST(Expression, NamesTheColumnsThatItReads) {
  EXPECT_THAT(compiled("true").used(), ElementsAre());
  EXPECT_THAT(compiled("gender = 'orders'").used(), ElementsAre(2));
  EXPECT_THAT(compiled("net > 1 or Orders > 1 or net < 0").used(), ElementsAre(0, 1));
  EXPECT_THAT(compiled("false and city_size = 'net'").used(), ElementsAre(3));
  EXPECT_THAT(compiled("trigger.campaign_id is not null").used(), ElementsAre(6));
}

TEST(Expression, RefusesWhatItMayNotUse) {
  const struct {
    const char* sql;
    const char* message;
  } rows[] = {
      {"", "empty"},
      {"  \n", "empty"},
      {"orders >=", "syntax error"},
      {"ordes >= 1", "no column \"ordes\"; near: orders"},
      {"birthyear = 1", "near: birth_year"},
      {"gender = \"F\"", "single quotes"},
      {"orders >= 1; select 1", "';'"},
      {"orders) from row where (1", "')' without '('"},
      {"1) /*", "')' without '('"},
      {"1 /*", "comment"},
      {"'", "quote"},
      {"(1", "'(' without ')'"},
      {"1, 2", ""},
      {"orders, net", ""},
      {"orders > ?1", "parameters"},
      {"orders > :least", "parameters"},
      {"(select 1)", "SELECT"},
      {"exists (select * from sqlite_master)", "not a column"},
      {"orders in (select 1)", "SELECT"},
      {"sum(orders) > 1", "sum"},
      {"count(*)", "count"},
      {"max(orders) > 1", "max"},
      {"row_number() over ()", ""},
      {"max(orders) over () > 1", "max"},
      {"random() > 0", "random"},
      {"randomblob(4)", "randomblob"},
      {"date('now') > '2020'", "date"},
      {"strftime('%H', gender)", "strftime"},
      {"current_timestamp > '2020'", "current_timestamp"},
      {"changes()", "changes"},
      {"last_insert_rowid()", "last_insert_rowid"},
      {"sqlite_version()", "sqlite_version"},
      {"load_extension('x')", "load_extension"},
      {"sin(orders)", "sin"},
      {"no_such_function(1)", "no_such_function"},
      {"rowid = 1", "rowid"},
      {"raise(ignore)", ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.sql);
    const auto result = Expression::compile(row.sql, kColumns);
    ASSERT_FALSE(result.is_ok());
    EXPECT_EQ(result.status().error_class(), ErrorClass::kConfig);
    EXPECT_THAT(result.status().message(), HasSubstr(row.message));
    EXPECT_THAT(result.status().message(), HasSubstr(*row.sql > ' ' ? row.sql : "SQL"));
  }
}

TEST(Expression, WorksWithoutColumnsAndCanBeMoved) {
  auto result = Expression::compile("1 + 1", {});
  ASSERT_TRUE(result.is_ok()) << result.status().message();
  Expression moved = std::move(result).value();
  moved = compiled("orders + 1");
  const Value row[] = {std::int64_t{4}};
  EXPECT_EQ(moved.number(row), 5);
}

// More different rows than are remembered, twice over, with texts that share hashes' neighbours and are too long to
// keep.
TEST(Expression, RemembersOnlyTheRightAnswer) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Expression expression = compiled("coalesce(orders, -1) * 2 + length(coalesce(gender, '')) * 1000000");
    for (int i = 0; i < 5000; ++i) {
      const auto orders = static_cast<std::int64_t>(random() % 900);
      const std::string gender(random() % 50 == 0 ? 300 + random() % 10 : random() % 3, 'x');
      const bool known = random() % 10 != 0;
      const Value row[] = {known ? Value(orders) : Value(), std::string_view(gender)};
      const double expected = static_cast<double>((known ? orders : -1) * 2) + static_cast<double>(gender.size()) * 1e6;
      ASSERT_EQ(expression.number(row), expected);
    }
  }
}

TEST(Expression, TellsEqualBytesOfDifferentTypesApart) {
  Expression expression = compiled("typeof(gender) = 'text'");
  const Value text[] = {std::string_view("\0\0\0\0\0\0\0\0", 8)}, integer[] = {std::int64_t{8}},
              empty[] = {std::string_view()};
  EXPECT_TRUE(expression.holds(text));
  EXPECT_TRUE(expression.holds(empty));
  EXPECT_FALSE(expression.holds(integer));
  EXPECT_TRUE(expression.holds(text));
}

}  // namespace
}  // namespace nudge
