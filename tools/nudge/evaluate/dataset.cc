#include "tools/nudge/evaluate/dataset.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <optional>

#include "operators/scores/features.h"

namespace nudge::evaluate {
namespace {

using connectors::CsvTable;

constexpr std::array<std::string_view, 6> kUnknown = {"?", "na", "n/a", "nan", "null", "unknown"};
constexpr std::array<std::array<std::string_view, 2>, 5> kBooleans = {
    {{"false", "true"}, {"no", "yes"}, {"f", "t"}, {"n", "y"}, {"0", "1"}}};
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kValuesTold = 5, kArmsMost = 32;
constexpr std::array<std::string_view, 3> kControls = {"control", "none", "no"};

bool equals_lower(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char c, char l) { return (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) == l; });
}

// The pair of kBooleans that all the values are of; nothing where there is none.
std::optional<std::size_t> boolean_pair(const std::vector<std::string_view>& values) {
  for (std::size_t pair = 0; pair < kBooleans.size(); ++pair)
    if (std::all_of(values.begin(), values.end(), [pair](std::string_view value) {
          return equals_lower(value, kBooleans[pair][0]) || equals_lower(value, kBooleans[pair][1]);
        }))
      return pair;
  return std::nullopt;
}

// The known cells of a column, in order.
std::vector<std::string_view> known_of(const CsvTable& table, std::size_t column,
                                       const std::vector<std::uint32_t>& rows) {
  std::vector<std::string_view> values;
  for (const std::uint32_t row : rows)
    if (const std::string_view cell = table.cell(row, column); !is_unknown(cell)) values.push_back(cell);
  std::sort(values.begin(), values.end());
  return values;
}

std::vector<std::string_view> distinct_of(std::vector<std::string_view> sorted) {
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  return sorted;
}

std::string examples(const std::vector<std::string_view>& values) {
  std::string list;
  for (std::size_t i = 0; i < std::min(values.size(), kValuesTold); ++i)
    list += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", values[i]);
  return list + (values.size() > kValuesTold ? " …" : "");
}

// A column as the models see it.
struct Column {
  std::size_t place = 0;  // in the table
  std::size_t pair = 0;   // of a boolean
  Feature feature;
  // Of a text: what occurs, in order, and the bucket of each.
  std::vector<std::string_view> texts = {};
  std::vector<std::uint32_t> buckets = {};

  // The most frequent texts first; equally frequent ones in order.
  void number_texts(const std::vector<std::string_view>& sorted) {
    texts = distinct_of(sorted);
    std::vector<std::size_t> by_count(texts.size());
    std::iota(by_count.begin(), by_count.end(), std::size_t{0});
    const auto count = [&](std::size_t text) {
      const auto [begin, end] = std::equal_range(sorted.begin(), sorted.end(), texts[text]);
      return end - begin;
    };
    std::stable_sort(by_count.begin(), by_count.end(),
                     [&](std::size_t a, std::size_t b) { return count(a) > count(b); });
    feature.buckets.clear();
    buckets.assign(texts.size(), scores::kTextBuckets - 1);
    for (std::uint32_t bucket = 0; bucket < std::min<std::size_t>(texts.size(), scores::kTextBuckets); ++bucket)
      buckets[by_count[bucket]] = bucket;
    for (std::size_t place = 0; place < std::min<std::size_t>(texts.size(), scores::kTextBuckets); ++place)
      feature.buckets.emplace_back(texts[by_count[place]]);
    if (texts.size() > scores::kTextBuckets) feature.buckets.back() = "another";
  }

  float value(std::string_view cell) const {
    if (is_unknown(cell)) return kNaN;
    if (feature.type == ColumnType::kText) {
      const auto found = std::lower_bound(texts.begin(), texts.end(), cell);
      return static_cast<float>(buckets[static_cast<std::size_t>(found - texts.begin())]);
    }
    if (feature.type == ColumnType::kBoolean) return equals_lower(cell, kBooleans[pair][1]) ? 1.0f : 0.0f;
    return scores::feature_value(Value(*connectors::number_of_cell(cell)));
  }
};

class DatasetMaker {
 public:
  DatasetMaker(const CsvTable& table, const DatasetOptions& options) : table_(table), options_(options) {}

