#include "operators/scores/features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/check.h"
#include "engine/hash.h"
#include "state/codec.h"

namespace nudge::scores {
namespace {

constexpr std::size_t kFeaturesMost = 64;  // of one operator
constexpr std::uint8_t kUnknown = 0, kFloat = 1, kWholeFirst = 2;
constexpr float kWholeMost = 253;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

}  // namespace

FeatureSet::FeatureSet(const ColumnCatalog& catalog, bool of_sessions, std::span<const std::string> excluded) {
  for (const ColumnRef& ref : catalog.all()) {
    const bool used = has_use(ref.column->use, ColumnUse::kCustomerFeature) ||
                      (of_sessions && has_use(ref.column->use, ColumnUse::kSessionFeature));
    if (used && std::find(excluded.begin(), excluded.end(), ref.column->name) == excluded.end())
      columns_.push_back(ref);
  }
  add_derived(excluded);
  std::sort(columns_.begin(), columns_.end(),
            [](const ColumnRef& left, const ColumnRef& right) { return left.column->name < right.column->name; });
  for (const ColumnRef& ref : catalog.all()) {
    if (!is_feature(*ref.column)) continue;
    if (groups_.empty() || groups_.back().columns.front().slot != ref.slot)
      groups_.emplace_back().reader = catalog.reader(ref.slot);
    groups_.back().columns.push_back(ref);
    groups_.back().places.push_back(place_of(ref.column));
    NUDGE_CHECK(groups_.back().columns.size() <= kFeaturesMost, "an operator of so many features");
  }
  for (std::size_t feature = 0; feature < columns_.size(); ++feature)
    if (const auto place = derived(feature)) derived_places_.emplace_back(feature, *place);
  schema_ = kTextBuckets;
  for (const ColumnRef& ref : columns_)
    schema_ = mix(schema_, hash64(ref.column->name, ref.column->type == ValueType::kText ? 1 : 0));
}

// None where a column that they follow from is not seen.
void FeatureSet::add_derived(std::span<const std::string> excluded) {
  for (std::size_t sign = 0; sign < kSignsOfLife.size(); ++sign)
    for (const ColumnRef& ref : columns_)
      if (ref.column->name == kSignsOfLife[sign]) signs_.columns[sign] = ref;
  const auto needed = std::span(signs_.columns).first(kSignsNeeded);
  if (std::any_of(needed.begin(), needed.end(), [](const ColumnRef& ref) { return !ref.column; })) return;
  for (const Column& column : derived_columns())
    if (std::find(excluded.begin(), excluded.end(), column.name) == excluded.end()) columns_.push_back({0, &column});
}

std::size_t FeatureSet::place_of(const Column* column) const {
  const auto same = [&](const ColumnRef& feature) { return feature.column == column; };
  const auto place = std::find_if(columns_.begin(), columns_.end(), same);
  return place == columns_.end() ? kNotUsed : static_cast<std::size_t>(place - columns_.begin());
}

std::optional<std::size_t> FeatureSet::derived(std::size_t feature) const {
  const std::span<const Column> all = derived_columns();
  for (std::size_t place = 0; place < all.size(); ++place)
    if (&all[place] == columns_[feature].column) return place;
  return std::nullopt;
}

SignsOfLife SignColumns::read(const CustomerContext& context) const {
  SignsOfLife signs;
  for (std::size_t sign = 0; sign < signs.size(); ++sign)
    signs[sign] = sign_of_life(columns[sign].column ? context.value(columns[sign]) : Value());
  return signs;
}

std::vector<bool> FeatureSet::texts() const {
  std::vector<bool> texts(size());
  for (std::size_t feature = 0; feature < size(); ++feature) texts[feature] = is_text(feature);
  return texts;
}

float feature_value(const Value& value) {
  switch (value.index()) {
    case 1:
      return static_cast<float>(std::get<1>(value));
    case 2: {
      const double real = std::get<2>(value);
      return std::abs(real) <= static_cast<double>(std::numeric_limits<float>::max()) ? static_cast<float>(real) : kNaN;
    }
    case 3:
      return static_cast<float>(hash64(std::get<3>(value)) % kTextBuckets);
    default:
      return kNaN;
  }
}

void FeatureSet::read(const CustomerContext& context, std::vector<float>& values) const {
  values.resize(columns_.size());
  std::array<Value, kFeaturesMost> read;
  for (const Group& group : groups_) {
    context.features(group.columns, group.reader, read);
    for (std::size_t i = 0; i < group.places.size(); ++i)
      if (group.places[i] != kNotUsed) values[group.places[i]] = feature_value(read[i]);
  }
  if (derived_places_.empty()) return;
  const SignsOfLife signs = signs_.read(context);
  for (const auto& [feature, place] : derived_places_) values[feature] = feature_value(derived_value(place, signs));
}

void FeatureSet::derive(std::span<Value> values) const {
  SignsOfLife signs;
  for (std::size_t sign = 0; sign < signs.size(); ++sign) {
    const Column* const column = signs_.columns[sign].column;
    signs[sign] = sign_of_life(column ? values[place_of(column)] : Value());
  }
  for (const auto& [feature, place] : derived_places_)
    if (!is_known(values[feature])) values[feature] = derived_value(place, signs);
}

void pack(std::span<const float> values, std::string& out) {
  constexpr std::size_t kBytesMost = 1 + sizeof(float);
  // One append for many values: by the byte it would cost more than all the rest.
  std::array<char, 64 * kBytesMost> bytes;
  while (!values.empty()) {
    const auto some = values.first(std::min(values.size(), bytes.size() / kBytesMost));
    values = values.subspan(some.size());
    char* at = bytes.data();
    for (const float value : some) {
      const int whole = value >= 0 && value <= kWholeMost ? static_cast<int>(value) : -1;
      if (static_cast<float>(whole) == value && whole >= 0) {
        *at++ = static_cast<char>(kWholeFirst + whole);
      } else if (std::isnan(value)) {
        *at++ = static_cast<char>(kUnknown);
      } else {
        *at++ = static_cast<char>(kFloat);
        std::memcpy(at, &value, sizeof value);
        at += sizeof value;
      }
    }
    out.append(bytes.data(), at);
  }
}

bool unpack(std::string_view bytes, std::span<float> values) {
  Decoder decoder(bytes);
  for (float& value : values) {
    const std::uint8_t head = decoder.byte();
    value = head == kUnknown ? kNaN : head == kFloat ? decoder.real32() : static_cast<float>(head - kWholeFirst);
  }
  return decoder.ok() && decoder.at_end();
}

}  // namespace nudge::scores
