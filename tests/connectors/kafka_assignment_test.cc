// place_tasks against what its header promises: by rows worked out by hand, and on random histories against a search
// over all balanced assignments.
#include "connectors/kafka/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace nudge::connectors::kafka {
namespace {

using Placements = std::vector<TaskPlacement>;

// `a+bc b+ac`: the owner and the standbys of each task.
std::string text_of(const Placements& placements) {
  std::string text;
  for (const TaskPlacement& placement : placements) {
    text += (text.empty() ? "" : " ") + placement.owner;
    if (!placement.standbys.empty()) text += "+";
    for (const std::string& standby : placement.standbys) text += standby;
  }
  return text;
}

Placements placements_of(const std::string& text) {
  Placements placements;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    TaskPlacement& placement = placements.emplace_back();
    for (std::size_t i = at; i < end; ++i)
      if (text[i] != '+') (i == at ? placement.owner : placement.standbys.emplace_back()) = text[i];
    at = end + 1;
  }
  return placements;
}

TEST(PlaceTasks, Rows) {
  const struct {
    const char* name;
    std::vector<std::string> members;
    std::size_t tasks, standbys;
    const char *previous, *placed;
  } rows[] = {
      {"nobody", {}, 2, 1, "a+b b+a", ""},
      {"one alone has no standby", {"a"}, 3, 1, "", "a a a"},
      {"the first assignment", {"b", "a"}, 4, 1, "", "a+b b+a a+b b+a"},
      {"nothing changes", {"a", "b"}, 4, 1, "a+b b+a b+a a+b", "a+b b+a b+a a+b"},
      {"the standby takes over", {"b", "c"}, 3, 1, "a+b b+c c+a", "b+c b+c c+b"},
      {"a third member gets a fair share", {"a", "b", "c"}, 6, 0, "a b a b a b", "a b a b c c"},
      {"who leaves gives all", {"a", "c"}, 6, 0, "a b c a b c", "a a c a c c"},
      {"more members than tasks", {"a", "b", "c"}, 2, 1, "c+a c+a", "c+a a+c"},
      {"fewer tasks than before", {"a", "b"}, 2, 0, "a b a b", "a b"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(text_of(place_tasks(row.members, row.tasks, row.standbys, placements_of(row.previous))), row.placed);
  }
}

// The fewest tasks that any balanced assignment takes from members who are still there.
std::size_t fewest_moves(const std::vector<std::string>& members, std::size_t tasks, const Placements& previous) {
  std::size_t fewest = tasks;
  std::vector<std::size_t> owner(tasks, 0);
  for (;;) {
    std::vector<std::size_t> count(members.size(), 0);
    std::size_t moves = 0;
    for (std::size_t task = 0; task < tasks; ++task) {
      ++count[owner[task]];
      const bool there = task < previous.size() && std::ranges::count(members, previous[task].owner) > 0;
      moves += there && members[owner[task]] != previous[task].owner;
    }
    if (*std::ranges::max_element(count) - *std::ranges::min_element(count) <= 1) fewest = std::min(fewest, moves);
    std::size_t task = 0;
    while (task < tasks && ++owner[task] == members.size()) owner[task++] = 0;
    if (task == tasks) return fewest;
  }
}

TEST(PlaceTasks, KeepsItsPromisesWhoeverComesAndGoes) {
  const std::vector<std::string> all = {"a", "b", "c", "d"};
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::size_t tasks = 1 + random() % 6, standbys = random() % 3;
    Placements last;
    for (int step = 0; step < 12; ++step) {
      std::vector<std::string> members;
      std::ranges::copy_if(all, std::back_inserter(members), [&](const std::string&) { return random() % 3 > 0; });
      std::ranges::shuffle(members, random);
      if (members.empty()) continue;
      const Placements now = place_tasks(members, tasks, standbys, last);
      ASSERT_EQ(now.size(), tasks);
      std::map<std::string, std::size_t> owned;
      for (const std::string& member : members) owned[member] = 0;
      std::size_t moves = 0;
      for (std::size_t task = 0; task < tasks; ++task) {
        const TaskPlacement& placement = now[task];
        ASSERT_TRUE(owned.contains(placement.owner));
        ++owned[placement.owner];
        const bool there = task < last.size() && owned.contains(last[task].owner);
        moves += there && last[task].owner != placement.owner;
        const std::set<std::string> distinct(placement.standbys.begin(), placement.standbys.end());
        ASSERT_EQ(distinct.size(), std::min(standbys, members.size() - 1));
        ASSERT_EQ(placement.standbys.size(), distinct.size());
        ASSERT_FALSE(distinct.contains(placement.owner));
        for (const std::string& standby : distinct) ASSERT_TRUE(owned.contains(standby));
      }
      const auto [least, most] = std::ranges::minmax_element(owned, {}, [](const auto& entry) { return entry.second; });
      ASSERT_LE(most->second - least->second, 1u);
      ASSERT_EQ(moves, fewest_moves(members, tasks, last)) << text_of(last) << " -> " << text_of(now);
      ASSERT_EQ(text_of(place_tasks(members, tasks, standbys, now)), text_of(now)) << "it settles";
      last = now;
    }
  }
}

}  // namespace
}  // namespace nudge::connectors::kafka
