// The window against a map of what there should be, through adding, taking back, erasing, ageing and a restart.
#include "operators/rules/sale_window.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <tuple>

namespace nudge::rules {
namespace {

using Found = std::multiset<std::tuple<Millis, std::uint64_t, std::uint64_t, std::vector<std::uint32_t>>>;

struct Wanted {
  Millis time = 0;
  std::vector<std::uint32_t> lines;
};

TEST(SaleWindow, HoldsWhatIsTold) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    SaleWindow window(10);
    std::map<std::pair<std::uint64_t, std::uint64_t>, Wanted> sales;  // by customer and transaction
    std::map<std::uint64_t, std::uint64_t> segments;
    Millis now = 0;
    for (int step = 0; step < 300; ++step) {
      const std::uint64_t customer = random() % 8;
      const Hash128 id{customer, 1};
      switch (random() % 10) {
        case 0:
          segments[customer] = random() % 4;
          window.set_segments(id, segments[customer]);
          break;
        case 1:
          if (random() % 4 != 0) break;
          window.forget(id);
          segments.erase(customer);
          std::erase_if(sales, [&](const auto& each) { return each.first.first == customer; });
          break;
        case 2:
        case 3: {
          if (sales.empty()) break;
          const auto chosen = std::next(sales.begin(), static_cast<std::ptrdiff_t>(random() % sales.size()));
          window.remove({chosen->first.first, 1}, chosen->first.second, chosen->second.time);
          sales.erase(chosen);
          break;
        }
        case 4: {
          window.settle();
          now += random() % 8;
          // Whole panes go.
          const Millis kept_from = (now - 40) < 0 ? -1000 : (now - 40) / 10 * 10;
          window.forget_before(now - 40);
          std::erase_if(sales, [&](const auto& each) { return each.second.time <= kept_from; });
          break;
        }
        case 5: {
          std::string bytes;
          Encoder out(bytes);
          window.settle();
          window.encode(out);
          Decoder in(bytes);
          SaleWindow read(10);
          ASSERT_TRUE(read.decode(in));
          EXPECT_TRUE(in.at_end());
          window = std::move(read);
          break;
        }
        default: {
          const std::uint64_t transaction = random() % 40;
          if (sales.contains({customer, transaction})) break;
          Wanted sale{now + static_cast<Millis>(random() % 12) - 3, {}};
          std::vector<Line> lines;
          for (std::size_t i = random() % 4; i > 0; --i) lines.push_back({static_cast<std::uint32_t>(random() % 100)});
          for (const Line line : lines) sale.lines.push_back(line.value);
          window.add(id, transaction, sale.time, lines);
          sales[{customer, transaction}] = sale;
        }
      }
    }
    window.settle();
    EXPECT_EQ(window.size(), sales.size());
    const Millis from = now - 25, until = now + 2;
    Found found, wanted;
    window.for_each(from, until, [&](const Sale& sale, std::span<const Line> lines, std::uint64_t of) {
      std::vector<std::uint32_t> values;
      for (const Line line : lines) values.push_back(line.value);
      found.emplace(sale.time, sale.transaction, of, values);
    });
    for (const auto& [key, sale] : sales)
      if (sale.time > from && sale.time <= until)
        wanted.emplace(sale.time, key.second, segments[key.first], sale.lines);
    EXPECT_EQ(found, wanted);
  }
}

TEST(SaleWindow, TheOldestGoWhereThereAreTooMany) {
  SaleWindow window(10);
  for (std::uint64_t i = 0; i < 100; ++i) window.add({i, 0}, i, static_cast<Millis>(i), {});
  window.settle();
  EXPECT_EQ(window.limit(35), 71u);  // whole panes: what is left is 71 to 99
  EXPECT_EQ(window.size(), 29u);
}

}  // namespace
}  // namespace nudge::rules