  Result<Dataset> make() {
    NUDGE_ASSIGN(target_, table_.required_column(options_.target, "--target"));
    if (!options_.treatment.empty()) {
      NUDGE_ASSIGN(treatment_, table_.required_column(options_.treatment, "--treatment"));
      if (treatment_ == target_) return Status::usage("--treatment: " + options_.treatment + " is the target");
    }
    NUDGE_TRY(choose_columns());
    choose_rows();
    NUDGE_TRY(choose_positive());
    if (treatment_) NUDGE_TRY(choose_arms());
    describe_columns();
    if (columns_.empty())
      return Status::bad_data(table_.path() + ": no column tells rows apart; the models need one beside the target");
    fill();
    if (made_.positives == 0 || made_.positives == made_.rows.size())
      return Status::bad_data(fmt::format("{}: column {}: {} of {} rows are \"{}\"; the models need rows of both kinds",
                                          table_.path(), options_.target, made_.positives, made_.rows.size(),
                                          made_.positive));
    return std::move(made_);
  }

 private:
  Status choose_columns() {
    std::vector<bool> used(table_.columns(), true);
    used[target_] = false;
    if (treatment_) used[*treatment_] = false;
    for (const std::string& name : options_.dropped) {
      NUDGE_ASSIGN(const std::size_t column, table_.required_column(name, "--drop"));
      if (column == target_) return Status::usage("--drop: " + name + " is the target; leave it in");
      used[column] = false;
    }
    for (std::size_t column = 0; column < table_.columns(); ++column)
      if (used[column]) columns_.push_back({.place = column, .pair = 0, .feature = {.name = table_.name(column)}});
    return Status::ok();
  }

  void choose_rows() {
    made_.read = table_.rows();
    for (std::uint32_t row = 0; row < table_.rows(); ++row) {
      const auto unknown = [&](const Column& column) { return is_unknown(table_.cell(row, column.place)); };
      if (is_unknown(table_.cell(row, target_)))
        made_.without_target += 1;
      else if (treatment_ && is_unknown(table_.cell(row, *treatment_)))
        made_.without_treatment += 1;
      else if (options_.drop_unknown && std::any_of(columns_.begin(), columns_.end(), unknown))
        made_.with_unknown += 1;
      else
        rows_.push_back(row);
    }
  }

  Status choose_positive() {
    made_.target = options_.target;
    const auto values = distinct_of(known_of(table_, target_, rows_));
    if (values.empty())
      return Status::bad_data(
          fmt::format("{}: column {}: no row is left whose target is known", table_.path(), options_.target));
    if (!options_.positive.empty()) {
      if (std::find(values.begin(), values.end(), options_.positive) == values.end())
        return Status::usage(fmt::format("--positive: column {} is never \"{}\"; it is {}", options_.target,
                                         options_.positive, examples(values)));
      made_.positive = options_.positive;
      return Status::ok();
    }
    const auto pair = boolean_pair(values);
    if (!pair)
      return Status::usage(
          fmt::format("--target: column {} has {} values, {}; say with --positive which is to be "
                      "predicted",
                      options_.target, values.size(), examples(values)));
    for (const std::string_view value : values)
      if (equals_lower(value, kBooleans[*pair][1])) made_.positive = value;
    if (made_.positive.empty()) made_.positive = kBooleans[*pair][1];
    return Status::ok();
  }

  Status choose_arms() {
    const auto values = distinct_of(known_of(table_, *treatment_, rows_));
    if (values.size() < 2 || values.size() > kArmsMost)
      return Status::usage(fmt::format("--treatment: column {} has {} values, {}; two to {} are treatments",
                                       options_.treatment, values.size(), examples(values), kArmsMost));
    const auto control = options_.control.empty()
                             ? std::find_if(values.begin(), values.end(),
                                            [&](std::string_view value) { return is_control(values, value); })
                             : std::find(values.begin(), values.end(), options_.control);
    if (control == values.end())
      return Status::usage(fmt::format("--control: column {} has the values {}; say which of them is no treatment",
                                       options_.treatment, examples(values)));
    made_.arms.emplace_back(*control);
    for (const std::string_view value : values)
      if (value != *control) made_.arms.emplace_back(value);
    for (const std::uint32_t row : rows_) {
      const auto arm = std::find(made_.arms.begin(), made_.arms.end(), table_.cell(row, *treatment_));
      made_.arm_of.push_back(static_cast<std::uint8_t>(arm - made_.arms.begin()));
    }
    return Status::ok();
  }

