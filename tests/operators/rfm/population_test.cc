// The cut points against sorted values, for a small shop and a large one, however customers are spread over tasks.
#include "operators/rfm/population.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "engine/hash.h"

namespace nudge::rfm {
namespace {

Standing random_standing(std::mt19937_64& random) {
  return {static_cast<Millis>(random() % (700 * kDay)), 1 + random() % (1 + random() % 40),
          static_cast<Nano>(static_cast<std::int64_t>(random() % 5'000'000) - 500'000) * 10'000'000};
}

template <typename Number, typename Get>
std::vector<Number> sorted_values(const std::vector<Standing>& standings, Get get) {
  std::vector<Number> values;
  for (const Standing& standing : standings) values.push_back(get(standing));
  std::sort(values.begin(), values.end());
  return values;
}

// The class by the definition: one more than the number of exact cut points below the value.
template <typename Number>
int exact_class(const std::vector<Number>& sorted, Number value) {
  int found = 1;
  for (std::size_t step = 1; step <= 4; ++step) found += sorted[(sorted.size() * step + 4) / 5 - 1] < value;
  return found;
}

// Replaces standings at random over some tasks; `standings` is what remains. Gives the merged population.
Population simulate(unsigned seed, std::size_t customers, std::size_t tasks, std::vector<Standing>& standings) {
  std::mt19937_64 random(seed);
  std::vector<Population> parts(tasks);
  standings.clear();
  for (std::size_t i = 0; i < customers; ++i) {
    const std::uint64_t customer = mix(7, i);
    Population& part = parts[customer % tasks];
    const Standing first = random_standing(random), second = random_standing(random);
    part.replace(customer, std::nullopt, first, true);
    if (random() % 4 == 0) {
      part.replace(customer, first, std::nullopt, false);
      continue;
    }
    part.replace(customer, first, second, false);
    standings.push_back(second);
  }
  Population all;
  for (std::size_t i = tasks; i > 0; --i) all.merge(parts[i - 1]);
  return all;
}

std::string bytes_of(const Population& population) {
  std::string bytes;
  Encoder encoder(bytes);
  population.encode(encoder);
  return bytes;
}

TEST(Population, OfASmallShopIsExact) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::vector<Standing> standings;
    const auto points = simulate(seed, seed, 3, standings).cut_points();
    ASSERT_EQ(points.has_value(), !standings.empty());
    if (!points) continue;
    const auto times = sorted_values<Millis>(standings, [](const Standing& s) { return s.last_order_at; });
    const auto orders = sorted_values<std::uint64_t>(standings, [](const Standing& s) { return s.orders; });
    const auto nets = sorted_values<Nano>(standings, [](const Standing& s) { return s.net; });
    for (const Standing& standing : standings) {
      const Classes classes = points->classes_of(standing);
      EXPECT_EQ(classes.r, exact_class(times, standing.last_order_at));
      EXPECT_EQ(classes.f, exact_class(orders, standing.orders));
      EXPECT_EQ(classes.m, exact_class(nets, standing.net));
    }
  }
}

TEST(Population, OfALargeShopIsNearlyExact) {
  std::vector<Standing> standings;
  const auto points = simulate(1, 20'000, 4, standings).cut_points();
  ASSERT_TRUE(points.has_value());
  const auto times = sorted_values<Millis>(standings, [](const Standing& s) { return s.last_order_at; });
  const auto orders = sorted_values<std::uint64_t>(standings, [](const Standing& s) { return s.orders; });
  const auto nets = sorted_values<Nano>(standings, [](const Standing& s) { return s.net; });
  std::size_t other_r = 0, other_m = 0;
  for (const Standing& standing : standings) {
    const Classes classes = points->classes_of(standing);
    other_r += classes.r != exact_class(times, standing.last_order_at);
    other_m += classes.m != exact_class(nets, standing.net);
    EXPECT_EQ(classes.f, exact_class(orders, standing.orders));
    EXPECT_LE(std::abs(classes.r - exact_class(times, standing.last_order_at)), 1);
    EXPECT_LE(std::abs(classes.m - exact_class(nets, standing.net)), 1);
  }
  EXPECT_LE(other_r * 1'000, standings.size());
  EXPECT_LE(other_m * 100, standings.size());
}

TEST(Population, ALargeShopWithOneValueHasOneClass) {
  Population population;
  const Standing same{5 * kDay + 7, 1, 19'990'000'000};
  for (std::uint64_t i = 0; i < 2 * Population::kExactMax; ++i) population.replace(mix(7, i), std::nullopt, same, true);
  EXPECT_EQ(population.cut_points()->classes_of(same), (Classes{1, 1, 1}));
}

TEST(Population, TasksDoNotShowAndBytesRoundTrip) {
  for (const std::size_t customers : {std::size_t{40}, std::size_t{2'048}, std::size_t{2'049}, std::size_t{3'000}}) {
    SCOPED_TRACE(customers);
    std::vector<Standing> standings;
    const Population one = simulate(3, customers, 1, standings);
    for (const std::size_t tasks : {2, 5, 16})
      EXPECT_EQ(bytes_of(simulate(3, customers, tasks, standings)), bytes_of(one));
    const std::string bytes = bytes_of(one);
    Population decoded;
    Decoder decoder(bytes);
    ASSERT_TRUE(decoded.decode(decoder) && decoder.at_end());
    EXPECT_EQ(decoded, one);
  }
}

TEST(CutPoints, RoundTripAndRefuseOtherBytes) {
  const CutPoints points{{1, 2, 3, 4}, {1, 1, 2, 9}, {-5, 0, static_cast<Nano>(1) << 100, static_cast<Nano>(1) << 101}};
  std::string bytes;
  Encoder encoder(bytes);
  points.encode(encoder);
  EXPECT_EQ(CutPoints::decode(bytes), points);
  EXPECT_EQ(CutPoints::decode(bytes + "x"), std::nullopt);
  EXPECT_EQ(CutPoints::decode(std::string_view(bytes).substr(1)), std::nullopt);
}

}  // namespace
}  // namespace nudge::rfm
