// What a configuration may say, and every way in which it can be wrong, with the words that the user reads.
#include "config/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sample_parameters.h"

namespace nudge::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> problems_of(const LoadedConfig& loaded) {
  std::vector<std::string> texts;
  for (const Problem& problem : loaded.problems) texts.push_back(to_string(problem));
  return texts;
}

LoadedConfig load_sample(std::string_view text, std::vector<std::string> overrides = {}) {
  return load_text(text, "a.yaml", overrides, kSample);
}

std::filesystem::path write_file(const std::string& name, std::string_view content) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / name;
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

TEST(Loader, FillsDefaults) {
  const LoadedConfig loaded = load_sample("path: data/");
  ASSERT_THAT(problems_of(loaded), ElementsAre());
  const Value& engine = loaded.root.at("engine");
  EXPECT_EQ(engine.at("threads").integer(), 2);
  EXPECT_EQ(engine.at("share").real(), 0.1);
  EXPECT_EQ(engine.at("budget").integer(), 64 << 20);
  EXPECT_EQ(engine.at("mode").text(), "fast");
  EXPECT_FALSE(engine.at("strict").boolean());
  EXPECT_TRUE(engine.at("cost").is_null());
  EXPECT_EQ(engine.find("cost"), nullptr);
  EXPECT_TRUE(loaded.root.at("names").is_null());
  EXPECT_TRUE(loaded.root.at("jobs").items().empty());
  EXPECT_EQ(loaded.root.at("path").text(), "data/");
  EXPECT_EQ(loaded.root.at("path").location().line, 1);
  EXPECT_EQ(engine.at("threads").location().line, 0);
}

TEST(Loader, ReadsEveryKind) {
  setenv("NUDGE_TEST_PASSWORD", "swordfish", 1);
  const LoadedConfig loaded = load_sample(R"(path: 2024
engine: {threads: 4, share: 1, budget: 2GiB, mode: exact, strict: true, cost: "1.20"}
jobs:
  - name: first
    gap: 5m
    for: {women: "gender = 'F'", all: true}
    cap: {max: 3}
names: [a, "1"]
kafka: {bootstrap.servers: "127.0.0.1:9092", linger.ms: 5, acks: "1", idempotent: true, ratio: 0.5,
        list: [1, x], sasl.password: {env: NUDGE_TEST_PASSWORD}}
password: {env: NUDGE_TEST_PASSWORD}
)");
  ASSERT_THAT(problems_of(loaded), ElementsAre());
  const Value& engine = loaded.root.at("engine");
  EXPECT_EQ(engine.at("share").real(), 1);
  EXPECT_EQ(engine.at("budget").integer(), 2ll << 30);
  EXPECT_EQ(engine.at("cost").micro(), 1'200'000);
  EXPECT_TRUE(engine.at("strict").boolean());
  const Value& job = loaded.root.at("jobs").items().at(0);
  EXPECT_EQ(job.at("gap").duration(), 5 * kMinute);
  ASSERT_EQ(job.at("for").entries().size(), 2u);
  EXPECT_EQ(job.at("for").entries()[0].first, "women") << "a table keeps the order of the file";
  EXPECT_EQ(job.at("for").find("all")->text(), "true");
  EXPECT_EQ(job.at("cap").at("per").duration(), kWeek);
  EXPECT_EQ(job.at("cap").at("max").location().path, "jobs[0].cap.max");
  EXPECT_EQ(job.at("cap").at("max").location().line, 7);
  const Value& kafka = loaded.root.at("kafka");
  EXPECT_EQ(kafka.find("linger.ms")->integer(), 5);
  EXPECT_EQ(kafka.find("linger.ms")->text(), "5") << "a scalar is also readable as it was written";
  EXPECT_EQ(kafka.find("acks")->kind(), Kind::kText);
  EXPECT_TRUE(kafka.find("idempotent")->boolean());
  EXPECT_EQ(kafka.find("ratio")->real(), 0.5);
  EXPECT_EQ(kafka.find("list")->items().at(1).text(), "x");
  EXPECT_EQ(kafka.find("sasl.password")->kind(), Kind::kSecret);
  EXPECT_EQ(kafka.find("sasl.password")->text(), "swordfish");
  EXPECT_EQ(loaded.root.at("password").text(), "swordfish");
  EXPECT_EQ(loaded.root.at("path").text(), "2024");
}

