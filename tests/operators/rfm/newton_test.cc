// The search for a maximum: where it lies inside, where only damping gets there, and where the box ends first.
#include "operators/rfm/newton.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace nudge::rfm {
namespace {

TEST(Newton, FindsTheMaximumOfAParabolaAtOnce) {
  int calls = 0;
  const auto found = maximise<2>({-1, 2}, {{-9, -9}, {9, 9}}, [&](const Coordinates<2>& at) {
    ++calls;
    const double x = at[0] - 1, y = at[1] + 0.5;
    Curvature<2> here;
    here.value = 7 - x * x - x * y - 3 * y * y;
    here.first = {-2 * x - y, -x - 6 * y};
    here.second = {{{-2, 0}, {-1, -6}}};
    return here;
  });
  EXPECT_TRUE(found.converged);
  EXPECT_NEAR(found.at[0], 1, 1e-12);
  EXPECT_NEAR(found.at[1], -0.5, 1e-12);
  EXPECT_NEAR(found.value, 7, 1e-12);
  EXPECT_LE(calls, 4);
}

// −ln cosh is concave, but so flat outside that Newton's own step would fly off.
TEST(Newton, ComesBackFromFarWhereTheFunctionIsFlat) {
  const auto found = maximise<1>({30}, {{-50}, {50}}, [](const Coordinates<1>& at) {
    const double slope = std::tanh(at[0]);
    return Curvature<1>{.value = -std::log(std::cosh(at[0])), .first = {-slope}, .second = {{{slope * slope - 1}}}};
  });
  EXPECT_TRUE(found.converged);
  EXPECT_NEAR(found.at[0], 0, 1e-6);
}

// A bell is convex on its sides.
TEST(Newton, ClimbsWhereTheFunctionIsConvex) {
  const auto found = maximise<1>({3}, {{-50}, {50}}, [](const Coordinates<1>& at) {
    const double x = at[0], bell = 1e3 * std::exp(-x * x / 2);
    return Curvature<1>{.value = bell, .first = {-x * bell}, .second = {{{(x * x - 1) * bell}}}};
  });
  EXPECT_TRUE(found.converged);
  EXPECT_NEAR(found.at[0], 0, 1e-6);
}

TEST(Newton, StopsAtTheBoxAndGoesOnAlongIt) {
  const auto found = maximise<2>({0, 0}, {{-2, -9}, {2, 9}}, [](const Coordinates<2>& at) {
    const double y = at[1] - 1.5;
    return Curvature<2>{.value = at[0] - y * y, .first = {1, -2 * y}, .second = {{{-1e-9, 0}, {0, -2}}}};
  });
  EXPECT_TRUE(found.converged);
  EXPECT_EQ(found.at[0], 2);
  EXPECT_NEAR(found.at[1], 1.5, 1e-9);
}

TEST(Newton, SaysWhereItFoundNoEnd) {
  const auto found = maximise<1>({0}, {{-5}, {5}}, [](const Coordinates<1>&) {
    const double nothing = std::numeric_limits<double>::quiet_NaN();
    return Curvature<1>{.value = nothing, .first = {nothing}, .second = {{{nothing}}}};
  });
  EXPECT_FALSE(found.converged);
}

}  // namespace
}  // namespace nudge::rfm
