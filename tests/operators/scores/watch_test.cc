// What watches a model: ADWIN and Page-Hinkley are quiet where nothing changes and tell of what does; ADWIN's window
// holds just the values since; the population index is that of its definition.
#include "operators/scores/watch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "operators/scores/population.h"

namespace nudge::scores {
namespace {

// 1 with the probability, else 0.
double draw(std::mt19937& random, double probability) {
  return std::uniform_real_distribution<double>()(random) < probability ? 1 : 0;
}

template <typename T>
T reread(const T& from) {
  std::string bytes;
  Encoder out(bytes);
  from.encode(out);
  T to;
  Decoder in(bytes);
  to.decode(in);
  EXPECT_TRUE(in.ok() && in.at_end());
  return to;
}

TEST(Adwin, IsQuietWhereNothingChanges) {
  std::size_t alarms = 0;
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    Adwin adwin;
    for (int i = 0; i < 10'000; ++i) alarms += adwin.add(draw(random, 0.2)) != Adwin::Change::kNone;
  }
  EXPECT_LE(alarms, 2u);
}

TEST(Adwin, TellsOfAChangeAndForgetsWhatWasBefore) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Adwin adwin;
    for (int i = 0; i < 5'000; ++i) adwin.add(draw(random, 0.2));
    Adwin::Change change = Adwin::Change::kNone;
    int after = 0;
    for (; after < 2'000 && change == Adwin::Change::kNone; ++after) change = adwin.add(draw(random, 0.4));
    EXPECT_EQ(change, Adwin::Change::kRise);
    EXPECT_LT(after, 1'000);
    for (int i = 0; i < 5'000; ++i) adwin.add(draw(random, 0.4));
    EXPECT_NEAR(adwin.mean(), 0.4, 0.05);
    change = Adwin::Change::kNone;
    for (int i = 0; i < 2'000 && change == Adwin::Change::kNone; ++i) change = adwin.add(draw(random, 0.1));
    EXPECT_EQ(change, Adwin::Change::kFall);
  }
}

TEST(Adwin, ItsWindowIsTheLatestValues) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Adwin adwin;
    std::vector<double> values;
    for (int i = 0; i < 3'000; ++i) {
      values.push_back(draw(random, i / 700 % 2 == 0 ? 0.2 : 0.6));
      adwin.add(values.back());
      if (i % 500 == 250) adwin = reread(adwin);
    }
    ASSERT_LE(adwin.size(), values.size());
    double sum = 0;
    for (std::size_t back = 1; back <= adwin.size(); ++back) sum += values[values.size() - back];
    EXPECT_NEAR(adwin.mean() * static_cast<double>(adwin.size()), sum, 1e-6);
  }
}

TEST(PageHinkley, TellsOfARiseAlone) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    PageHinkley test;
    bool told = false;
    for (int i = 0; i < 5'000; ++i) told |= test.add(draw(random, 0.05));
    for (int i = 0; i < 5'000; ++i) told |= test.add(draw(random, 0.02));
    EXPECT_FALSE(told);
    for (int i = 0; i < 2'000; ++i) told |= test.add(draw(random, 0.6));
    EXPECT_TRUE(told);
  }
}

TEST(Population, IsQuietWhereNothingChangesAndTellsOfWhatMoved) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    const auto row = [&](std::vector<float>& rows, float shift, float unknown) {
      rows.push_back(normal(random));
      rows.push_back(normal(random) + shift);
      rows.push_back(static_cast<float>(random() % 5));
      rows.push_back(draw(random, static_cast<double>(unknown)) > 0 ? NAN : 1.0f);
    };
    const std::vector<bool> texts = {false, false, true, false};
    std::vector<float> fitted;
    for (int i = 0; i < 2'000; ++i) row(fitted, 0, 0.1f);
    Population population(fitted, texts);
    const auto shifts = [&](float shift, float unknown) {
      for (int i = 0; i < 1'000; ++i) {
        std::vector<float> later;
        row(later, shift, unknown);
        population.add(later);
      }
      population = reread(population);
      return population.take_shifts();
    };
    EXPECT_TRUE(population.take_shifts().empty());
    for (const FeatureShift& each : shifts(0, 0.1f)) {
      EXPECT_FALSE(each.moved) << each.feature;
      EXPECT_LT(each.index, 0.05) << each.feature;
    }
    const std::vector<FeatureShift> moved = shifts(1, 0.6f);
    ASSERT_EQ(moved.size(), 4u);
    EXPECT_FALSE(moved[0].moved);
    EXPECT_TRUE(moved[1].moved);
    EXPECT_FALSE(moved[2].moved);
    EXPECT_TRUE(moved[3].moved);
  }
}

TEST(Population, IsTheIndexOfItsDefinition) {
  std::vector<float> fitted;
  for (int i = 0; i < 400; ++i) fitted.push_back(static_cast<float>(i % 4));  // a quarter in each bucket
  Population population(fitted, {true});
  for (int i = 0; i < 400; ++i) {
    const float bucket = i < 200 ? 0.0f : static_cast<float>(1 + i % 2);  // a half, a quarter, a quarter, none
    population.add({&bucket, 1});
  }
  double index = 0;
  for (const double actual : {200.5, 100.5, 100.5, 0.5}) index += (actual - 100.5) / 402 * std::log(actual / 100.5);
  const std::vector<FeatureShift> shifts = population.take_shifts();
  ASSERT_EQ(shifts.size(), 1u);
  EXPECT_NEAR(shifts[0].index, index, 1e-9);
  EXPECT_NEAR(shifts[0].by_chance, 3 * (1.0 / 400 + 1.0 / 400), 1e-12);
}

TEST(Watch, StandsBesideWhatNeedsNoModel) {
  Watch watch;
  for (int i = 0; i < 10; ++i)
    watch.add(-1, i < 3, i);  // the first three are true: the majority is false, as the last was
  watch.add(900'000, true, 11);
  watch.add(400'000, true, 12);
  watch.add(200'000, false, 13);
  watch.add(700'000, false, 14);
  watch.end_epoch();
  std::string text;
  JsonWriter writer(text);
  writer.begin_object();
  watch.write(writer);
  writer.end_object();
  EXPECT_NE(text.find(R"("accuracy":0.5,"baselines":{"majority":{"accuracy":0.5,)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("no_change":{"accuracy":0.5})"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("adwin":{"n":4,"mean":0.225,"change":"none"})"), std::string::npos) << text;
}

TEST(Watch, IsWorseWhereErrorsRise) {
  std::mt19937 random(7);
  Watch watch;
  for (int i = 0; i < 5'000; ++i) watch.add(100'000, draw(random, 0.1) > 0, i);
  watch.end_epoch();
  EXPECT_FALSE(watch.worse());
  watch.begin_epoch();
  Watch again = reread(watch);
  for (int i = 0; i < 2'000; ++i) again.add(100'000, draw(random, 0.5) > 0, i);
  again.end_epoch();
  EXPECT_TRUE(again.worse());
  again.begin_epoch();
  EXPECT_FALSE(again.worse());
}

TEST(Watch, TakesRowsOfAGroupAsOneValue) {
  Watch watch;
  for (int i = 0; i < 6; ++i) watch.add(i % 2 == 0 ? 0 : 500'000, true, i / 3);
  watch.end_epoch();
  std::string text;
  JsonWriter writer(text);
  watch.write(writer);
  EXPECT_NE(text.find(R"("adwin":{"n":2,"mean":0.625,)"), std::string::npos) << text;
}

TEST(Watch, IsNotMisledByRowsThatShareALabel) {
  std::size_t alarms = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    Watch watch;
    for (int session = 0; session < 3'000; ++session) {
      const bool label = draw(random, 0.2) > 0;
      for (int row = 0; row < 8; ++row) watch.add(200'000, label, session);
    }
    watch.end_epoch();
    alarms += watch.worse();
  }
  EXPECT_LE(alarms, 2u);
}

}  // namespace
}  // namespace nudge::scores