TEST(Loader, OneObjectStandsForAListOfOne) {
  const LoadedConfig loaded = load_sample("path: x\njobs: {name: only}");
  ASSERT_THAT(problems_of(loaded), ElementsAre());
  EXPECT_EQ(loaded.root.at("jobs").items().at(0).at("name").text(), "only");
}

TEST(Loader, SaysWhatIsWrong) {
  const struct {
    const char* name;
    const char* text;
    std::vector<std::string> problems;
  } rows[] = {
      {"unknown key, one near",
       "path: x\nengine: {treads: 2}",
       {"a.yaml:2: engine.treads: is no known key; did you mean \"threads\"?"}},
      {"unknown key of another place",
       "path: x\nthreads: 4",
       {"a.yaml:2: threads: is no known key; did you mean engine.threads?"}},
      {"unknown key, none near",
       "path: x\njobs: [{name: a, cap: {max: 1, colour: red}}]",
       {"a.yaml:2: jobs[0].cap.colour: is no known key; expected one of max, per"}},
      {"required key", "engine: {}", {"a.yaml:1: path: is required; expected text"}},
      {"required key that is empty", "path:\nengine: {}", {"a.yaml:1: path: is required; expected text"}},
      {"empty file", "", {"a.yaml:1: path: is required; expected text"}},
      {"a list for a file", "- a", {"a.yaml:1: is a list; write keys and values, such as `input: {path: data/}`"}},
      {"repeated key",
       "path: x\nengine: {}\npath: y",
       {"a.yaml:3: path: is written twice (first in line 1); keep one of them"}},
      {"whole number",
       "path: x\nengine: {threads: 2.5}",
       {"a.yaml:2: engine.threads: is \"2.5\", not a whole number; expected a whole number from 1 to 256"}},
      {"text for a number",
       "path: x\nengine: {threads: \"2\"}",
       {"a.yaml:2: engine.threads: is the text \"2\", not a whole number; expected a whole number from 1 to 256"}},
      {"out of range",
       "path: x\nengine:\n  threads: 0\n  share: 1.5",
       {"a.yaml:3: engine.threads: is 0, out of range; expected a whole number from 1 to 256",
        "a.yaml:4: engine.share: is 1.5, out of range; expected a number from 0 to 1"}},
      {"not finite",
       "path: x\nengine: {share: .nan}",
       {"a.yaml:2: engine.share: is \".nan\", not a number; expected a number from 0 to 1"}},
      {"size",
       "path: x\nengine: {budget: 64M}",
       {"a.yaml:2: engine.budget: is \"64M\", not a size; expected a size of at least 1MiB, such as 64MiB"}},
      {"choice", "path: x\nengine: {mode: exakt}", {"a.yaml:2: engine.mode: is \"exakt\"; did you mean \"exact\"?"}},
      {"choice, none near",
       "path: x\nengine: {mode: thorough}",
       {"a.yaml:2: engine.mode: is \"thorough\"; expected one of fast, slow, exact"}},
      {"boolean",
       "path: x\nengine: {strict: yes}",
       {"a.yaml:2: engine.strict: is \"yes\", not a boolean; expected true or false"}},
      {"negative amount",
       "path: x\nengine: {cost: -1}",
       {"a.yaml:2: engine.cost: is \"-1\", not an amount; expected an amount of at most 1000, not negative, with at "
        "most 6 "
        "decimals, such as \"1.20\""}},
      {"amount above the bound",
       "path: x\nengine: {cost: 1000.000001}",
       {"a.yaml:2: engine.cost: is 1000.000001, out of range; expected an amount of at most 1000, not negative, with "
        "at most "
        "6 decimals, such as \"1.20\""}},
      {"duration",
       "path: x\njobs:\n- name: a\n  gap: 10 minutes",
       {"a.yaml:4: jobs[0].gap: is \"10 minutes\", not a duration; expected a duration from 1ms to 1d, such as 100ms "
        "5s 30m 3h "
        "7d 12w"}},
      {"duration out of range",
       "path: x\njobs:\n- name: a\n  gap: 2d",
       {"a.yaml:4: jobs[0].gap: is 2d, out of range; expected a duration from 1ms to 1d, such as 100ms 5s 30m 3h 7d "
        "12w"}},
      {"object for text", "path: {a: b}", {"a.yaml:1: path: is an object, not text; expected text"}},
      {"text for an object",
       "path: x\nengine: fast",
       {"a.yaml:2: engine: is \"fast\", not an object; expected keys with values"}},
      {"text for a list", "path: x\nnames: a", {"a.yaml:2: names: is \"a\", not a list; expected a list"}},
      {"list for a table",
       "path: x\njobs: [{name: a, for: [b]}]",
       {"a.yaml:2: jobs[0].for: is a list, not a table; expected a table of names and values"}},
      {"empty item", "path: x\nnames: [a, ~]", {"a.yaml:2: names[1]: is empty; expected text"}},
      {"empty entry",
       "path: x\njobs: [{name: a, for: {all: }}]",
       {"a.yaml:2: jobs[0].for.all: is empty; expected an SQL expression as text"}},
      {"empty expression",
       "path: x\njobs: [{name: a, for: {all: \" \"}}]",
       {"a.yaml:2: jobs[0].for.all: is an empty expression; expected an SQL expression as text"}},
      {"an optional object without a value",
       "path: x\njobs:\n- name: a\n  cap:",
       {"a.yaml:4: jobs[0].cap: has no value; write {} or leave the key out"}},
      {"inline secret",
       "path: x\npassword: hunter2",
       {"a.yaml:2: password: is a secret written inline; expected a reference: {file: PATH} or {env: NAME}"}},
      {"secret of no kind",
       "path: x\npassword: {vault: a}",
       {"a.yaml:2: password: is not a reference to a secret; expected a reference: {file: PATH} or {env: NAME}"}},
      {"missing secret",
       "path: x\npassword: {env: NUDGE_TEST_NO_SUCH}",
       {"a.yaml:2: password: the environment variable NUDGE_TEST_NO_SUCH is not set; correct the reference or provide "
        "the "
        "secret"}},
      {"syntax",
       "path: x\nengine: {threads: 2\njobs: []",
       {"a.yaml:3: is not YAML: end of map flow not found; correct the syntax"}},
      {"two documents",
       "path: x\n---\npath: y",
       {"a.yaml:3: starts a second YAML document; write the whole configuration as one document"}},
      {"five at once",
       "engine: {treads: 2, share: 7}\njobs:\n- gap: never\nnames: 5",
       {"a.yaml:1: engine.treads: is no known key; did you mean \"threads\"?",
        "a.yaml:1: engine.share: is 7, out of range; expected a number from 0 to 1",
        "a.yaml:1: path: is required; expected text", "a.yaml:3: jobs[0].name: is required; expected text",
        "a.yaml:3: jobs[0].gap: is \"never\", not a duration; expected a duration from 1ms to 1d, such as 100ms 5s 30m "
        "3h 7d "
        "12w",
        "a.yaml:4: names: is \"5\", not a list; expected a list"}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(problems_of(load_sample(row.text)), row.problems);
  }
}

TEST(Loader, ATreeWithProblemsStaysReadable) {
  const LoadedConfig loaded =
      load_sample("engine: {threads: x, mode: y, cost: z}\njobs: [{gap: 1}]\npassword: hunter2");
  EXPECT_EQ(loaded.problems.size(), 7u);
  EXPECT_EQ(loaded.root.at("engine").at("threads").integer(), 2);
  EXPECT_EQ(loaded.root.at("engine").at("mode").text(), "fast");
  EXPECT_EQ(loaded.root.at("engine").at("cost").micro(), 0);
  EXPECT_EQ(loaded.root.at("jobs").items().at(0).at("name").text(), "");
  EXPECT_EQ(loaded.root.at("jobs").items().at(0).at("gap").duration(), 30 * kMinute);
  EXPECT_EQ(loaded.root.at("password").text(), "");
}

TEST(Loader, TellsAnInlineSecretToNobody) {
  const LoadedConfig loaded = load_sample("path: x\npassword: hunter2");
  for (const std::string& text : problems_of(loaded)) EXPECT_THAT(text, testing::Not(HasSubstr("hunter2")));
}

TEST(Loader, SecretOfAFile) {
  const auto path = write_file("secret", "swordfish\r\n");
  const LoadedConfig loaded = load_sample("path: x\npassword: {file: " + path.string() + "}");
  ASSERT_THAT(problems_of(loaded), ElementsAre());
  EXPECT_EQ(loaded.root.at("password").text(), "swordfish");
  const auto empty = write_file("empty_secret", "\n");
  EXPECT_THAT(problems_of(load_sample("path: x\npassword: {file: " + empty.string() + "}")),
              ElementsAre(HasSubstr("is empty")));
  EXPECT_THAT(problems_of(load_sample("path: x\npassword: {file: /no/such/file}")),
              ElementsAre(HasSubstr("/no/such/file cannot be read: No such file or directory")));
}

TEST(Loader, ReadsFiles) {
  const auto path = write_file("config.yaml", "# a comment\npath: data/\nengine: {threads: 3}\n");
  const LoadedConfig loaded = load(path.string(), {}, kSample);
  ASSERT_THAT(problems_of(loaded), ElementsAre());
  EXPECT_EQ(loaded.root.at("engine").at("threads").integer(), 3);
  EXPECT_EQ(loaded.root.at("engine").at("threads").location().line, 3);
  EXPECT_THAT(problems_of(load("/no/such.yaml", {}, kSample)),
              ElementsAre("/no/such.yaml: cannot be read: No such file or directory; name a readable YAML file"));
  EXPECT_THAT(problems_of(load(testing::TempDir(), {}, kSample)),
              ElementsAre(HasSubstr("cannot be read: Is a directory")));
}

TEST(Loader, AliasesAreValuesButMustEnd) {
  const LoadedConfig loaded = load_sample("path: x\njobs:\n- &one {name: a, gap: 1m}\n- *one");
  ASSERT_THAT(problems_of(loaded), ElementsAre());
  EXPECT_EQ(loaded.root.at("jobs").items().at(1).at("gap").duration(), kMinute);

  EXPECT_THAT(problems_of(load_sample("path: x\nkafka: &all {a: *all}")),
              ElementsAre(HasSubstr("is nested too deeply")));

  std::string laughs = "path: x\nkafka:\n  a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1), name = "a" + std::to_string(i);
    laughs += "  " + name + ": &" + name + " [";
    for (int j = 0; j < 10; ++j) laughs += before + ",";
    laughs += "]\n";
  }
  EXPECT_THAT(problems_of(load_sample(laughs)), ElementsAre(HasSubstr("has too many values")));
}

