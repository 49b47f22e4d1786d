// nudge propose: what the next order of a customer will be made of, by similar orders; tried on later orders.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "engine/json_writer.h"
#include "tools/nudge/command.h"
#include "tools/nudge/propose/trial.h"

namespace nudge::program {
namespace {

using propose::Orders;
using propose::Trial;

struct ProposeChoices {
  std::string input, items = "product", format = "table";
  std::vector<std::string> customers;
  propose::TrialSettings trial;
};

struct ForCustomer {
  std::string customer;
  segments::Proposal proposal;
};

std::string json_of(const Trial& trial, const std::vector<ForCustomer>& proposals, const Orders& orders) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  for (const auto& [name, count] : {std::pair("orders", trial.orders), std::pair("base", trial.base),
                                    std::pair("clusters", trial.clusters), std::pair("tried", trial.tried)})
    json.member(name, static_cast<std::uint64_t>(count));
  json.member("similar", trial.similar);
  json.member("most_common", trial.most_common);
  json.member("most_common_at_best", trial.most_common_at_best);
  json.member("error", trial.error);
  json.key("proposals");
  json.begin_array();
  for (const ForCustomer& each : proposals) {
    json.begin_object();
    json.member("customer_id", std::string_view(each.customer));
    json.member("overlap", each.proposal.overlap);
    json.key("items");
    json.begin_array();
    for (const std::uint32_t item : each.proposal.items) json.text(orders.items[item]);
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return text;
}

void print(const Trial& trial, const std::vector<ForCustomer>& proposals, const Orders& orders) {
  fmt::print("{} orders; {} of them in {} clusters; tried on {} later ones\n", trial.orders, trial.base, trial.clusters,
             trial.tried);
  fmt::print(
      "overlap of the proposal   by similar orders {:.4f}, the most common of all {:.4f} (difference ± {:.4f})\n",
      trial.similar, trial.most_common, trial.error);
  fmt::print("                          the most common of all, were its length known {:.4f}\n",
             trial.most_common_at_best);
  for (const ForCustomer& each : proposals) {
    fmt::print("\n{}, expected overlap {:.3f}\n", each.customer, each.proposal.overlap);
    for (const std::uint32_t item : each.proposal.items) fmt::print("  {}\n", orders.items[item]);
  }
}

Status run(const ProposeChoices& choices) {
  const auto kind = choices.items == "category" ? propose::ItemKind::kCategory : propose::ItemKind::kProduct;
  NUDGE_ASSIGN(const Orders orders, propose::read_orders(choices.input, kind));
  propose::Trier trier(orders, choices.trial);
  std::vector<ForCustomer> proposals;
  for (const std::string& name : choices.customers) {
    const auto found = std::find(orders.customers.begin(), orders.customers.end(), name);
    if (found == orders.customers.end())
      return Status::usage("--customer: \"" + name + "\" has no order in " + choices.input);
    proposals.push_back({name, trier.next_of(static_cast<std::uint32_t>(found - orders.customers.begin()))});
  }
  const Trial trial = trier.run();
  if (choices.format == "json")
    fmt::print("{}\n", json_of(trial, proposals, orders));
  else
    print(trial, proposals, orders);
  return Status::ok();
}

}  // namespace

Run declare_propose(CLI::App& command) {
  auto choices = std::make_shared<ProposeChoices>();
  command.add_option("--input,-i", choices->input, "The folder with transactions, and products for categories")
      ->required()
      ->type_name("DIR");
  command.add_option("--items", choices->items, "What an order is made of")
      ->check(CLI::IsMember({propose::kItemKinds[0], propose::kItemKinds[1]}))
      ->capture_default_str();
  command.add_option("--later", choices->trial.later, "The share of the orders, the latest, that it is tried on")
      ->check(CLI::Range(0.01, 0.99))
      ->capture_default_str();
  command.add_option("--customer", choices->customers, "Whose next order is proposed; may be repeated")
      ->type_name("ID");
  command.add_option("--format", choices->format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  return [choices] { return run(*choices); };
}

}  // namespace nudge::program