  static bool is_control(const std::vector<std::string_view>& values, std::string_view value) {
    if (const auto pair = boolean_pair(values)) return equals_lower(value, kBooleans[*pair][0]);
    return std::any_of(kControls.begin(), kControls.end(), [&](std::string_view word) {
      const std::string_view begin = value.substr(0, word.size());
      return equals_lower(begin, word) && (value.size() == word.size() || value[word.size()] == ' ');
    });
  }

  bool is_positive(std::string_view cell) const {
    if (!options_.positive.empty()) return cell == options_.positive;
    return std::any_of(kBooleans.begin(), kBooleans.end(), [&](const auto& pair) {
      return equals_lower(cell, pair[1]) && equals_lower(made_.positive, pair[1]);
    });
  }

  void describe_columns() {
    std::erase_if(columns_, [this](Column& column) { return !describe(column); });
  }

  // False where the column says nothing.
  bool describe(Column& column) {
    Feature& feature = column.feature;
    const auto known = known_of(table_, column.place, rows_);
    const auto values = distinct_of(known);
    for (const std::uint32_t row : rows_) feature.unknown += is_unknown(table_.cell(row, column.place));
    feature.distinct = values.size();
    if (values.size() + (feature.unknown > 0) < 2) {
      warn("column {} is the same in all rows and is left out", feature.name);
      return false;
    }
    const auto numbers = static_cast<std::size_t>(std::count_if(
        values.begin(), values.end(), [](std::string_view value) { return connectors::number_of_cell(value); }));
    if (const auto pair = boolean_pair(values)) {
      column.pair = *pair;
      feature.type = ColumnType::kBoolean;
    } else if (numbers == values.size()) {
      feature.type = ColumnType::kNumber;
    } else {
      feature.type = ColumnType::kText;
      column.number_texts(known);
      if (2 * numbers > values.size())
        warn_of_text_among_numbers(column);
      else if (2 * values.size() > rows_.size())
        warn(
            "column {} has {} different texts in {} rows: it names rows and does not describe them; leave it out with "
            "--drop",
            feature.name, values.size(), rows_.size());
    }
    return true;
  }

  void warn_of_text_among_numbers(const Column& column) {
    for (const std::uint32_t row : rows_) {
      const std::string_view cell = table_.cell(row, column.place);
      if (is_unknown(cell) || connectors::number_of_cell(cell)) continue;
      return warn("{}: \"{}\" makes a text of a column that is mostly numbers; mend or empty such cells",
                  table_.place(row, column.place), cell);
    }
  }

  void fill() {
    scores::TrainingRows& rows = made_.rows;
    for (const Column& column : columns_) {
      made_.features.push_back(column.feature);
      rows.texts.push_back(column.feature.type == ColumnType::kText);
    }
    std::vector<float> values(columns_.size());
    for (const std::uint32_t row : rows_) {
      for (std::size_t i = 0; i < columns_.size(); ++i)
        values[i] = columns_[i].value(table_.cell(row, columns_[i].place));
      const bool label = is_positive(table_.cell(row, target_));
      made_.positives += label;
      rows.add(values, label);
    }
  }

  template <typename... Parts>
  void warn(fmt::format_string<Parts...> format, Parts&&... parts) {
    made_.warnings.push_back(fmt::format(format, std::forward<Parts>(parts)...));
  }

  const CsvTable& table_;
  const DatasetOptions& options_;
  std::size_t target_ = 0;
  std::optional<std::size_t> treatment_;
  std::vector<Column> columns_;
  std::vector<std::uint32_t> rows_;  // of the table, that are used
  Dataset made_;
};

}  // namespace

std::string_view name_of(ColumnType type) {
  return type == ColumnType::kBoolean ? "boolean" : type == ColumnType::kNumber ? "number" : "text";
}

bool is_unknown(std::string_view cell) {
  return cell.empty() ||
         std::any_of(kUnknown.begin(), kUnknown.end(), [&](std::string_view word) { return equals_lower(cell, word); });
}

Result<Dataset> make_dataset(const CsvTable& table, const DatasetOptions& options) {
  return DatasetMaker(table, options).make();
}

}  // namespace nudge::evaluate
