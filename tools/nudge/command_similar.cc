// nudge similar: who is most like a customer, or like one who is only described, and in which segments that one is.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "config/engine_parameters.h"
#include "config/scalar.h"
#include "engine/runtime/state_reader.h"
#include "operators/segments/segment_model.h"
#include "operators/segments/similar_customers.h"
#include "tools/nudge/command.h"
#include "tools/nudge/config_option.h"
#include "tools/nudge/table.h"

namespace nudge::program {
namespace {

using segments::Feature;
using segments::Segmentation;
using segments::SimilarCustomer;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

struct SimilarChoices {
  ConfigOption config;
  std::string customer, state, features, weights, format = "table";
  std::size_t most = 10;
};

struct Named {
  std::string_view name;
  double value = 0;
};

// `a=1,b=2`, or with a colon.
Result<std::vector<Named>> named_numbers(std::string_view option, std::string_view text, char between) {
  std::vector<Named> named;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const std::size_t at = item.find(between);
    const auto value =
        at == std::string_view::npos ? std::nullopt : config::parse_real(std::string(item.substr(at + 1)));
    if (!value || !std::isfinite(*value))
      return Status::usage(fmt::format("{}: \"{}\" is no number with a name; write name{}number, with commas between",
                                       option, item, between));
    named.push_back({item.substr(0, at), *value});
  }
  return named;
}

std::vector<Segmentation> segmentations_of(const runtime::Program& program) {
  for (std::size_t slot = 0; slot < program.operators().size(); ++slot)
    if (program.operators()[slot].spec->name == "segments") return segments::read_settings(program.setup(slot)).all;
  return {};
}

// The features that the question is about: those that weights name; else those of all segmentations of customers.
Result<std::vector<Feature>> features_of(const std::vector<Segmentation>& all, const std::vector<Named>& weights,
                                         const ColumnCatalog& columns) {
  std::vector<Feature> features;
  const auto add = [&](const Feature& feature) {
    const auto same = [&](const Feature& each) { return each.name() == feature.name(); };
    if (std::none_of(features.begin(), features.end(), same)) features.push_back(feature);
  };
  for (const Named& weight : weights) {
    const auto column = columns.find(weight.name);
    if (!column || column->column->type == ValueType::kText || !has_use(column->column->use, ColumnUse::kSql))
      return Status::usage(fmt::format("--weights: \"{}\" is no column of customers that is a number", weight.name));
    if (weight.value < 0) return Status::usage(fmt::format("--weights: \"{}\" is below 0", weight.name));
    add(segments::usual_feature(*column));
  }
  if (weights.empty())
    for (const Segmentation& each : all)
      if (each.of == segments::Entity::kCustomers)
        for (const Feature& feature : each.features) add(feature);
  if (features.empty())
    return Status::usage("no segmentation of customers is configured; name features with --weights");
  return features;
}

std::string number(double value) { return value == value ? fmt::format("{:.6g}", value) : "unknown"; }

// In which segment of each segmentation of customers: as the version in force says.
std::string segments_text(const std::vector<Segmentation>& all, const std::map<std::string, Model>& models,
                          const std::function<double(const ColumnRef&)>& value) {
  std::string text;
  for (const Segmentation& each : all) {
    if (each.of != segments::Entity::kCustomers) continue;
    const auto found = models.find(each.model_name());
    const auto model = found == models.end() ? std::nullopt : segments::SegmentModel::decode(found->second.bytes);
    if (!model || model->segmentation != each.id) {
      text += fmt::format("{}: nothing is learnt yet\n", each.name);
      continue;
    }
    std::vector<double> y, z(each.features.size());
    for (const Feature& feature : each.features)
      y.push_back(segments::transformed(feature.transform, value(feature.column)));
    const segments::Nearest nearest = model->nearest_of(y, z);
    text += fmt::format("{}: {} of version {}, at a distance of {:.3f}\n", each.name,
                        segments::segment_id(model->numbers[nearest.place]), found->second.version,
                        std::sqrt(nearest.squared_distance));
  }
  return text;
}

// What makes two alike: the features by what they add to the squared distance, the least first.
std::string alike_in(const SimilarCustomer& customer, const std::vector<Feature>& features) {
  std::vector<std::size_t> order(features.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return customer.parts[a].squared < customer.parts[b].squared; });
  std::string text;
  for (const std::size_t j : order)
    text += fmt::format("{}{} {:.2g}", text.empty() ? "" : ", ", features[j].name(), customer.parts[j].squared);
  return text;
}

