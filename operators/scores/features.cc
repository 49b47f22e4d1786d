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
  std::sort(columns_.begin(), columns_.end(),
            [](const ColumnRef& left, const ColumnRef& right) { return left.column->name < right.column->name; });
  for (const ColumnRef& ref : catalog.all()) {
    if (!is_feature(*ref.column)) continue;
    if (groups_.empty() || groups_.back().columns.front().slot != ref.slot)
      groups_.emplace_back().reader = catalog.reader(ref.slot);
    const auto same = [&](const ColumnRef& feature) { return feature.column == ref.column; };
    const auto place = std::find_if(columns_.begin(), columns_.end(), same);
    groups_.back().columns.push_back(ref);
    groups_.back().places.push_back(place == columns_.end() ? kNotUsed
                                                            : static_cast<std::size_t>(place - columns_.begin()));
    NUDGE_CHECK(groups_.back().columns.size() <= kFeaturesMost, "an operator of so many features");
  }
  schema_ = kTextBuckets;
  for (const ColumnRef& ref : columns_)
    schema_ = mix(schema_, hash64(ref.column->name, ref.column->type == ValueType::kText ? 1 : 0));
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
