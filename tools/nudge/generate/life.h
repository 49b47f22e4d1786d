// The life of one customer: joining, visits, baskets, orders, follow-ups, returns, and answers to campaigns.
//
// Every draw of a customer comes from the customer's own stream, so the shop does not depend on the order in which
// customers are called.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/nudge/generate/plan.h"
#include "tools/nudge/generate/population.h"
#include "tools/nudge/generate/records.h"

namespace nudge::generate {

// What a campaign would do, and does, to a customer.
struct Outcome {
  double p0 = 0, p1 = 0;        // probability of an order with the campaign's code: without and with the message
  bool y0 = false, y1 = false;  // whether there is one
  bool treated = false;
};

class Life {
 public:
  Life(const GenerateOptions& options, const Population& population, RecordWriter& records);

  // Lives until `until`: afterwards the next visit is not before it.
  void live(Shopper& shopper, Millis until);
  // A campaign at `time`, at which the customer has joined. Nothing where the customer is not in it.
  std::optional<Outcome> campaign(Shopper& shopper, std::int64_t number, Millis time);

 private:
  struct Call;  // one customer being called: traits, stream, ids

  void join(Call& call);
  void plan_visit(Call& call, Millis after, Millis not_before);
  void visit(Call& call, Millis time);
  // The time of the purchase that a session ends in.
  std::optional<Millis> session(Call& call, Millis start, const std::vector<Category>& basket);
  void link_second_device(Call& call, Millis time, std::string_view device);

  std::vector<Category> categories(Call& call, bool with_antecedent);
  SaleLine line(Call& call, Category category);
  std::string order(Call& call, Millis time, std::string_view channel, const std::vector<Category>& basket,
                    std::string_view campaign);
  void after_order(Call& call, Millis time, const std::string& transaction, const SaleLine& bought);
  void start_spell(Call& call, Millis time, const std::vector<Category>& basket);
  void follow_up_before(Call& call, Millis visit, Millis after);

  void send(Call& call, const std::string& campaign, Millis time);

  GenerateOptions options_;
  const Population& population_;
  RecordWriter& records_;
  double confidence_, follow_up_probability_;
};

}  // namespace nudge::generate
