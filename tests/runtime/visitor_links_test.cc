// VisitorLinks against the rule in its words: the last link at or before a time, else the first after it.
#include "engine/runtime/visitor_links.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace nudge::runtime {
namespace {

// The rule, by brute force over links in the order of their arrival.
struct Rule {
  std::vector<std::pair<Millis, std::string>> links;  // by time; of equal times the later arrival last
  void add(Millis time, const std::string& customer) {
    const auto place =
        std::upper_bound(links.begin(), links.end(), time, [](Millis t, const auto& link) { return t < link.first; });
    links.insert(place, {time, customer});
  }
  std::string owner(Millis time) const {
    std::string owner = links.empty() ? "" : links.front().second;
    for (const auto& [at, customer] : links)
      if (at <= time) owner = customer;
    return owner;
  }
};

std::string owner_of(const VisitorLinks& links, Millis time) {
  const std::uint32_t owner = links.owner(time);
  return owner == VisitorLinks::kNobody ? "" : links.customers()[owner];
}

TEST(VisitorLinks, NobodyBeforeTheFirstLink) {
  const VisitorLinks links;
  EXPECT_EQ(links.owner(5), VisitorLinks::kNobody);
  EXPECT_TRUE(links.empty());
}

TEST(VisitorLinks, TheFirstLinkOwnsWhatWasBefore) {
  VisitorLinks links;
  const auto changes = links.add(100, "ann");
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].from, 0);
  EXPECT_EQ(changes[0].until, kNever);
  EXPECT_EQ(changes[0].before, VisitorLinks::kNobody);
  EXPECT_EQ(owner_of(links, 5), "ann");
  EXPECT_EQ(owner_of(links, 500), "ann");
}

TEST(VisitorLinks, RepeatedLinksToTheSameCustomerChangeNothing) {
  VisitorLinks links;
  (void)links.add(100, "ann");
  EXPECT_TRUE(links.add(200, "ann").empty());
  EXPECT_TRUE(links.add(150, "ann").empty());
}

TEST(VisitorLinks, ALateLinkTakesOnlyUntilTheNextOne) {
  VisitorLinks links;
  (void)links.add(100, "ann");
  (void)links.add(200, "ann");
  const auto changes = links.add(150, "ben");
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].from, 150);
  EXPECT_EQ(changes[0].until, 200);
  EXPECT_EQ(owner_of(links, 149), "ann");
  EXPECT_EQ(owner_of(links, 150), "ben");
  EXPECT_EQ(owner_of(links, 200), "ann");
}

TEST(VisitorLinks, AForgottenCustomerWasNeverLinked) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    VisitorLinks links, without;
    const char* const names[] = {"ann", "ben", "cyd"};
    for (unsigned i = 0; i < 1 + seed * 3; ++i) {
      const auto time = static_cast<Millis>(1 + random() % 100);
      const std::string customer = names[random() % 3];
      (void)links.add(time, customer);
      if (customer != "ben") (void)without.add(time, customer);
    }
    std::vector<std::string> before;
    for (Millis t = 0; t <= 102; ++t) before.push_back(owner_of(links, t));
    links.forget("ben");
    links.forget("dee");
    for (Millis t = 0; t <= 102; ++t) {
      const std::string& owner = before[static_cast<std::size_t>(t)];
      EXPECT_EQ(owner_of(links, t), owner_of(without, t));
      if (owner != "ben") EXPECT_EQ(owner_of(links, t), owner) << "somebody else's record changed hands";
    }
    EXPECT_EQ(std::count(links.customers().begin(), links.customers().end(), "ben"), 0);
    (void)links.add(50, "ben");
    (void)without.add(50, "ben");
    for (Millis t = 0; t <= 102; ++t) EXPECT_EQ(owner_of(links, t), owner_of(without, t));
  }
}

TEST(VisitorLinks, OwnersAndChangesFollowTheRuleOnRandomInput) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    // Some visitors have so many links that they fill several blocks.
    const int links_wanted = seed % 100 == 0 ? 300 : 30;
    const Millis last = seed % 100 == 0 ? 100 : 20;
    VisitorLinks links;
    Rule rule;
    const char* const names[] = {"ann", "ben", "cyd"};
    for (int i = 0; i < links_wanted; ++i) {
      const auto time = static_cast<Millis>(1 + random() % static_cast<unsigned>(last));
      const std::string customer = names[random() % (seed % 3 + 1)];
      std::vector<std::string> before;
      for (Millis t = 0; t <= last + 2; ++t) before.push_back(rule.owner(t));
      rule.add(time, customer);
      const auto changes = links.add(time, customer);
      for (Millis t = 0; t <= last + 2; ++t) {
        const std::string now = rule.owner(t);
        EXPECT_EQ(owner_of(links, t), now);
        std::string told = before[static_cast<std::size_t>(t)];
        for (const auto& change : changes) {
          if (t < change.from || t >= change.until) continue;
          EXPECT_EQ(change.before == VisitorLinks::kNobody ? "" : links.customers()[change.before], told);
          told = links.customers()[change.after];
        }
        EXPECT_EQ(told, now) << "records at " << t;
      }
      std::string bytes;
      Encoder out(bytes);
      links.encode(out);
      VisitorLinks copy;
      Decoder in(bytes);
      copy.decode(in);
      ASSERT_TRUE(in.ok() && in.at_end());
      for (Millis t = 0; t <= last + 2; ++t) EXPECT_EQ(owner_of(copy, t), rule.owner(t));
      links = copy;
    }
  }
}

}  // namespace
}  // namespace nudge::runtime
