#include "engine/portable_math.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <random>
#include <vector>

namespace nudge::portable {
namespace {

TEST(PortableMath, ManyAtOnceAreTheBitsOfOneByOne) {
  std::mt19937_64 random(3);
  std::vector<double> values = {0, -0.0, 1, -1, 1e-300, -1e-300, 700, -745, -800, 1e300};
  for (int i = 0; i < 100'001; ++i) values.push_back(std::normal_distribution(0.0, i % 2 ? 1.0 : 100.0)(random));
  const struct {
    const char* name;
    void (*each)(std::span<double>);
    double (*one)(double);
  } functions[] = {{"exp", exp_each, exp}, {"log1p", log1p_each, log1p}, {"expm1", expm1_each, expm1}};
  for (const auto& function : functions) {
    std::vector<double> together = values;
    function.each(together);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (values[i] > -1 || function.one != log1p)  // beyond there is no value, only some NaN
        ASSERT_EQ(std::bit_cast<std::uint64_t>(together[i]), std::bit_cast<std::uint64_t>(function.one(values[i])))
            << function.name << " of " << values[i];
  }
}

}  // namespace
}  // namespace nudge::portable
