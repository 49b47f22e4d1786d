// The writing half of JSON: rows for each kind of value, properties for numbers, and the head of an output record.
#include "engine/json_writer.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "engine/output.h"

namespace nudge {
namespace {

template <typename Write>
std::string written(const Write& write) {
  std::string out;
  JsonWriter json(out);
  write(json);
  return out;
}

TEST(JsonWriter, SeparatesMembersAndItems) {
  EXPECT_EQ(written([](JsonWriter& json) {
              json.begin_object();
              json.member("text", "a");
              json.member("integer", std::int64_t{-3});
              json.member("yes", true);
              json.key("list");
              json.begin_array();
              json.number(std::int64_t{1});
              json.begin_object();
              json.end_object();
              json.begin_array();
              json.end_array();
              json.null();
              json.end_array();
              json.member_null("none");
              json.member_time("at", 0);
              json.key("raw");
              json.raw(R"({"x":1})");
              json.key(std::string(80, 'k'));
              json.boolean(false);
              json.end_object();
            }),
            R"({"text":"a","integer":-3,"yes":true,"list":[1,{},[],null],"none":null,"at":"1970-01-01T00:00:00.000Z",)"
            R"("raw":{"x":1},")" +
                std::string(80, 'k') + R"(":false})");
}

TEST(JsonWriter, EscapesWhatItMust) {
  const struct {
    const char* name;
    std::string_view text, json;
  } rows[] = {
      {"empty", "", R"("")"},
      {"plain", "abc", R"("abc")"},
      {"beyond ASCII", "Größe 日本 😀 \x7f", "\"Größe 日本 😀 \x7f\""},
      {"quote and backslash", R"(a"b\c)", R"("a\"b\\c")"},
      {"escapes with a letter", "\b\f\n\r\t", R"("\b\f\n\r\t")"},
      {"other controls", std::string_view("\x00\x01\x1f", 3), R"("\u0000\u0001\u001f")"},
      {"in the second word", "12345678\"0", R"("12345678\"0")"},
      {"last of a word", "1234567\n", R"("1234567\n")"},
      {"several", "\"\"12345678\\12345678\n", R"("\"\"12345678\\12345678\n")"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(written([&](JsonWriter& json) { json.text(row.text); }), row.json);
  }
}

TEST(JsonWriter, EscapesEveryByteAtEveryPlace) {
  for (int byte = 0; byte < 0x80; ++byte) {
    const auto character = static_cast<char>(byte);
    const std::string alone = written([&](JsonWriter& json) { json.text(std::string_view(&character, 1)); });
    for (std::size_t place = 0; place < 20; ++place) {
      std::string text(20, '~');
      text[place] = character;
      const std::string expected =
          "\"" + std::string(place, '~') + alone.substr(1, alone.size() - 2) + std::string(19 - place, '~') + "\"";
      ASSERT_EQ(written([&](JsonWriter& json) { json.text(text); }), expected) << byte;
    }
  }
}

TEST(JsonWriter, WritesNumbers) {
  const auto real = [](double value) { return written([&](JsonWriter& json) { json.number(value); }); };
  EXPECT_EQ(real(0.1), "0.1");
  EXPECT_EQ(real(5), "5");
  EXPECT_EQ(real(1e300), "1e+300");
  EXPECT_EQ(real(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(real(-std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(written([](JsonWriter& json) { json.number(std::numeric_limits<std::int64_t>::min()); }),
            "-9223372036854775808");
  EXPECT_EQ(written([](JsonWriter& json) { json.decimal(-1'500'000, 6); }), "-1.5");
  EXPECT_EQ(written([](JsonWriter& json) { json.decimal_text(1'500'000, 6); }), R"("1.5")");
}

TEST(JsonWriter, WritesFixedDecimals) {
  const struct {
    double value;
    int decimals;
    std::string_view json;
  } rows[] = {
      {0, 6, "0"},
      {-0.0, 6, "0"},
      {0.5, 6, "0.5"},
      {0.1234567, 6, "0.123457"},
      {1.0 / 3, 4, "0.3333"},
      {2.0 / 3, 4, "0.6667"},
      {0.5, 0, "1"},
      {-0.5, 0, "-1"},
      {0.49999999999999994, 0, "0"},
      {2.5, 0, "3"},
      {-1e-7, 6, "0"},
      {99.9999999, 3, "100"},
      {999'999'999.5, 9, "999999999.5"},
      {1e-9, 9, "0.000000001"},
      {1e9, 3, "1e+09"},
      {-2.5e12, 1, "-2.5e+12"},
      {std::nan(""), 3, "null"},
      {INFINITY, 3, "null"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.json);
    EXPECT_EQ(written([&](JsonWriter& json) { json.fixed(row.value, row.decimals); }), row.json);
  }
}

TEST(JsonWriter, NumbersComeBack) {
  for (unsigned seed = 1; seed <= 100'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const double any = std::bit_cast<double>(random());
    if (std::isfinite(any)) {
      const std::string text = written([&](JsonWriter& json) { json.number(any); });
      ASSERT_EQ(std::strtod(text.c_str(), nullptr), any) << text;
    }
    const double value = std::ldexp(static_cast<double>(random() % (1ull << 53)), -53) * std::pow(10, random() % 9);
    const int decimals = static_cast<int>(random() % 10);
    const std::string text = written([&](JsonWriter& json) { json.fixed(-value, decimals); });
    const double step = std::pow(10, -decimals);
    ASSERT_NEAR(std::strtod(text.c_str(), nullptr), -value, 0.5 * step * (1 + 1e-9) + value * 1e-15) << text;
    ASSERT_TRUE(text.find('.') == text.npos ||
                (text.back() != '0' && text.size() - text.find('.') - 1 <= static_cast<std::size_t>(decimals)))
        << text;
  }
}

TEST(Outputs, KeepsOneLinePerRecordAndTopic) {
  Outputs outputs;
  JsonWriter first = outputs.begin(output::kScores, "c\"1", 1'500);
  first.member("probability", 0.25);
  outputs.end(first, output::kScores);
  JsonWriter other = outputs.begin(output::kRfm, "c2", 0);
  outputs.end(other, output::kRfm);
  JsonWriter second = outputs.begin(output::kScores, "c2", 2'000);
  outputs.end(second, output::kScores);

  const std::string engine = R"("engine":{"name":"nudge","version":")" + std::string(kEngineVersion) + R"("})";
  EXPECT_EQ(outputs.lines(output::kScores),
            R"({"key":"c\"1","event_time":"1970-01-01T00:00:01.500Z",)" + engine + R"(,"probability":0.25})" + "\n" +
                R"({"key":"c2","event_time":"1970-01-01T00:00:02.000Z",)" + engine + "}\n");
  EXPECT_EQ(outputs.lines(output::kRfm), R"({"key":"c2","event_time":"1970-01-01T00:00:00.000Z",)" + engine + "}\n");
  EXPECT_EQ(outputs.bytes(), outputs.lines(output::kScores).size() + outputs.lines(output::kRfm).size());
  outputs.clear();
  EXPECT_EQ(outputs.bytes(), 0u);
  EXPECT_EQ(outputs.lines(output::kScores), "");
}

}  // namespace
}  // namespace nudge
