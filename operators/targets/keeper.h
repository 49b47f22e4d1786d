// Keeps the target lists of one task's customers: who enters, changes and leaves, and who may be contacted.
//
// A member is judged again after every cause that may matter, at the event clock, which never goes back for a
// member: its records have rising times. They tell the latest score by event time: an older one that arrives later
// changes nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "operators/signals.h"
#include "operators/targets/audience.h"
#include "operators/targets/eligibility.h"
#include "operators/targets/record.h"
#include "operators/targets/state.h"

namespace nudge::targets {

class ListKeeper final : public KeyedOperator {
 public:
  // Every `where` compiles (see check()).
  ListKeeper(TargetingSettings settings, const ColumnCatalog& columns);

  void settle(CustomerContext& customer) override;
  void timer(CustomerContext& customer) override;
  void finish(CustomerContext& customer, TimelineReader& timeline) override;
  void erase(CustomerContext& customer) override;

 private:
  struct List {
    ListSettings settings;
    Audience audience;
    std::optional<ColumnRef> consent;  // of the channel
    std::uint32_t score = 0;           // what early scores are filed under
  };
  // What one call works on.
  struct Visit {
    CustomerContext& customer;
    TargetsSection& section;
    Millis due = kNever;   // when the clock alone may change something
    bool started = false;  // the customer became eligible in some list
  };

  // Puts the scores of this cause that are the latest of a list's target into latest_; false where nothing can come of
  // them.
  bool find_latest(const std::vector<ScoreMade>& scores, bool has_members, CustomerContext& customer);
  static bool lets_in(List& list, const ScoreMade& score, const CustomerContext& customer);
  void take_score(List& list, const ScoreMade& score, Visit& visit);
  void review(List& list, Visit& visit);
  Verdict verdict_of(const List& list, const ListState& state, bool running, Millis now, const Visit& visit);
  void start(ListState& state, Millis now, Visit& visit);
  void record(Operation operation, const ListSettings& list, ListState& state, Visit& visit,
              bool probability_known = true);
  void exit(List& list, ListState& state, Millis now, Visit& visit, bool probability_known = true);
  // Members of lists that the configuration has no more.
  void leave_unknown_lists(Visit& visit);
  const ListSettings* settings_of(std::string_view list) const;
  static Millis clock_of(const ListState& state, const Visit& visit);

  std::vector<List> lists_;
  double holdout_;
  std::optional<FrequencyCap> cap_;
  std::optional<QuietHours> quiet_;
  Millis longest_cap_ = 0;
  std::optional<ColumnRef> identities_, last_sale_, consent_changes_;
  std::vector<Millis> all_starts_;
  std::vector<const ScoreMade*> latest_;
  RecordWriter writer_;
};

}  // namespace nudge::targets