Table table_of(const std::vector<SimilarCustomer>& found, const std::vector<Feature>& features,
               const std::vector<double>& asked) {
  Table table{.columns = {"customer", "distance"}, .rows = {}};
  for (const Feature& feature : features) table.columns.push_back(feature.name());
  table.columns.push_back("alike in (parts of the squared distance)");
  std::vector<Cell> first = {"asked for", ""};
  for (const double value : asked) first.emplace_back(number(value));
  first.emplace_back("");
  table.rows.push_back(std::move(first));
  for (const SimilarCustomer& each : found) {
    std::vector<Cell> row = {each.id, fmt::format("{:.4f}", each.distance)};
    for (const SimilarCustomer::Part& part : each.parts) row.emplace_back(number(part.own));
    row.emplace_back(alike_in(each, features));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Status run(const SimilarChoices& choices) {
  if (choices.customer.empty() == choices.features.empty())
    return Status::usage("name a customer, or describe one with --features");
  NUDGE_ASSIGN(const std::vector<Named> told, named_numbers("--features", choices.features, '='));
  NUDGE_ASSIGN(const std::vector<Named> weights, named_numbers("--weights", choices.weights, ':'));
  NUDGE_ASSIGN(const config::Application application, load_application(choices.config));
  NUDGE_ASSIGN(const auto program, runtime::Program::make(application));
  const std::vector<Segmentation> all = segmentations_of(*program);
  NUDGE_ASSIGN(const std::vector<Feature> features, features_of(all, weights, program->columns()));
  for (const Named& each : told)
    if (!program->columns().find(each.name))
      return Status::usage(fmt::format("--features: \"{}\" is no column of customers", each.name));
  const std::string folder = choices.state.empty() ? config::state_folder(application.root) : choices.state;
  NUDGE_ASSIGN(const auto reader, runtime::StateReader::open(folder, *program));

  segments::SimilarCustomers base(features);
  std::string in_segments;
  std::vector<double> values(features.size());
  NUDGE_TRY(reader->for_each([&](const runtime::StateReader::StoredCustomer& customer) {
    const auto value = [&](const ColumnRef& column) { return as_real(customer.value(column), kUnknown); };
    for (std::size_t j = 0; j < features.size(); ++j) values[j] = value(features[j].column);
    base.add(customer.id(), values);
    if (customer.id() == choices.customer) in_segments = segments_text(all, reader->models(), value);
  }));
  if (choices.customer.empty()) {
    const auto value = [&](const ColumnRef& column) {
      const auto found =
          std::find_if(told.begin(), told.end(), [&](const Named& each) { return each.name == column.column->name; });
      return found == told.end() ? kUnknown : found->value;
    };
    in_segments = segments_text(all, reader->models(), value);
    for (std::size_t j = 0; j < features.size(); ++j) values[j] = value(features[j].column);
  } else {
    const auto known = base.values_of(choices.customer);
    if (!known) return Status::usage(fmt::format("there is no customer \"{}\" in {}", choices.customer, folder));
    values = *known;
  }
  std::vector<double> by_feature(features.size(), 1);
  for (std::size_t j = 0; j < weights.size(); ++j) by_feature[j] = weights[j].value;
  const Table table = table_of(base.find(values, by_feature, choices.most, choices.customer), features, values);
  if (choices.format == "table") fmt::print("{}\n", in_segments);
  print(table, choices.format);
  return Status::ok();
}

}  // namespace

Run declare_similar(CLI::App& command) {
  auto choices = std::make_shared<SimilarChoices>();
  choices->config.declare(command);
  command.add_option("customer", choices->customer, "Whom the others are compared with")->type_name("CUSTOMER");
  command
      .add_option("--features", choices->features, "Instead of a customer: name=number,…; what is left out is unknown")
      ->type_name("LIST");
  command
      .add_option("--weights", choices->weights,
                  "How much squared differences count: name:number,…; by default 1 for each feature of the "
                  "segmentations of customers")
      ->type_name("LIST");
  command.add_option("-k,--most", choices->most, "How many customers")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command.add_option("--state", choices->state, "The folder of the state, instead of engine.state_dir")
      ->type_name("DIR");
  command.add_option("--format", choices->format, "table, json or csv")
      ->check(CLI::IsMember({kTableFormats[0], kTableFormats[1], kTableFormats[2]}))
      ->capture_default_str();
  return [choices] { return run(*choices); };
}

}  // namespace nudge::program
