// Which member owns which task, and who stands by: a pure function of the members, the tasks and the last assignment.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace nudge::connectors::kafka {

struct TaskPlacement {
  std::string owner;                  // empty: nobody's, as there is no member
  std::vector<std::string> standbys;  // other members, who follow the task's changelog
  bool operator==(const TaskPlacement&) const = default;
};

// The placement of each task, by its number. It holds:
// * two members' numbers of tasks differ by one at most;
// * no balanced assignment moves fewer tasks away from members who are still there;
// * what must move goes to a member who stands by for it, where one has room;
// * a task has min(standbys, members - 1) standbys: first who has its state already, its last owner and standbys, as
// long
//   as nobody has more than a fair share of them.
// The same arguments give the same result; the order of `members`, which are distinct, does not matter. `previous` may
// have other tasks and members.
std::vector<TaskPlacement> place_tasks(std::vector<std::string> members, std::size_t tasks, std::size_t standbys,
                                       const std::vector<TaskPlacement>& previous);

}  // namespace nudge::connectors::kafka
