// Density clusters on planted groups and against their definition; order vectors; and that what is proposed is what
// similar orders are made of.
#include "operators/segments/proposals.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/hash.h"
#include "operators/segments/density.h"

namespace nudge::segments {
namespace {

TEST(DensityClusters, FindsGroupsOfAnyDensity) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::normal_distribution<float> draw;
    std::vector<float> values;
    std::vector<int> truth;
    for (int i = 0; i < 300; ++i) {
      const int group = static_cast<int>(random() % 3);
      truth.push_back(group);
      const float width = group == 0 ? 0.1f : 1.0f;  // of very different widths
      values.push_back(20.0f * static_cast<float>(group) + width * draw(random));
      values.push_back(width * draw(random));
    }
    const DensityClusters found = density_clusters(values, 2, 40);
    EXPECT_EQ(found.count, 3u);
    for (std::size_t i = 0; i < truth.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) EXPECT_EQ(truth[i] == truth[j], found.labels[i] == found.labels[j]);
  }
}

TEST(DensityClusters, OddInput) {
  EXPECT_EQ(density_clusters({}, 3, 5).count, 0u);
  const std::vector<float> one = {1, 2, 3}, same(30, 1.0f);
  EXPECT_EQ(density_clusters(one, 3, 5).labels, std::vector<std::size_t>{0});
  EXPECT_EQ(density_clusters(same, 3, 20).count, 1u);
}

std::vector<std::uint64_t> codes(std::size_t items) {
  std::vector<std::uint64_t> codes;
  for (std::size_t i = 0; i < items; ++i) codes.push_back(hash64("item " + std::to_string(i)));
  return codes;
}

TEST(OrderVectors, SameItemsSamePlaceAndNothingInCommonFarAway) {
  const std::vector<Composition> orders = {{0, 1}, {2, 3}, {4}, {0, 4}};
  const OrderVectors vectors(orders, codes(6));
  const auto squared = [&](const Composition& a, const Composition& b) {
    const OrderVector left = *vectors.of(a), right = *vectors.of(b);
    double sum = 0;
    for (std::size_t j = 0; j < left.size(); ++j) sum += (left[j] - right[j]) * (left[j] - right[j]);
    return sum;
  };
  EXPECT_EQ(squared({0, 1}, {0, 1}), 0);
  EXPECT_LT(squared({0, 1}, {0}), squared({0, 1}, {2, 3}));
  EXPECT_NEAR(squared({0, 1}, {2, 3}), 2, 0.8);
  EXPECT_FALSE(vectors.of({}));
  EXPECT_FALSE(vectors.of({5}));   // in no order
  EXPECT_FALSE(vectors.of({99}));  // unheard of
}

// Three kinds of orders; each kind's items are common in it and in no other.
TEST(Proposals, AreWhatSimilarOrdersAreMadeOf) {
  std::mt19937 random(1);
  std::vector<Composition> orders;
  for (int i = 0; i < 300; ++i) {
    Composition& order = orders.emplace_back();
    const auto kind = static_cast<std::uint32_t>(i % 3);
    for (std::uint32_t item = 0; item < 4; ++item)
      if (random() % 10 < 9) order.push_back(10 * kind + item);
    if (random() % 10 == 0) order.push_back(40 + random() % 5);
  }
  const Proposals proposals(orders, codes(45));
  for (std::uint32_t kind = 0; kind < 3; ++kind) {
    SCOPED_TRACE(kind);
    const auto cluster = proposals.cluster_of({10 * kind, 10 * kind + 1});
    ASSERT_TRUE(cluster);
    const std::vector<std::size_t> earlier = {*cluster};
    const Proposal proposal = proposals.of(earlier);
    for (const std::uint32_t item : proposal.items) EXPECT_EQ(item / 10, kind);
    EXPECT_GE(proposal.items.size(), 3u);
    EXPECT_GT(proposal.overlap, 0.8);
  }
  EXPECT_EQ(proposals.of({}).items, proposals.of_all().items);
  EXPECT_LT(proposals.of_all().overlap, 0.6);
}

TEST(Proposals, OfOrdersThatAreAllAlikeIsThatOrder) {
  const std::vector<Composition> orders(20, Composition{1, 3});
  const Proposals proposals(orders, codes(4));
  EXPECT_FALSE(proposals.cluster_of({1, 3}));  // what all have says nothing
  EXPECT_EQ(proposals.of_all().items, (Composition{1, 3}));
  EXPECT_DOUBLE_EQ(proposals.of_all().overlap, 1);
}

}  // namespace
}  // namespace nudge::segments
