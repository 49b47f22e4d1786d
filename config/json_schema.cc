#include "config/json_schema.h"

#include <cmath>

#include "config/document.h"
#include "config/scalar.h"
#include "engine/check.h"

namespace nudge::config {
namespace {

using Json = nlohmann::ordered_json;

// A YAML text as JSON; scalars become what the parameter says they are.
Json json_of(const Written& written, const Parameter& parameter) {
  switch (written.type) {
    case Written::Type::kNull:
      return nullptr;
    case Written::Type::kList: {
      Json list = Json::array();
      const Parameter& item = parameter.kind == Kind::kList ? parameter.members.front() : parameter;
      for (const Written& value : written.items) list.push_back(json_of(value, item));
      return list;
    }
    case Written::Type::kMapping: {
      Json object = Json::object();
      const bool one_for_list = parameter.kind == Kind::kList;
      const Parameter& owner = one_for_list ? parameter.members.front() : parameter;
      for (const Written::Entry& entry : written.entries) {
        const Parameter* member = owner.kind == Kind::kTable ? &owner.members.front() : &parameter;
        if (owner.kind == Kind::kObject)
          for (const Parameter& candidate : owner.members)
            if (candidate.name == entry.key) member = &candidate;
        object[entry.key] = json_of(entry.value, *member);
      }
      return object;
    }
    case Written::Type::kScalar:
      break;
  }
  const std::string& text = written.scalar;
  const Kind kind = parameter.kind;
  const bool any = kind == Kind::kAny && !written.quoted;
  if (kind == Kind::kBoolean || any)
    if (const auto boolean = parse_boolean(text)) return *boolean;
  if (kind == Kind::kInteger || kind == Kind::kReal || any)
    if (const auto integer = parse_integer(text)) return *integer;
  if (kind == Kind::kReal || any)
    if (const auto real = parse_real(text)) return *real;
  return text;
}

void add_bounds(Json& schema, const Parameter& parameter) {
  const auto number = [&](double bound) -> Json {
    return bound == std::floor(bound) && std::abs(bound) < 1e15 ? Json(static_cast<std::int64_t>(bound)) : Json(bound);
  };
  if (std::isfinite(parameter.least)) schema["minimum"] = number(parameter.least);
  if (std::isfinite(parameter.most)) schema["maximum"] = number(parameter.most);
}

Json schema_of(const Parameter& parameter);

Json object_schema(const Parameter& parameter) {
  Json schema = {{"type", "object"}};
  Json required = Json::array();
  schema["properties"] = Json::object();
  for (const Parameter& member : parameter.members) {
    schema["properties"][std::string(member.name)] = schema_of(member);
    if (member.required) required.push_back(member.name);
  }
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

Json kind_schema(const Parameter& parameter) {
  switch (parameter.kind) {
    case Kind::kBoolean:
      return {{"type", "boolean"}};
    case Kind::kInteger:
    case Kind::kReal: {
      Json schema = {{"type", parameter.kind == Kind::kInteger ? "integer" : "number"}};
      add_bounds(schema, parameter);
      return schema;
    }
    case Kind::kDuration:
      return {{"$ref", "#/$defs/duration"}};
    case Kind::kSize:
      return {{"$ref", "#/$defs/size"}};
    case Kind::kMoney:
      return {{"$ref", "#/$defs/money"}};
    case Kind::kSecret:
      return {{"$ref", "#/$defs/secret"}};
    case Kind::kText:
      return {{"type", "string"}};
    case Kind::kExpression:
      return {{"type", "string"}, {"minLength", 1}};
    case Kind::kChoice: {
      Json choices = Json::array();
      for (const std::string_view choice : parameter.choices) choices.push_back(choice);
      return {{"enum", std::move(choices)}};
    }
    case Kind::kObject:
      return object_schema(parameter);
    case Kind::kList: {
      const Parameter& item = parameter.members.front();
      Json list = {{"type", "array"}, {"items", schema_of(item)}};
      if (item.kind != Kind::kObject) return list;
      return {{"anyOf", Json::array({std::move(list), schema_of(item)})}};
    }
    case Kind::kTable:
      return {{"type", "object"},
              {"propertyNames", {{"minLength", 1}}},
              {"additionalProperties", schema_of(parameter.members.front())}};
    case Kind::kAny:
      return Json::object();
  }
  check_failed("kind_schema", "a parameter of no kind", __FILE__, __LINE__);
}

Json schema_of(const Parameter& parameter) {
  Json schema;
  std::string description(parameter.help);
  const bool bounds_in_words =
      parameter.kind == Kind::kDuration || parameter.kind == Kind::kSize || parameter.kind == Kind::kMoney;
  const std::string range = bounds_in_words ? format_range(parameter) : "";
  if (!range.empty()) description += (description.empty() ? "Range:" : " Range:") + range + ".";
  if (!description.empty()) schema["description"] = description;
  if (parameter.may_be_off)
    schema["anyOf"] = Json::array({kind_schema(parameter), {{"const", false}}});
  else
    schema.update(kind_schema(parameter));
  if (!parameter.default_text.empty()) {
    std::vector<Problem> problems;
    const Written written = parse_document(parameter.default_text, "", parameter.name, false, problems);
    NUDGE_CHECK(problems.empty(), "a default that is not YAML");
    schema["default"] = json_of(written, parameter);
  }
  return schema.is_null() ? Json::object() : schema;
}

Json definitions() {
  return {{"duration", {{"type", "string"}, {"pattern", "^[0-9]+(ms|s|m|h|d|w)$"}}},
          {"size",
           {{"anyOf", Json::array({{{"type", "integer"}, {"minimum", 0}},
                                   {{"type", "string"}, {"pattern", "^[0-9]+(KiB|MiB|GiB|KB|MB|GB)?$"}}})}}},
          {"money",
           {{"anyOf", Json::array({{{"type", "number"}, {"minimum", 0}, {"exclusiveMaximum", 1'000'000'000'000}},
                                   {{"type", "string"}, {"pattern", "^[0-9]{1,12}(\\.[0-9]{1,6})?$"}}})}}},
          {"secret",
           {{"description", "A secret is never inline: it is in a file or an environment variable."},
            {"oneOf", Json::array({{{"type", "object"},
                                    {"properties", {{"file", {{"type", "string"}}}}},
                                    {"required", Json::array({"file"})},
                                    {"additionalProperties", false}},
                                   {{"type", "object"},
                                    {"properties", {{"env", {{"type", "string"}}}}},
                                    {"required", Json::array({"env"})},
                                    {"additionalProperties", false}}})}}}};
}

}  // namespace

Json json_schema(const Parameter& root) {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "nudge"}};
  schema.update(schema_of(root));
  schema["$defs"] = definitions();
  return schema;
}

}  // namespace nudge::config
