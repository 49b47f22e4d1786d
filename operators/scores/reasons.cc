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

void write_reasons(const FeatureSet& features, std::span<const double> contributions, const CustomerContext& context,
                   std::string& json, std::string& scratch) {
  std::array<std::size_t, kReasonsMost> top{};
  std::array<double, kReasonsMost> sizes{};
  std::size_t found = 0;
  for (std::size_t feature = 0; feature < contributions.size(); ++feature) {
    const double size = std::abs(contributions[feature]);
    if (size < kLeast || (found == kReasonsMost && size <= sizes[kReasonsMost - 1])) continue;
    std::size_t place = found < kReasonsMost ? found++ : kReasonsMost - 1;
    for (; place > 0 && size > sizes[place - 1]; --place) {
      sizes[place] = sizes[place - 1];
      top[place] = top[place - 1];
    }
    sizes[place] = size;
    top[place] = feature;
  }
  json.clear();
  JsonWriter writer(json);
  writer.begin_array();
  for (std::size_t i = 0; i < found; ++i) {
    const ColumnRef& ref = features.column(top[i]);
    const Value value = context.value(ref);
    writer.begin_object();
    writer.member("feature", ref.column->name);
    writer.key("value");
    write_value(writer, value);
    writer.member_fixed("contribution", contributions[top[i]], 4);
    scratch.clear();
    append_reason_text(*ref.column, value, contributions[top[i]] > 0, scratch);
    writer.member("text", std::string_view(scratch));
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace nudge::scores
