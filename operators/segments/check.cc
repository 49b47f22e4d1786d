#include <algorithm>
#include <cctype>

#include "engine/customer_condition.h"
#include "operators/segments/product_shelf.h"
#include "operators/segments/settings.h"
#include "operators/segments/shipped.h"
#include "operators/segments/transaction_reader.h"

namespace nudge::segments {
namespace {

using config::Problem;
using config::Value;

bool is_name(const std::string& name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), fits);
}

class ItemCheck {
 public:
  ItemCheck(const Value& item, const std::vector<Value>& all, const ColumnCatalog& columns,
            std::vector<Problem>& problems)
      : item_(item), all_(all), columns_(columns), problems_(problems) {}

  void run() {
    if (!is_name(item_.at("name").text()))
      problem(item_.at("name"), "not a name for a segmentation", "1 to 32 of a-z, 0-9 and _");
    features();
    k();
    among();
    entity();
  }

 private:
  void problem(const Value& at, std::string what, std::string remedy) {
    problems_.push_back({at.location(), std::move(what), std::move(remedy)});
  }

  void features() {
    std::vector<std::string_view> names;
    const Value* shipped = item_.find("shipped");
    if (shipped && find_shipped(shipped->text())->of != item_.at("of").text())
      problem(*shipped, "segments " + std::string(find_shipped(shipped->text())->of), "`of`: these");
    else if (shipped)
      for (const std::string_view name : find_shipped(shipped->text())->features) {
        names.push_back(name);
        column(*shipped, name);
      }
    if (const Value* features = item_.find("features")) {
      names.clear();
      for (const Value& feature : features->items()) {
        if (std::find(names.begin(), names.end(), feature.text()) != names.end())
          problem(feature, "named twice", "each feature once; `weights` makes one count for more");
        names.push_back(feature.text());
        column(feature, feature.text());
      }
    }
    if (names.empty()) problem(item_, "no features", "name `features`, or a `shipped` segmentation");
    if (names.size() > kFeaturesMax) problem(*item_.find("features"), "more than 32 features", "fewer features");
    for (const std::string_view table : {"weights", "transforms"})
      if (const Value* given = item_.find(table))
        for (const auto& [name, value] : given->entries())
          if (std::find(names.begin(), names.end(), name) == names.end())
            problem(value, "\"" + name + "\" is none of the features", "a name that stands under `features`");
  }

  bool is_of(std::string_view entity) const { return item_.at("of").text() == entity; }

  void entity() {
    const Value* window = item_.find("window");
    if (window && is_of("customers")) problem(*window, "customers count as long as they belong", "leave it out");
    const Value* among = item_.find("among");
    if (among && !is_of("customers")) problem(*among, "is a condition for customers", "leave it out");
    const Value* links = item_.find("links");
    if (links && !is_of("transactions")) return problem(*links, "transactions have links", "leave it out");
    if (!links) return;
    for (const std::string_view of : {"customers", "products"}) {
      const Value& name = links->at(of);
      const auto fits = [&](const Value& each) {
        return each.at("name").text() == name.text() && each.at("of").text() == of;
      };
      if (std::none_of(all_.begin(), all_.end(), fits))
        problem(name, "no segmentation of " + std::string(of) + " is called \"" + name.text() + "\"",
                "one that is here");
    }
  }

  void column(const Value& at, std::string_view name) {
    if (!is_of("customers")) {
      const auto known = is_of("products") ? product_features() : transaction_features();
      std::string names;
      for (const Column& feature : known) {
        if (feature.name == name) return;
        names.append(names.empty() ? "one of " : ", ").append(feature.name);
      }
      return problem(at, item_.at("of").text() + " have no feature \"" + std::string(name) + "\"", names);
    }
    const auto found = columns_.find(name);
    if (!found || !has_use(found->column->use, ColumnUse::kSql))
      problem(at, "no column \"" + std::string(name) + "\"", "a column of `customers` of an operator that runs");
    else if (found->column->type == ValueType::kText)
      problem(at, "\"" + std::string(name) + "\" is text", "a column that is a number");
  }

  void k() {
    const Value* k = item_.find("k");
    if (!k) return;
    const bool is_auto = k->kind() == config::Kind::kText && k->text() == "auto";
    const bool is_count = k->kind() == config::Kind::kInteger && k->integer() >= 1 &&
                          k->integer() <= static_cast<std::int64_t>(kSegmentsMax);
    if (!is_auto && !is_count) problem(*k, "not a number of segments", "1 to 64, or auto");
  }

  void among() {
    const Value* among = item_.find("among");
    if (!among) return;
    if (const auto compiled = Expression::compile(among->text(), sql_columns(columns_)); !compiled.is_ok())
      problem(*among, compiled.status().message(), "an SQL condition over the columns of customers");
  }

  const Value& item_;
  const std::vector<Value>& all_;
  const ColumnCatalog& columns_;
  std::vector<Problem>& problems_;
};

}  // namespace

void check(const OperatorSetup& setup, std::vector<Problem>& problems) {
  const auto& items = setup.config.items();
  if (items.size() > kSegmentationsMax)
    problems.push_back({items[kSegmentationsMax].location(), "more than 16 segmentations", "fewer segmentations"});
  for (std::size_t i = 0; i < items.size(); ++i) {
    ItemCheck(items[i], items, setup.columns, problems).run();
    for (std::size_t j = 0; j < i; ++j)
      if (items[j].at("name").text() == items[i].at("name").text())
        problems.push_back({items[i].at("name").location(), "two segmentations of one name", "another name"});
  }
}

}  // namespace nudge::segments
