#include "operators/scores/reasons.h"

#include <array>
#include <cmath>

#include "engine/json_writer.h"

namespace nudge::scores {
namespace {

constexpr double kLeast = 0.00005;  // what four decimals show as nothing

void append_number(const Value& value, double scale, int decimals, std::string& out) {
  JsonWriter writer(out);
  if (const auto* whole = std::get_if<std::int64_t>(&value); whole && scale == 1) {
    writer.number(*whole);
    return;
  }
  const double number = as_real(value, 0) * scale;
  if (std::abs(number) < 1e9)
    writer.fixed(number, decimals);
  else
    writer.number(number);
}

void write_value(JsonWriter& writer, const Value& value) {
  switch (value.index()) {
    case 1:
      writer.number(std::get<1>(value));
      break;
    case 2:
      writer.number(std::get<2>(value));
      break;
    case 3:
      writer.text(std::get<3>(value));
      break;
    default:
      writer.null();
  }
}

struct Top {
  std::array<std::size_t, kReasonsMost> features{};
  std::size_t found = 0;
};

Top top_of(std::span<const double> contributions) {
  Top top;
  std::array<double, kReasonsMost> sizes{};
  double least = kLeast;  // what a contribution must reach, and exceed once there are as many as are told
  for (std::size_t feature = 0; feature < contributions.size(); ++feature) {
    const double size = std::abs(contributions[feature]);
    if (size < least) continue;
    const bool full = top.found == kReasonsMost;
    if (full && size == least) continue;
    std::size_t place = full ? kReasonsMost - 1 : top.found++;
    for (; place > 0 && size > sizes[place - 1]; --place) {
      sizes[place] = sizes[place - 1];
      top.features[place] = top.features[place - 1];
    }
    sizes[place] = size;
    top.features[place] = feature;
    if (top.found == kReasonsMost) least = sizes.back();
  }
  return top;
}

}  // namespace

void append_reason_text(const Column& column, const Value& value, bool raises, std::string& out) {
  const std::string_view meaning = column.meaning.empty() ? column.name : column.meaning;
  const std::string_view verb = raises ? " raises it" : " lowers it", verb_plural = raises ? " raise it" : " lower it";
  if (!is_known(value)) {
    out.append("unknown ").append(meaning).append(verb);
    return;
  }
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    out.append(meaning).append(" ").append(*text).append(verb);
    return;
  }
  if (column.unit == "count") {
    append_number(value, 1, 2, out);
    out.append(" ").append(meaning).append(as_real(value, 0) == 1 ? verb : verb_plural);
    return;
  }
  out.append(meaning).append(" of ");
  if (column.unit == "share") {
    append_number(value, 100, 1, out);
    out.append(" %");
  } else {
    append_number(value, 1, 2, out);
    if (!column.unit.empty() && column.unit != "currency") out.append(" ").append(column.unit);
  }
  out.append(verb);
}

ReasonWriter::ReasonWriter(const FeatureSet& features) : signs_(features.signs()) {
  for (std::size_t feature = 0; feature < features.size(); ++feature) {
    Feature& made = features_.emplace_back(Feature{features.column(feature), features.derived(feature), {}});
    JsonWriter writer(made.until_value);
    writer.member("feature", made.column.column->name);
    writer.key("value");
  }
}

void ReasonWriter::write(std::span<const double> contributions, const CustomerContext& context, std::string& json) {
  write_top(
      contributions,
      [&](std::size_t feature) {
        const Feature& at = features_[feature];
        return at.derived ? derived_value(*at.derived, signs_.read(context)) : context.value(at.column);
      },
      json);
}

void ReasonWriter::write(std::span<const double> contributions, std::span<const Value> values, std::string& json) {
  write_top(
      contributions, [&](std::size_t feature) { return values[feature]; }, json);
}

template <typename ValueOf>
void ReasonWriter::write_top(std::span<const double> contributions, ValueOf value_of, std::string& json) {
  const Top top = top_of(contributions);
  json.clear();
  JsonWriter writer(json);
  writer.begin_array();
  for (std::size_t i = 0; i < top.found; ++i) {
    const Feature& feature = features_[top.features[i]];
    const double contribution = contributions[top.features[i]];
    const Value value = value_of(top.features[i]);
    writer.begin_object();
    writer.members_and_key(feature.until_value);
    write_value(writer, value);
    writer.member_fixed<"contribution">(contribution, 4);
    text_.clear();
    append_reason_text(*feature.column.column, value, contribution > 0, text_);
    writer.member<"text">(std::string_view(text_));
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace nudge::scores
