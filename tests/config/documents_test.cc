// The documents made from the parameters: JSON Schema and reference page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/engine_parameters.h"
#include "config/json_schema.h"
#include "config/reference.h"
#include "sample_parameters.h"

namespace nudge::config {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;

TEST(JsonSchema, OfEveryKind) {
  const ordered_json schema = json_schema(kSample);
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema["required"], ordered_json::array({"path"}));
  EXPECT_EQ(schema["additionalProperties"], false);
  const struct {
    const char* pointer;
    const char* schema;
  } rows[] = {
      {"/properties/engine/properties/threads",
       R"({"description":"How many threads.","type":"integer","minimum":1,"maximum":256,"default":2})"},
      {"/properties/engine/properties/share",
       R"({"description":"A share.","type":"number","minimum":0,"maximum":1,"default":0.1})"},
      {"/properties/engine/properties/budget",
       R"({"description":"The memory. Range: of at least 1MiB.","$ref":"#/$defs/size","default":"64MiB"})"},
      {"/properties/engine/properties/mode",
       R"({"description":"How.","enum":["fast","slow","exact"],"default":"fast"})"},
      {"/properties/engine/properties/strict", R"({"description":"Whether.","type":"boolean","default":false})"},
      {"/properties/engine/properties/cost",
       R"({"description":"What one costs. Range: of at most 1000.","$ref":"#/$defs/money"})"},
      {"/properties/jobs/anyOf/0/items/properties/gap",
       R"({"description":"The longest silence. Range: from 1ms to 1d.","$ref":"#/$defs/duration","default":"30m"})"},
      {"/properties/jobs/anyOf/1/properties/for",
       R"({"description":"For whom.","type":"object","propertyNames":{"minLength":1},)"
       R"("additionalProperties":{"type":"string","minLength":1},"default":{"all":"true"}})"},
      {"/properties/jobs/anyOf/1/required", R"(["name"])"},
      {"/properties/names", R"({"description":"Names.","type":"array","items":{"type":"string"}})"},
      {"/properties/kafka", R"({"description":"Settings.","type":"object","propertyNames":{"minLength":1},)"
                            R"("additionalProperties":{},"default":{}})"},
      {"/properties/password", R"({"description":"The password.","$ref":"#/$defs/secret"})"},
      {"/$defs/duration", R"({"type":"string","pattern":"^[0-9]+(ms|s|m|h|d|w)$"})"},
      {"/$defs/size",
       R"({"anyOf":[{"type":"integer","minimum":0},{"type":"string","pattern":"^[0-9]+(KiB|MiB|GiB|KB|MB|GB)?$"}]})"},
      {"/$defs/secret/oneOf/1",
       R"({"type":"object","properties":{"env":{"type":"string"}},"required":["env"],"additionalProperties":false})"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.pointer);
    EXPECT_EQ(schema.at(ordered_json::json_pointer(row.pointer)).dump(), row.schema);
  }
}

TEST(ReferencePage, HasASectionForEachObject) {
  const std::string page = reference_page(kSample);
  for (const char* part : {"## Top level\n", "| `path` | text | **required** | The folder. |\n", "## `engine`\n",
                           "| `threads` | whole number from 1 to 256 | `2` | How many threads. |\n",
                           "| `mode` | `fast`, `slow`, `exact` | `fast` | How. |\n", "## `jobs[]`\n",
                           "| `gap` | duration from 1ms to 1d | `30m` | The longest silence. |\n",
                           "| `for` | table: SQL expression | `{all: \"true\"}` | For whom. |\n", "## `jobs[].cap`\n"})
    EXPECT_THAT(page, HasSubstr(part));
}

TEST(EngineParameters, OnlyTheInputIsRequired) {
  for (const Parameter& member : root_parameters({}).members)
    EXPECT_EQ(member.required, member.name == "input") << member.name;
}

}  // namespace
}  // namespace nudge::config
