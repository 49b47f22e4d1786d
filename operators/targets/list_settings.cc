#include "operators/targets/list_settings.h"

#include <algorithm>
#include <cmath>

#include "operators/targets/audience.h"

namespace nudge::targets {
namespace {

using config::Kind;
using config::Parameter;
using config::Problem;

constexpr double kGrid = 1e6;
constexpr double kGridSlack = 1e-4;  // A bound this near to a grid point is meant to be it: 0.15 · 1e6 is 149999.99….

constexpr Parameter kBandBound[] = {{.kind = Kind::kReal, .least = 0, .most = 1}};
constexpr Parameter kCap[] = {
    {.name = "max",
     .kind = Kind::kInteger,
     .required = true,
     .help = "How often at most.",
     .least = 1,
     .most = kCapMax},
    {.name = "per",
     .kind = Kind::kDuration,
     .required = true,
     .help = "Within any period of this length.",
     .least = 1,
     .most = static_cast<double>(3660 * kDay)},
};
constexpr Parameter kBudget[] = {
    {.name = "max_per_day", .kind = Kind::kInteger, .help = "How many customers a day at most.", .least = 1},
    {.name = "cost", .kind = Kind::kMoney, .help = "What one contact costs."},
};

const Parameter& list_parameter() {
  static const Parameter members[] = {
      {.name = "list", .kind = Kind::kText, .required = true, .help = "The list's name, `list_id` in the records."},
      {.name = "score", .kind = Kind::kText, .required = true, .help = "The score whose probability decides."},
      {.name = "band",
       .kind = Kind::kList,
       .default_text = "[0.15, 0.5]",
       .help = "Lowest and highest probability of a member, both inside.",
       .members = kBandBound},
      {.name = "where",
       .kind = Kind::kExpression,
       .default_text = "true",
       .help = "SQL over `customers`: who may be a member."},
      {.name = "channel",
       .kind = Kind::kChoice,
       .help = "The channel of the contact; its consent is then needed.",
       .choices = channel_names()},
      {.name = "campaign",
       .kind = Kind::kText,
       .help = "The campaign that the list is for, `campaign_id` in the records."},
      {.name = "control",
       .kind = Kind::kReal,
       .default_text = "0",
       .help = "The share of the members, hold-out aside, that is watched without contact.",
       .least = 0,
       .most = 1},
      {.name = "frequency_cap",
       .kind = Kind::kObject,
       .help = "How often the list may make a customer eligible.",
       .members = kCap},
      {.name = "recent_purchase",
       .kind = Kind::kDuration,
       .help = "Nobody is eligible who has bought less than this ago.",
       .least = 1,
       .most = static_cast<double>(3660 * kDay)},
      {.name = "budget", .kind = Kind::kObject, .help = "Not supported yet: leave it out.", .members = kBudget},
      {.name = "valid",
       .kind = Kind::kDuration,
       .default_text = "3d",
       .help = "A member leaves when no new score has come for this long.",
       .least = 1,
       .most = static_cast<double>(3660 * kDay)},
  };
  static const Parameter item = {.kind = Kind::kObject, .help = "One list.", .members = members};
  return item;
}

std::optional<FrequencyCap> cap_of(const config::Value* value) {
  if (value == nullptr || value->is_null()) return std::nullopt;
  return FrequencyCap{value->at("max").integer(), value->at("per").duration()};
}

const config::Value* given(const config::Value& value, std::string_view name) {
  const config::Value* found = value.find(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

ListSettings list_of(const config::Value& item) {
  ListSettings list;
  list.name = item.at("list").text();
  list.score = item.at("score").text();
  if (const auto& band = item.at("band").items(); band.size() == 2) {
    list.lowest_micro = lowest_micro_of(band[0].real());
    list.highest_micro = highest_micro_of(band[1].real());
  }
  list.where = item.at("where").text();
  if (const auto* channel = given(item, "channel")) {
    const auto names = channel_names();
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == channel->text()) list.channel = static_cast<Channel>(i);
  }
  if (const auto* campaign = given(item, "campaign")) list.campaign = campaign->text();
  list.control = item.at("control").real();
  list.cap = cap_of(given(item, "frequency_cap"));
  if (const auto* window = given(item, "recent_purchase")) list.recent_purchase = window->duration();
  list.valid = item.at("valid").duration();
  return list;
}

Result<QuietHours> quiet_hours_of(const config::Value& value) {
  return QuietHours::make(minute_of_day(value.at("from").text()), minute_of_day(value.at("until").text()),
                          value.at("zone").text());
}

// The names of the scores of the configuration, in file order.
std::vector<std::string> score_names(const config::Value& root) {
  std::vector<std::string> names;
  const config::Value* operators = given(root, "operators");
  const config::Value* scores = operators == nullptr ? nullptr : given(*operators, "scores");
  if (scores != nullptr)
    for (const config::Value& score : scores->items()) names.push_back(score.at("name").text());
  return names;
}

std::string one_of(const std::vector<std::string>& names) {
  std::string text = "one of ";
  for (std::size_t i = 0; i < names.size(); ++i) text.append(i == 0 ? "" : ", ").append(names[i]);
  return text;
}

void check_list(const config::Value& item, const OperatorSetup& setup, std::vector<Problem>& problems) {
  const auto problem = [&](std::string_view key, std::string what, std::string remedy) {
    problems.push_back({item.at(key).location(), std::move(what), std::move(remedy)});
  };
  const std::string& name = item.at("list").text();
  if (name.empty() || name.size() > kListNameBytesMax || name.find('|') != std::string::npos)
    problem("list", "not a name for a list: \"" + name + "\"", "1 to 64 bytes without |");
  const std::vector<std::string> scores = score_names(setup.root);
  const std::string& score = item.at("score").text();
  if (scores.empty())
    problem("score", "there are no scores", "declare \"" + score + "\" under operators.scores");
  else if (std::find(scores.begin(), scores.end(), score) == scores.end())
    problem("score", "no score \"" + score + "\"", one_of(scores));
  const auto& band = item.at("band").items();
  if (band.size() != 2)
    problem("band", "a band has two ends", "[0.15, 0.5]");
  else if (band[0].real() > band[1].real())
    problem("band", "the lower end is above the upper end", "[lowest, highest]");
  if (given(item, "budget") != nullptr)
    problem("budget", "budgets are not supported yet", "leave it out; frequency_cap and the band limit a list");
  if (const auto audience = Audience::compile(item.at("where").text(), setup.columns); !audience.is_ok())
    problem("where", audience.status().message(), "an SQL condition over the columns of customers");
}

}  // namespace

std::int32_t lowest_micro_of(double low) { return static_cast<std::int32_t>(std::ceil(low * kGrid - kGridSlack)); }
std::int32_t highest_micro_of(double high) { return static_cast<std::int32_t>(std::floor(high * kGrid + kGridSlack)); }

const Parameter& parameters() {
  static const Parameter all = {.name = "targets",
                                .kind = Kind::kList,
                                .help = "Lists of customers whose score lies in a band, kept up to date.",
                                .members = std::span(&list_parameter(), 1)};
  return all;
}

TargetingSettings read_settings(const config::Value& lists, const config::Value& root) {
  TargetingSettings settings;
  for (const config::Value& item : lists.items()) settings.lists.push_back(list_of(item));
  if (const config::Value* targeting = given(root, "targeting")) {
    settings.holdout = targeting->at("holdout").real();
    settings.cap = cap_of(given(*targeting, "frequency_cap"));
    if (const config::Value* quiet = given(*targeting, "quiet_hours")) {
      auto hours = quiet_hours_of(*quiet);
      NUDGE_CHECK(hours.is_ok(), "the configuration is checked");
      settings.quiet = std::move(hours).value();
    }
  }
  return settings;
}

void check(const OperatorSetup& setup, std::vector<Problem>& problems) {
  const auto& items = setup.config.items();
  if (items.size() > kListsMax) problems.push_back({items[kListsMax].location(), "more than 32 lists", "fewer lists"});
  for (std::size_t i = 0; i < items.size(); ++i) {
    check_list(items[i], setup, problems);
    for (std::size_t j = 0; j < i; ++j)
      if (items[j].at("list").text() == items[i].at("list").text())
        problems.push_back({items[i].at("list").location(), "two lists \"" + items[i].at("list").text() + "\"",
                            "another name for one of them"});
  }
  const config::Value* targeting = given(setup.root, "targeting");
  const config::Value* quiet = targeting == nullptr ? nullptr : given(*targeting, "quiet_hours");
  if (quiet == nullptr) return;
  if (const auto hours = QuietHours::make(0, 1, quiet->at("zone").text()); !hours.is_ok())
    problems.push_back({quiet->at("zone").location(), hours.status().message(), "a name such as Europe/Prague or UTC"});
}

}  // namespace nudge::targets