TEST(Loader, Overrides) {
  const struct {
    const char* name;
    std::vector<std::string> overrides;
    const char* same_as;
  } rows[] = {
      {"a key that is there", {"engine.threads=8"}, "path: x\nengine: {threads: 8}\njobs: [{name: a}, {name: b}]"},
      {"a key that is not there",
       {"engine.mode=slow"},
       "path: x\nengine: {threads: 3, mode: slow}\njobs: [{name: a}, {name: b}]"},
      {"an item by brackets",
       {"jobs[1].gap=10m"},
       "path: x\nengine: {threads: 3}\njobs: [{name: a}, {name: b, gap: 10m}]"},
      {"an item by a dot", {"jobs.0.gap=10m"}, "path: x\nengine: {threads: 3}\njobs: [{name: a, gap: 10m}, {name: b}]"},
      {"the item after the last",
       {"jobs[2].name=c"},
       "path: x\nengine: {threads: 3}\njobs: [{name: a}, {name: b}, {name: c}]"},
      {"a list that is not there",
       {"names[0]=n", "names[1]=m"},
       "path: x\nengine: {threads: 3}\njobs: [{name: a}, {name: b}]\nnames: [n, m]"},
      {"a whole list", {"jobs=[{name: z}]"}, "path: x\nengine: {threads: 3}\njobs: [{name: z}]"},
      {"the only item of a list that is not there",
       {"jobs=", "jobs.name=z"},
       "path: x\nengine: {threads: 3}\njobs: [{name: z}]"},
      {"a key with dots",
       {"kafka.bootstrap.servers=h:1"},
       "path: x\nengine: {threads: 3}\njobs: [{name: a}, {name: b}]\nkafka: {bootstrap.servers: \"h:1\"}"},
      {"a value with an equals sign",
       {"jobs[0].for.all=a = 'b'"},
       "path: x\nengine: {threads: 3}\njobs: [{name: a, for: {all: \"a = 'b'\"}}, {name: b}]"},
      {"a value with a colon",
       {"jobs[0].for.all=a = ':'"},
       "path: x\nengine: {threads: 3}\njobs: [{name: a, for: {all: \"a = ':'\"}}, {name: b}]"},
      {"nothing takes back", {"engine.threads="}, "path: x\njobs: [{name: a}, {name: b}]"},
      {"the last one holds", {"path=y", "path=z"}, "path: z\nengine: {threads: 3}\njobs: [{name: a}, {name: b}]"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const LoadedConfig loaded =
        load_sample("path: x\nengine: {threads: 3}\njobs: [{name: a}, {name: b}]", row.overrides);
    const LoadedConfig expected = load_sample(row.same_as);
    ASSERT_THAT(problems_of(loaded), ElementsAre());
    ASSERT_THAT(problems_of(expected), ElementsAre());
    EXPECT_EQ(loaded.root.canonical(), expected.root.canonical());
  }
}

TEST(Loader, WrongOverrides) {
  const struct {
    const char* name;
    const char* override_text;
    const char* problem;
  } rows[] = {
      {"no value", "engine.threads", "--set: engine.threads: has no value; write --set a.b.c=value"},
      {"no key", "=3", "--set: names no key; write --set a.b.c=value"},
      {"empty key", "engine..threads=3", "--set: engine: has an empty key; write --set a.b.c=value"},
      {"a dot at the end", "engine.=3", "--set: engine: ends with a dot; name the key after it or leave the dot out"},
      {"unknown key", "engine.treads=3", "--set: engine.treads: is no known key; did you mean \"threads\"?"},
      {"below a value", "engine.threads.max=3",
       "--set: engine.threads: is an object, not a whole number; expected a whole number from 1 to 256"},
      {"wrong value", "engine.threads=many",
       "--set: engine.threads: is \"many\", not a whole number; expected a whole number from 1 to 256"},
      {"no YAML", "engine.mode={", "--set: engine.mode: is not YAML: end of map flow not found; correct the syntax"},
      {"which item", "jobs.gap=3m", "--set: jobs: is a list; name an item, such as jobs[0]"},
      {"which name", "names.first=a", "--set: names: is a list; name an item, such as names[0]"},
      {"item out of range", "jobs[5].gap=3m",
       "--set: jobs: has no item 5; the list has 1 items, counted from 0; 1 appends one"},
      {"a huge index", "jobs[99999999999999999999].gap=3m", "--set: jobs: is a list; name an item, such as jobs[0]"},
      {"an open bracket", "jobs[0.gap=3m", "--set: jobs: is a list; name an item, such as jobs[0]"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_THAT(problems_of(load_sample("path: x\njobs: [{name: a}]", {row.override_text})), ElementsAre(row.problem));
  }
}

TEST(Loader, CanonicalTextIsEqualForEqualConfigurations) {
  const auto canonical = [](std::string_view text) {
    const LoadedConfig loaded = load_sample(text);
    EXPECT_THAT(problems_of(loaded), ElementsAre());
    return loaded.root.canonical();
  };
  setenv("NUDGE_TEST_PASSWORD", "swordfish", 1);
  const std::string text = canonical(
      "path: \"a\\tb\"\nengine: {cost: 1.5, budget: 1GiB}\njobs: [{name: a, gap: 60s}]\npassword: {env: "
      "NUDGE_TEST_PASSWORD}");
  EXPECT_EQ(text,
            R"({"engine":{"threads":2,"share":0.1,"budget":1073741824,"mode":"fast","strict":false,"cost":1500000},)"
            R"("jobs":[{"name":"a","gap":60000,"for":{"all":"true"},"cap":null}],"names":null,"kafka":{},)"
            R"("password":{"env":"NUDGE_TEST_PASSWORD"},"path":"a\u0009b"})");
  EXPECT_EQ(
      text,
      canonical("password: {env: NUDGE_TEST_PASSWORD}\n\npath: \"a\tb\"  # the same\njobs:\n- {gap: 1m, name: a}\n"
                "engine: {budget: 1024MiB, cost: \"1.50\", threads: 2}"));
  setenv("NUDGE_TEST_PASSWORD", "another", 1);
  EXPECT_EQ(text, canonical("path: \"a\\tb\"\nengine: {cost: 1.5, budget: 1GiB}\njobs: {name: a, gap: 60s}\n"
                            "password: {env: NUDGE_TEST_PASSWORD}"));
  EXPECT_NE(text, canonical("path: \"a\\tb\"\nengine: {cost: 1.6, budget: 1GiB}\njobs: {name: a, gap: 60s}\n"
                            "password: {env: NUDGE_TEST_PASSWORD}"));
}

}  // namespace
}  // namespace nudge::config
