// What each mapping makes of the records of its fixture, mappings/NAME.golden:
//
//   an item of `webhooks`, as YAML
//   ---
//   records of `targets`, one a line; each is delivered before the next one comes
//   ---
//   for each record, behind a line `# number change`: its requests, or why there is none
#include "connectors/webhook/mapping.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "config/engine_parameters.h"
#include "config/loader.h"
#include "connectors/webhook/settlement.h"
#include "tests/support/temporary_folder.h"

namespace nudge::connectors::webhook {
namespace {

struct Fixture {
  std::string webhook, records, requests;
};

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

Fixture read_fixture(const std::string& name) {
  const std::string text = content_of(std::string(NUDGE_SOURCE_DIR) + "/tests/webhook/mappings/" + name + ".golden");
  const std::size_t first = text.find("---\n"), second = text.find("---\n", first + 4);
  return {text.substr(0, first), text.substr(first + 4, second - first - 4), text.substr(second + 4)};
}

Settings settings_of(const std::string& webhook, const std::string& folder) {
  ::setenv("NUDGE_TEST_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1);
  std::string yaml = "input: {path: data}\nwebhooks:\n";
  std::string line;
  for (std::istringstream lines(webhook); std::getline(lines, line);)
    yaml += (yaml.ends_with("webhooks:\n") ? "  - " : "    ") + line + "\n";
  yaml += "    state_dir: " + folder + "\n";
  const config::LoadedConfig loaded = config::load_text(yaml, "fixture", {}, config::root_parameters({}));
  for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << to_string(problem);
  return Settings::of(loaded.root, loaded.root.at("webhooks").items().front());
}

std::string shown(const Settlement::Plan& plan) {
  if (!plan.impossible.empty()) return "impossible: " + plan.impossible + "\n";
  if (plan.requests.empty()) return "nothing\n";
  std::string text;
  for (const HttpRequest& request : plan.requests) {
    text += request.method + " " + request.path + "\n";
    for (const auto& [name, value] : request.fields) text += name + ": " + value + "\n";
    text += request.body + "\n";
  }
  return text;
}

std::string requests_of(const Fixture& fixture) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() + "/targets.jsonl") << fixture.records;
  const Settings settings = settings_of(fixture.webhook, folder.path());
  auto source = open_target_file(folder.path() + "/targets.jsonl", {});
  auto state = DeliveryState::open(folder.path(), "files");
  EXPECT_TRUE(source && state);
  Figures figures;
  auto settlement = Settlement::make(settings, std::move(state).value(), **source, figures);
  EXPECT_TRUE(settlement) << settlement.status().message();
  std::vector<SourceRecord> records;
  EXPECT_TRUE((*source)->read(records, 1000));
  std::string text;
  for (const SourceRecord& record : records) {
    const auto customer = (*settlement)->admit(record);
    EXPECT_TRUE(customer);
    if (!*customer) {
      text += fmt::format("# {} not for receivers\n", record.begin.offset + 1);
      continue;
    }
    const auto plan = (*settlement)->plan(record);
    EXPECT_TRUE(plan);
    text += fmt::format("# {} {}\n{}", record.begin.offset + 1, name_of(plan->change), shown(*plan));
    const bool sent = plan->impossible.empty() && plan->change != Change::kNone;
    EXPECT_TRUE(sent ? (*settlement)->delivered(record, *plan) : (*settlement)->not_needed(record, *plan));
  }
  return text;
}

class MappingTest : public testing::TestWithParam<const char*> {};

TEST_P(MappingTest, GivesWhatItsFixtureSays) {
  const Fixture fixture = read_fixture(GetParam());
  EXPECT_EQ(requests_of(fixture), fixture.requests);
}

INSTANTIATE_TEST_SUITE_P(Mappings, MappingTest,
                         testing::Values("standard", "braze", "klaviyo", "mautic", "google_customer_match",
                                         "google_customer_match_job", "meta_custom_audience"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace nudge::connectors::webhook
