// Exact decimals: hand-made rows, then random digits against arithmetic with plain 128-bit integers.
#include "engine/decimal.h"

#include <random>

#include <gtest/gtest.h>

namespace nudge {
namespace {

constexpr int kMoney = 6;

TEST(ParseJsonDecimal, KeepsTheExactValueOrNothing) {
  const struct {
    std::string_view token;
    std::optional<Micro> money;
  } rows[] = {
      {"0", 0},
      {"-0", 0},
      {"-0.0e5", 0},
      {"0e999999", 0},
      {"1", 1'000'000},
      {"129.90", 129'900'000},
      {"1.50000000", 1'500'000},
      {"15e-1", 1'500'000},
      {"0.00015E+4", 1'500'000},
      {"100000e-5", 1'000'000},
      {"123456789012345678901234567890e-20", std::nullopt},
      {"-2.5", -2'500'000},
      {"0.000001", 1},
      {"0.0000001", std::nullopt},
      {"1.0000000000000000000000000000000001", std::nullopt},
      {"1.0000000000000000000000000000000000", 1'000'000},
      {"999999999999.999999", 999'999'999'999'999'999},
      {"1000000000000", std::nullopt},
      {"-999999999999.999999", -999'999'999'999'999'999},
      {"1e11", 100'000'000'000'000'000},
      {"1e12", std::nullopt},
      {"1e400", std::nullopt},
      {"1e-400", std::nullopt},
      {"1e99999999999999999999", std::nullopt},
      {"1e-99999999999999999999", std::nullopt},
      {"18446744073709.551616", std::nullopt},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.token);
    EXPECT_EQ(parse_json_decimal(row.token, kMoney, kMicroLimit), row.money);
  }
}

TEST(ParsePlainDecimal, TakesDigitsAndOnePointOnly) {
  const struct {
    std::string_view text;
    std::optional<Micro> money;
  } rows[] = {
      {"12.5", 12'500'000},    {"-12.5", -12'500'000}, {"007.50", 7'500'000},   {"-0", 0},
      {"0.0000000", 0},        {"", std::nullopt},     {"-", std::nullopt},     {".5", std::nullopt},
      {"5.", std::nullopt},    {"+5", std::nullopt},   {"1e2", std::nullopt},   {" 5", std::nullopt},
      {"5 ", std::nullopt},    {"1,5", std::nullopt},  {"1.2.3", std::nullopt}, {"--1", std::nullopt},
      {"1_000", std::nullopt}, {"0x1", std::nullopt},  {"NaN", std::nullopt},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(parse_plain_decimal(row.text, kMoney, kMicroLimit), row.money);
  }
}

TEST(AppendDecimal, IsTheShortestExactText) {
  const struct {
    Int128 value;
    int decimals;
    std::string_view text;
  } rows[] = {
      {0, 6, "0"},
      {12, 0, "12"},
      {12'000'000, 6, "12"},
      {500'000, 6, "0.5"},
      {-3'250'000, 6, "-3.25"},
      {1, 6, "0.000001"},
      {-1, 9, "-0.000000001"},
      {10, 3, "0.01"},
      {1'000, 3, "1"},
      {-100, 0, "-100"},
      {999'999'999'999'999'999, 6, "999999999999.999999"},
      {static_cast<Int128>(1'000'000'000'000'000'000) * 1'000'000'000'000'000'001, 9, "1000000000000000001000000000"},
      {static_cast<Int128>(1) << 127, 0, "-170141183460469231731687303715884105728"},
      {~(static_cast<Int128>(1) << 127), 9, "170141183460469231731687303715.884105727"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    std::string text = "x";
    append_decimal(text, row.value, row.decimals);
    EXPECT_EQ(text, "x" + std::string(row.text));
  }
}

TEST(Decimal, ComesBackFromTextHoweverItIsWritten) {
  for (unsigned seed = 1; seed <= 20'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    Micro value = static_cast<Micro>(random() % kMicroLimit);
    for (auto digits = random() % 18; digits > 0; --digits) value /= 10;
    if (random() % 2 == 0) value = -value;
    const std::string text = format_decimal(value, kMoney);
    ASSERT_EQ(parse_plain_decimal(text, kMoney, kMicroLimit), value);
    // All the digits as an integer, the point moved by the exponent.
    const int shift = static_cast<int>(random() % 12);
    const std::string moved = format_decimal(value, 0) + std::string(static_cast<std::size_t>(shift), '0') + "e" +
                              std::to_string(-kMoney - shift);
    ASSERT_EQ(parse_json_decimal(moved, kMoney, kMicroLimit), value) << moved;
    // One decimal more than allowed.
    const std::string finer = format_decimal(static_cast<Int128>(value) * 10 + 1, kMoney + 1);
    ASSERT_EQ(parse_plain_decimal(finer, kMoney, kMicroLimit), std::nullopt) << finer;
  }
}

TEST(Decimal, ProductsOfTheLargestValuesFit) {
  const Nano largest = product(kMilliLimit - 1, kMicroLimit - 1);
  EXPECT_EQ(format_decimal(largest, 9), "999999999998999999000.000000001");
  EXPECT_EQ(nano_of(2'500'000), product(1'000, 2'500'000));
}

}  // namespace
}  // namespace nudge
