// The tally's figures against the definitions, computed row by row.
#include "operators/scores/quality.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace nudge::scores {
namespace {

struct Row {
  std::int32_t micro;
  bool label;
  double p() const { return micro / 1e6; }
};

ScoreTally tally_of(const std::vector<Row>& rows) {
  ScoreTally tally;
  for (const Row& row : rows) tally.add(row.micro, row.label);
  return tally;
}

double brute_auc(const std::vector<Row>& rows) {
  double wins = 0, pairs = 0;
  for (const Row& yes : rows) {
    if (!yes.label) continue;
    for (const Row& no : rows) {
      if (no.label) continue;
      pairs += 1;
      wins += yes.micro > no.micro ? 1 : yes.micro == no.micro ? 0.5 : 0;
    }
  }
  return wins / pairs;
}

double brute_ece(std::vector<Row> rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.micro < b.micro; });
  double error = 0;
  std::size_t at = 0;
  for (std::size_t bin = 0; bin < 20; ++bin) {
    const std::size_t size = rows.size() / 20 + (bin < rows.size() % 20 ? 1 : 0);
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i, ++at) sum += rows[at].p() - rows[at].label;
    error += std::abs(sum);
  }
  return error / static_cast<double>(rows.size());
}

std::vector<Row> random_rows(unsigned seed, std::size_t n, int grid) {
  std::mt19937 random(seed);
  std::vector<Row> rows(n);
  for (Row& row : rows) {
    row.micro = static_cast<std::int32_t>(1 + random() % (999'999 / grid)) * grid;
    row.label = random() % 1'000'000 < static_cast<unsigned>(row.micro);
  }
  return rows;
}

TEST(ScoreTally, EqualsTheDefinitions) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(seed);
    const std::vector<Row> rows = random_rows(seed, 300 + seed * 17, 1);
    const Quality quality = tally_of(rows).quality(0.15, 0.5);
    double loss = 0, brier = 0, predicted = 0, actual = 0, n = 0;
    for (const Row& row : rows) {
      loss -= std::log(row.label ? row.p() : 1 - row.p());
      brier += (row.p() - row.label) * (row.p() - row.label);
      if (row.p() < 0.15 || row.p() > 0.5) continue;
      n += 1;
      predicted += row.p();
      actual += row.label;
    }
    const double size = static_cast<double>(rows.size());
    EXPECT_EQ(quality.n, rows.size());
    EXPECT_NEAR(*quality.auc, brute_auc(rows), 1e-12);
    EXPECT_NEAR(*quality.log_loss, loss / size, 1e-9);
    EXPECT_NEAR(*quality.brier, brier / size, 1e-9);
    EXPECT_NEAR(*quality.ece, brute_ece(rows), 1e-9);
    EXPECT_EQ(quality.band_n, n);
    EXPECT_NEAR(*quality.band_predicted, predicted / n, 1e-12);
    EXPECT_NEAR(*quality.band_actual, actual / n, 1e-12);
  }
}

TEST(ScoreTally, CountsTiesHalf) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    const std::vector<Row> rows = random_rows(seed, 400, 100'000);
    EXPECT_NEAR(*tally_of(rows).quality(0.15, 0.5).auc, brute_auc(rows), 1e-12);
  }
  EXPECT_EQ(tally_of({{500'000, true}, {500'000, false}}).quality(0.15, 0.5).auc, 0.5);
}

TEST(ScoreTally, BothEndsBelongToTheBand) {
  const Quality quality =
      tally_of({{149'999, true}, {150'000, true}, {500'000, false}, {500'001, true}}).quality(0.15, 0.5);
  EXPECT_EQ(quality.band_n, 2u);
  EXPECT_DOUBLE_EQ(*quality.band_predicted, 0.325);
  EXPECT_DOUBLE_EQ(*quality.band_actual, 0.5);
}

TEST(ScoreTally, IsASumInAnyOrder) {
  const std::vector<Row> rows = random_rows(11, 60'000, 1);
  std::string whole, merged;
  Encoder whole_out(whole), merged_out(merged);
  tally_of(rows).encode(whole_out);
  ScoreTally sum;
  for (int task = 6; task >= 0; --task) {
    ScoreTally part;
    for (std::size_t i = static_cast<std::size_t>(task); i < rows.size(); i += 7)
      part.add(rows[i].micro, rows[i].label);
    std::string bytes;
    Encoder out(bytes);
    part.encode(out);
    Decoder in(bytes);
    ScoreTally decoded;
    decoded.decode(in);
    ASSERT_TRUE(in.ok() && in.at_end());
    sum.add(decoded);
  }
  sum.encode(merged_out);
  EXPECT_EQ(whole, merged);
  EXPECT_EQ(sum.size(), rows.size());
}

TEST(ScoreTally, SaysNullWhereThereIsNothingToSay) {
  const struct {
    const char* name;
    std::vector<Row> rows;
    const char* json;
  } cases[] = {
      {"no rows",
       {},
       R"({"n":0,"auc":null,"log_loss":null,"brier":null,"ece":null,"band":{"n":0,"predicted":null,"actual":null}})"},
      {"one class, none in the band",
       {{750'000, true}},
       R"({"n":1,"auc":null,"log_loss":0.287682072,"brier":0.0625,"ece":0.25,)"
       R"("band":{"n":0,"predicted":null,"actual":null}})"},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.name);
    std::string json;
    JsonWriter writer(json);
    write_quality(writer, tally_of(row.rows).quality(0.15, 0.5));
    EXPECT_EQ(json, row.json);
  }
}

TEST(Quality, SaysWhyThereAreNoProbabilities) {
  EXPECT_EQ(why_withheld(0, 0, 30), "no label is known yet; needed of each: 30");
  EXPECT_EQ(why_withheld(500, 0, 30), "no label has been true so far, of 500 known; needed of each: 30");
  EXPECT_EQ(why_withheld(500, 500, 30), "every label has been true so far, of 500 known; needed of each: 30");
  EXPECT_EQ(why_withheld(500, 10, 30), "labels known so far: 10 true, 490 false; needed of each: 30");
}

}  // namespace
}  // namespace nudge::scores
