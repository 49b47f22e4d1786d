#include "operators/scores/features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/hash.h"
#include "state/codec.h"

namespace nudge::scores {
namespace {

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
  std::array<Value, 16> some;
  for (std::size_t feature = 0; feature < columns_.size();) {
    const std::size_t count = std::min(some.size(), columns_.size() - feature);
    context.values(std::span(columns_).subspan(feature, count), some);
    for (std::size_t i = 0; i < count; ++i) values[feature++] = feature_value(some[i]);
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
