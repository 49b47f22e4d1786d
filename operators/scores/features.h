// What a score knows of a customer: the feature columns of all operators, and what follows from several of them
// (derived.h), as compact numbers.
//
// A number is kept as float (the score and the learner see the same rounding); a text as one of kTextBuckets by its
// hash; unknown is NaN. The packed form, which waits in the customer's state for its label, is one byte for unknown
// or for a whole number up to 253, and five bytes for any other number.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/operator.h"
#include "operators/scores/derived.h"

namespace nudge::scores {

inline constexpr std::uint32_t kTextBuckets = 64;

// Where the signs of life are found; not all columns are there.
struct SignColumns {
  std::array<ColumnRef, kSignsOfLife.size()> columns = {};  // no column: not there
  SignsOfLife read(const CustomerContext& context) const;
};

class FeatureSet {
 public:
  // The columns with the use kCustomerFeature, for sessions kSessionFeature too, without `excluded`; and what follows
  // from them. By name, so that the order of operators does not show.
  FeatureSet(const ColumnCatalog& catalog, bool of_sessions, std::span<const std::string> excluded);

  std::size_t size() const { return columns_.size(); }
  // Its column is of no operator where it is derived.
  const ColumnRef& column(std::size_t feature) const { return columns_[feature]; }
  // The place among derived_columns(); nothing: it is an operator's own.
  std::optional<std::size_t> derived(std::size_t feature) const;
  const SignColumns& signs() const { return signs_; }
  bool is_text(std::size_t feature) const { return columns_[feature].column->type == ValueType::kText; }
  std::vector<bool> texts() const;
  // Equal for equal names and types: rows of one schema may be learnt together.
  std::uint64_t schema() const { return schema_; }

  // Fills `values`, one for each feature.
  void read(const CustomerContext& context, std::vector<float>& values) const;
  // Fills in what follows from values that are given, one for each feature, and is not given itself.
  void derive(std::span<Value> values) const;

 private:
  static constexpr std::size_t kNotUsed = ~std::size_t{0};
  void add_derived(std::span<const std::string> excluded);
  std::size_t place_of(const Column* column) const;
  // All features of one operator, and their places among those of the set.
  struct Group {
    FeatureReader reader = nullptr;
    std::vector<ColumnRef> columns;
    std::vector<std::size_t> places;
  };

  std::vector<ColumnRef> columns_;
  std::vector<Group> groups_;
  SignColumns signs_;
  std::vector<std::pair<std::size_t, std::size_t>> derived_places_;  // features that are derived: which
  std::uint64_t schema_ = 0;
};

float feature_value(const Value& value);

void pack(std::span<const float> values, std::string& out);
// False where the bytes are not `values.size()` packed numbers.
bool unpack(std::string_view bytes, std::span<float> values);

}  // namespace nudge::scores
