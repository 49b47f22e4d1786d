#include "connectors/kafka/assignment.h"

#include <algorithm>
#include <optional>

namespace nudge::connectors::kafka {
namespace {

// Members are numbers here: their places in the sorted list.
constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

class Placing {
 public:
  Placing(const std::vector<std::string>& members, std::size_t tasks, const std::vector<TaskPlacement>& previous)
      : members_(members), owner_(tasks, kNobody), last_owner_(tasks, kNobody), last_standbys_(tasks) {
    for (std::size_t task = 0; task < std::min(tasks, previous.size()); ++task) {
      last_owner_[task] = number_of(previous[task].owner);
      for (const std::string& standby : previous[task].standbys)
        if (const std::size_t member = number_of(standby); member != kNobody) last_standbys_[task].push_back(member);
    }
  }

  std::vector<TaskPlacement> result(std::size_t standbys) {
    place_owners();
    place_standbys(std::min(standbys, members_.size() - 1));
    std::vector<TaskPlacement> placements(owner_.size());
    for (std::size_t task = 0; task < owner_.size(); ++task) {
      placements[task].owner = members_[owner_[task]];
      for (const std::size_t member : standbys_[task]) placements[task].standbys.push_back(members_[member]);
    }
    return placements;
  }

 private:
  std::size_t number_of(const std::string& member) const {
    const auto found = std::ranges::lower_bound(members_, member);
    return found != members_.end() && *found == member ? static_cast<std::size_t>(found - members_.begin()) : kNobody;
  }

  void place_owners() {
    const std::size_t tasks = owner_.size(), members = members_.size();
    std::vector<std::vector<std::size_t>> held(members);
    for (std::size_t task = 0; task < tasks; ++task)
      if (last_owner_[task] != kNobody) held[last_owner_[task]].push_back(task);
    // The larger shares go to those who hold most: nobody gives up more than he must.
    std::vector<std::size_t> by_held(members);
    for (std::size_t member = 0; member < members; ++member) by_held[member] = member;
    std::ranges::stable_sort(by_held, [&](std::size_t a, std::size_t b) { return held[a].size() > held[b].size(); });
    room_.assign(members, tasks / members);
    for (std::size_t i = 0; i < tasks % members; ++i) ++room_[by_held[i]];
    for (std::size_t member = 0; member < members; ++member) keep(member, held[member]);

    std::vector<std::size_t> open;
    for (std::size_t task = 0; task < tasks; ++task)
      if (owner_[task] == kNobody) open.push_back(task);
    for (const std::size_t task : open)
      if (const auto standby = standby_with_room(task)) own(task, *standby);
    for (const std::size_t task : open)
      if (owner_[task] == kNobody) own(task, static_cast<std::size_t>(std::ranges::max_element(room_) - room_.begin()));
  }

  // As many as there is room for; first those that nobody stands by for, who could take them over at once.
  void keep(std::size_t member, std::vector<std::size_t>& tasks) {
    std::ranges::stable_partition(tasks, [&](std::size_t task) { return last_standbys_[task].empty(); });
    for (const std::size_t task : tasks)
      if (room_[member] > 0) own(task, member);
  }

  std::optional<std::size_t> standby_with_room(std::size_t task) const {
    for (const std::size_t member : last_standbys_[task])
      if (room_[member] > 0) return member;
    return std::nullopt;
  }

  void own(std::size_t task, std::size_t member) {
    owner_[task] = member;
    --room_[member];
  }

  void place_standbys(std::size_t wanted) {
    const std::size_t tasks = owner_.size(), members = members_.size();
    standbys_.assign(tasks, {});
    const std::size_t share = (tasks * wanted + members - 1) / members;
    std::vector<std::size_t> load(members, 0);
    const auto add = [&](std::size_t task, std::size_t member) {
      standbys_[task].push_back(member);
      ++load[member];
    };
    const auto may = [&](std::size_t task, std::size_t member) {
      return member != kNobody && member != owner_[task] && std::ranges::count(standbys_[task], member) == 0;
    };
    for (std::size_t task = 0; task < tasks; ++task) {
      std::vector<std::size_t> warm = last_standbys_[task];
      warm.insert(warm.begin(), last_owner_[task]);
      for (const std::size_t member : warm)
        if (standbys_[task].size() < wanted && may(task, member) && load[member] < share) add(task, member);
    }
    for (std::size_t task = 0; task < tasks; ++task) {
      while (standbys_[task].size() < wanted) {
        std::size_t least = kNobody;
        for (std::size_t member = 0; member < members; ++member)
          if (may(task, member) && (least == kNobody || load[member] < load[least])) least = member;
        add(task, least);
      }
    }
  }

  const std::vector<std::string>& members_;
  std::vector<std::size_t> owner_, last_owner_;
  std::vector<std::vector<std::size_t>> last_standbys_, standbys_;
  std::vector<std::size_t> room_;  // how many more tasks each member takes
};

}  // namespace

std::vector<TaskPlacement> place_tasks(std::vector<std::string> members, std::size_t tasks, std::size_t standbys,
                                       const std::vector<TaskPlacement>& previous) {
  if (members.empty()) return std::vector<TaskPlacement>(tasks);
  std::ranges::sort(members);
  return Placing(members, tasks, previous).result(standbys);
}

}  // namespace nudge::connectors::kafka
