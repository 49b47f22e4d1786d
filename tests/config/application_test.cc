// The whole configuration: the engine's keys, the operators that run, and what operators say of each other.
#include "config/application.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "config/engine_parameters.h"

namespace nudge::config {
namespace {

using testing::ElementsAre;

// Three operators: one that is always on, an object, and a list whose check refers to columns and to the others.
constexpr Column kBasicColumns[] = {{.name = "orders", .type = ValueType::kInteger}};
constexpr Column kSessionColumns[] = {{.name = "last_visit_at", .type = ValueType::kText}};
constexpr Parameter kSessionMembers[] = {{.name = "gap",
                                          .kind = Kind::kDuration,
                                          .default_text = "30m",
                                          .help = "The longest silence.",
                                          .least = kSecond,
                                          .most = kDay}};
constexpr Parameter kScoreMembers[] = {
    {.name = "name", .kind = Kind::kText, .required = true, .help = "Its name."},
    {.name = "column", .kind = Kind::kText, .default_text = "orders", .help = "What it is made of."},
};
constexpr std::string_view kTold[] = {"told"};
constexpr Parameter kScoreItem[] = {{.kind = Kind::kObject, .members = kScoreMembers}};

void check_scores(const OperatorSetup& setup, std::vector<Problem>& problems) {
  for (const Value& score : setup.config.items())
    if (!setup.columns.find(score.at("column").text()))
      problems.push_back({score.at("column").location(), "is no column", "name a column"});
}

const OperatorSpec kBasic = {.name = "basic",
                             .summary = "Always there.",
                             .on_by_default = true,
                             .parameters = {.kind = Kind::kObject},
                             .section = {},
                             .columns = kBasicColumns,
                             .writes = kTold};
const OperatorSpec kSessions = {.name = "sessions",
                                .summary = "Sessions.",
                                .parameters = {.kind = Kind::kObject, .members = kSessionMembers},
                                .section = {},
                                .columns = kSessionColumns,
                                .reads = kTold};
const OperatorSpec kScores = {.name = "scores",
                              .summary = "Scores.",
                              .parameters = {.kind = Kind::kList, .members = kScoreItem},
                              .section = {},
                              .check = check_scores};
const OperatorSpec* const kAll[] = {&kBasic, &kScores, &kSessions};

LoadedApplication load_shop(std::string_view text, std::vector<std::string> overrides = {}) {
  return load_application_text(text, "shop.yaml", overrides, kAll);
}
std::vector<std::string> problems_of(const LoadedApplication& loaded) {
  std::vector<std::string> texts;
  for (const Problem& problem : loaded.problems) texts.push_back(to_string(problem));
  return texts;
}
std::vector<std::string_view> operators_of(const LoadedApplication& loaded) {
  std::vector<std::string_view> names;
  for (const OperatorSpec* spec : loaded.application.operators) names.push_back(spec->name);
  return names;
}

TEST(Application, InputIsAllThatIsRequired) {
  const LoadedApplication loaded = load_shop("input: {path: data/}");
  ASSERT_THAT(problems_of(loaded), ElementsAre());
  const Value& root = loaded.application.root;
  const Value& engine = root.at("engine");
  EXPECT_EQ(root.at("name").text(), "nudge");
  EXPECT_EQ(engine.at("partitions").integer(), 8);
  EXPECT_EQ(engine.at("threads").integer(), 2);
  EXPECT_EQ(engine.at("epoch").duration(), kDay);
  EXPECT_EQ(engine.at("commit_interval").duration(), 100);
  EXPECT_EQ(engine.at("replay_commit_interval").duration(), 5 * kSecond);
  EXPECT_EQ(engine.at("disorder").duration(), kMinute);
  EXPECT_EQ(engine.at("allowed_lateness").duration(), kWeek);
  EXPECT_EQ(engine.at("memory_budget").integer(), 2ll << 30);
  EXPECT_EQ(engine.at("on_bad_record").text(), "dead_letter");
  EXPECT_EQ(engine.at("future_max").duration(), kDay);
  EXPECT_EQ(engine.at("identity_retention").duration(), 730 * kDay);
  EXPECT_EQ(engine.at("repeat_retention").duration(), kWeek);
  EXPECT_EQ(engine.at("batch_events_max").integer(), 16384);
  EXPECT_EQ(engine.at("silence_max").duration(), 400 * kDay);
  EXPECT_EQ(state_folder(root), "var/nudge");
  EXPECT_EQ(root.at("input").at("connector").text(), "files");
  EXPECT_EQ(root.at("input").at("format").text(), "json");
  ASSERT_EQ(root.at("output").items().size(), 1u);
  EXPECT_EQ(root.at("output").items()[0].at("path").text(), "out/");
  EXPECT_EQ(root.at("topics").at("targets.state").text(), "targets.state");
  EXPECT_EQ(root.at("targeting").at("holdout").real(), 0.1);
  EXPECT_EQ(root.at("targeting").find("frequency_cap"), nullptr);
  EXPECT_EQ(root.at("http").at("bind").text(), "127.0.0.1:8080");
  EXPECT_THAT(operators_of(loaded), ElementsAre("basic"));
}

TEST(Application, ConfiguredOperatorsRun) {
  const LoadedApplication loaded =
      load_shop("name: shop\ninput: {path: data/}\noperators:\n  sessions: {}\n  scores: [{name: churn}]");
  ASSERT_THAT(problems_of(loaded), ElementsAre());
  EXPECT_THAT(operators_of(loaded), ElementsAre("basic", "scores", "sessions"));
  EXPECT_EQ(loaded.application.config_of(kSessions).at("gap").duration(), 30 * kMinute);
  EXPECT_EQ(loaded.application.config_of(kScores).items()[0].at("name").text(), "churn");
  EXPECT_EQ(state_folder(loaded.application.root), "var/shop");
  EXPECT_THAT(operators_of(load_shop("input: {path: data/}\noperators: {scores: []}")), ElementsAre("basic"));
  EXPECT_THAT(operators_of(load_shop("input: {path: data/}\noperators: {basic: false}")), ElementsAre());
  EXPECT_THAT(operators_of(load_shop("input: {path: data/}", {"operators.basic=false"})), ElementsAre());
}

TEST(Application, OverridesReachOperators) {
  const LoadedApplication loaded =
      load_shop("input: {path: data/}",
                {"operators.sessions.gap=10m", "topics.targets.state=shop.state", "engine.state_dir=/tmp/x"});
  ASSERT_THAT(problems_of(loaded), ElementsAre());
  EXPECT_EQ(loaded.application.config_of(kSessions).at("gap").duration(), 10 * kMinute);
  EXPECT_EQ(loaded.application.root.at("topics").at("targets.state").text(), "shop.state");
  EXPECT_EQ(state_folder(loaded.application.root), "/tmp/x");
}

TEST(Application, SaysWhatIsWrong) {
  const struct {
    const char* name;
    const char* text;
    std::vector<std::string> problems;
  } rows[] = {
      {"no input", "name: shop", {"shop.yaml:1: input: is required; expected keys with values"}},
      {"no folder",
       "input: {connector: files}",
       {"shop.yaml:1: input.path: is required by the connector files; name the folder of the input files"}},
      {"no broker",
       "input: {connector: kafka}\noutput:\n- connector: kafka\n- path: out/",
       {"shop.yaml:1: input.connector: needs kafka.bootstrap.servers; name the brokers: kafka: {bootstrap.servers: "
        "\"host:9092\"}",
        "shop.yaml:3: output[0].connector: needs kafka.bootstrap.servers; name the brokers: kafka: {bootstrap.servers: "
        "\"host:9092\"}"}},
      {"unknown operator",
       "input: {path: d}\noperators: {session: {}}",
       {"shop.yaml:2: operators.session: is no known key; did you mean \"sessions\"?"}},
      {"operator without a value",
       "input: {path: d}\noperators:\n  sessions:",
       {"shop.yaml:3: operators.sessions: has no value; write {} or leave the key out"}},
      {"column of an operator that does not run",
       "input: {path: d}\noperators:\n  scores:\n  - {name: a, column: orders}\n  - {name: b, column: last_visit_at}",
       {"shop.yaml:5: operators.scores[1].column: is no column; name a column"}},
      {"no such topic",
       "input: {path: d}\ntopics: {transaction: t}",
       {"shop.yaml:2: topics.transaction: is no known key; did you mean \"transactions\"?"}},
      {"one topic for two",
       "input: {path: d}\ntopics: {rfm: scores}",
       {"shop.yaml:2: topics.rfm: names the topic of scores; give each topic a name of its own"}},
      {"name",
       "name: my shop\ninput: {path: d}",
       {"shop.yaml:1: name: is \"my shop\", no name for topics; use at most 200 letters, digits, dots, underscores and "
        "hyphens"}},
      {"inline password",
       "input: {path: d}\nkafka: {sasl.password: hunter2}",
       {"shop.yaml:2: kafka.sasl.password: is a secret written inline; expected a reference: {file: PATH} or {env: "
        "NAME}"}},
      {"promotion",
       "input: {path: d}\npromotions:\n- {id: a, from: 2024-01-02T00:00:00Z, until: 2024-01-01T00:00:00Z}\n- {id: a, "
       "from: "
       "2024-01-02, until: 2024-01-03T00:00:00Z}",
       {"shop.yaml:3: promotions[0].until: is not after `from`; end it later",
        "shop.yaml:4: promotions[1].id: is the id of another promotion; give each its own",
        "shop.yaml:4: promotions[1].from: is \"2024-01-02\", not a time; write RFC 3339 with an offset: "
        "2024-01-31T00:00:00Z"}},
      {"quiet hours",
       "input: {path: d}\ntargeting: {quiet_hours: {from: 24:00, until: 07:30}}",
       {"shop.yaml:2: targeting.quiet_hours.from: is \"24:00\", not a time of day; write HH:MM, such as 21:30"}},
      {"output into the input",
       "input: {path: d}\noutput: {path: d}",
       {"shop.yaml:2: output.path: is the input's folder; write to another folder"}},
      {"two outputs into one folder",
       "input: {path: d}\noutput: [{path: o}, {path: o}]",
       {"shop.yaml:2: output[1].path: is the folder of another output; give each output a folder of its own"}},
      {"open to the world",
       "input: {path: d}\nhttp: {bind: \"0.0.0.0:80\"}",
       {"shop.yaml:2: http.bind: is reachable from other machines, which needs TLS and a token; bind 127.0.0.1, [::1] "
        "or "
        "localhost"}},
      {"no port",
       "input: {path: d}\nhttp: {bind: localhost}",
       {"shop.yaml:2: http.bind: is \"localhost\", not an address and port; write host:port, such as 127.0.0.1:8080"}},
      {"an operator that is off and needed",
       "input: {path: d}\noperators:\n  basic: false\n  sessions: {}",
       {"shop.yaml:3: operators.basic: is off, and operators.sessions needs it; leave `basic: false` out"}},
      {"everything at once: reading, engine and operators",
       "input: {path: d, format: jsno}\nengine: {thread: 2}\noperators:\n  sessions: {gap: soon}\n  scores: [{name: a, "
       "column: "
       "order}]\nhttp: {bind: nowhere}",
       {"shop.yaml:1: input.format: is \"jsno\"; did you mean \"json\"?",
        "shop.yaml:2: engine.thread: is no known key; did you mean \"threads\"?",
        "shop.yaml:4: operators.sessions.gap: is \"soon\", not a duration; expected a duration from 1s to 1d, such as "
        "100ms 5s "
        "30m 3h 7d 12w",
        "shop.yaml:5: operators.scores[0].column: is no column; name a column",
        "shop.yaml:6: http.bind: is \"nowhere\", not an address and port; write host:port, such as 127.0.0.1:8080"}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(problems_of(load_shop(row.text)), row.problems);
  }
}

TEST(Application, AMissingFileIsOneProblem) {
  const LoadedApplication loaded = load_application("/no/such.yaml", {}, kAll);
  EXPECT_THAT(problems_of(loaded),
              ElementsAre("/no/such.yaml: cannot be read: No such file or directory; name a readable YAML file"));
}

TEST(Application, TheContractsExampleIsRight) {
  setenv("NUDGE_TEST_PASSWORD", "swordfish", 1);
  const LoadedApplication loaded = load_shop(R"(
name: shop                    # application id: consumer group, internal topics, state folder
engine: {partitions: 8, threads: 2, epoch: 1d, commit_interval: 100ms, disorder: 1m, allowed_lateness: 7d,
         state_dir: var/shop, memory_budget: 2GiB, on_bad_record: dead_letter}
input:  {connector: files, path: data/, format: json}       # files | kafka | memory; json | avro | protobuf | a mapping
output: {connector: files, path: out/}                      # several outputs may be listed
kafka:  {bootstrap.servers: "127.0.0.1:9092", sasl.password: {env: NUDGE_TEST_PASSWORD}}
topics: {transactions: shop.transactions, targets: marketing.targets}
operators:
  sessions: {gap: 30m}
targeting: {holdout: 0.1, frequency_cap: {max: 4, per: 7d}, margin_rate: 0.3, attribution_window: 7d}
http: {bind: "127.0.0.1:8080"}
)");
  EXPECT_THAT(problems_of(loaded), ElementsAre());
}

TEST(Application, RootParametersAreMadeOnce) { EXPECT_EQ(&root_parameters(kAll), &root_parameters(kAll)); }

}  // namespace
}  // namespace nudge::config
