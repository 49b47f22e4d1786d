// The parameters of all operators of the program, and the example configurations.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/application.h"
#include "config/engine_parameters.h"
#include "config/feature_reference.h"
#include "config/json_schema.h"
#include "config/reference.h"

namespace nudge::config {
namespace {

void expect_explained(const Parameter& parameter, const std::string& path) {
  for (const Parameter& member : parameter.members) {
    const std::string member_path = path + "." + std::string(member.name);
    if (parameter.kind == Kind::kObject) {
      EXPECT_TRUE(member.help.ends_with('.')) << member_path << ": help is a sentence";
      EXPECT_FALSE(member.required && !member.default_text.empty()) << member_path << ": a required key has no default";
    }
    expect_explained(member, member_path);
  }
}

TEST(Program, EveryKeyIsExplained) { expect_explained(root_parameters(all_operators()), ""); }

TEST(Program, DocumentsNameEveryOperator) {
  const Parameter& root = root_parameters(all_operators());
  const auto schema = json_schema(root);
  const std::string page = reference_page(root);
  for (const OperatorSpec* spec : all_operators()) {
    EXPECT_TRUE(schema["properties"]["operators"]["properties"].contains(std::string(spec->name))) << spec->name;
    EXPECT_NE(page.find("| `" + std::string(spec->name) + "` |"), std::string::npos) << spec->name;
  }
}

TEST(Program, FeaturesAreListedWithTheirMeaning) {
  const std::string page = feature_page(all_operators());
  for (const OperatorSpec* spec : all_operators())
    for (const std::span<const Column> columns : {spec->columns, spec->derived})
      for (const Column& column : columns) {
        const bool listed = page.find("| `" + std::string(column.name) + "` |") != std::string::npos;
        EXPECT_EQ(listed, is_feature(column)) << column.name;
        EXPECT_FALSE(is_feature(column) && column.meaning.empty()) << column.name << ": a feature has a meaning";
      }
}

TEST(Program, ExampleConfigurationsAreRight) {
  int applications = 0;
  for (const auto& entry : std::filesystem::directory_iterator(NUDGE_SOURCE_DIR "/config/examples")) {
    std::ifstream stream(entry.path());
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (text.find("\ninput:") == std::string::npos) continue;  // shops for `nudge generate`
    ++applications;
    for (const Problem& problem : load_application(entry.path().string(), {}, all_operators()).problems)
      ADD_FAILURE() << to_string(problem);
  }
  EXPECT_GT(applications, 0);
}

}  // namespace
}  // namespace nudge::config
