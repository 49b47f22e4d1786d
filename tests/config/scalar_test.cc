// Numbers, sizes and nearest names.
#include "config/scalar.h"

#include <gtest/gtest.h>

#include "config/nearest.h"

namespace nudge::config {
namespace {

TEST(Scalar, Integers) {
  const struct {
    const char* text;
    std::optional<std::int64_t> value;
  } rows[] = {{"0", 0},      {"-7", -7},   {"+7", 7},   {"9223372036854775807", INT64_MAX},
              {"", {}},      {"+", {}},    {"+-7", {}}, {"9223372036854775808", {}},
              {"1_000", {}}, {"0x10", {}}, {"1.0", {}}, {" 1", {}},
              {"1 ", {}},    {"1e3", {}}};
  for (const auto& row : rows) EXPECT_EQ(parse_integer(row.text), row.value) << row.text;
}

TEST(Scalar, Reals) {
  const struct {
    const char* text;
    std::optional<double> value;
  } rows[] = {{"0.1", 0.1}, {"-.5", -0.5}, {"+2", 2.0},  {"1e-3", 1e-3}, {"7.", 7.0},
              {"inf", {}},  {"nan", {}},   {".inf", {}}, {"-nan", {}},   {"1e999", {}},
              {"", {}},     {"-", {}},     {".", {}},    {"0.1x", {}},   {"0,1", {}}};
  for (const auto& row : rows) EXPECT_EQ(parse_real(row.text), row.value) << row.text;
}

TEST(Scalar, Sizes) {
  const struct {
    const char* text;
    std::optional<std::int64_t> bytes;
  } rows[] = {
      {"0", 0},       {"65536", 65536}, {"64MiB", 64 << 20}, {"2GiB", 2ll << 30}, {"3KiB", 3072},
      {"3KB", 3000},  {"3MB", 3000000}, {"1GB", 1000000000}, {"MiB", {}},         {"-1MiB", {}},
      {"1.5GiB", {}}, {"64M", {}},      {"64 MiB", {}},      {"64mib", {}},       {"9223372036854775807KiB", {}},
      {"", {}},       {"+1", {}}};
  for (const auto& row : rows) EXPECT_EQ(parse_size(row.text), row.bytes) << row.text;
}

TEST(Scalar, FormatsSizesInTheLargestUnitThatDividesThem) {
  for (const char* text : {"0", "1000001", "3KiB", "3KB", "64MiB", "5MB", "2GiB", "1GB"})
    EXPECT_EQ(format_size(*parse_size(text)), text);
}

TEST(Nearest, EditDistance) {
  const struct {
    const char *a, *b;
    std::size_t distance;
  } rows[] = {{"", "", 0},
              {"gap", "", 3},
              {"gap", "gap", 0},
              {"gpa", "gap", 1},
              {"treads", "threads", 1},
              {"kitten", "sitting", 3},
              {"state-dir", "STATE_DIR", 0},
              {"ca", "abc", 3}};
  for (const auto& row : rows) {
    EXPECT_EQ(edit_distance(row.a, row.b), row.distance) << row.a << " " << row.b;
    EXPECT_EQ(edit_distance(row.b, row.a), row.distance) << row.b << " " << row.a;
  }
}

TEST(Nearest, Suggestions) {
  constexpr std::string_view kNames[] = {"epoch", "threads", "max", "per", "model_wait", "merge_wait"};
  const struct {
    const char* name;
    const char* suggestion;
  } rows[] = {{"epochs", "did you mean \"epoch\"?"},
              {"Threads", "did you mean \"threads\"?"},
              {"mex", "did you mean \"max\"?"},
              {"pxx", "expected one of epoch, threads, max, per, model_wait, merge_wait"},
              {"late", "expected one of epoch, threads, max, per, model_wait, merge_wait"},
              {"merde_wait", "did you mean \"merge_wait\"?"},
              {"colour", "expected one of epoch, threads, max, per, model_wait, merge_wait"}};
  for (const auto& row : rows) EXPECT_EQ(suggestion(row.name, kNames), row.suggestion) << row.name;
  EXPECT_EQ(suggestion("ab", std::initializer_list<std::string_view>{"aa", "bb", "cc"}),
            "did you mean \"aa\" or \"bb\"?");
  EXPECT_EQ(suggestion("a", {}), "none is known");
}

}  // namespace
}  // namespace nudge::config
