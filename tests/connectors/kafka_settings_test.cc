// What the configuration says under `kafka`, and what becomes of its secrets.
#include "connectors/kafka/settings.h"

#include <gmock/gmock.h>

#include <fstream>

#include "config/application.h"
#include "connectors/kafka/client.h"
#include "connectors/kafka/token.h"
#include "tests/support/temporary_folder.h"

namespace nudge::connectors::kafka {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

config::LoadedApplication load(const std::string& kafka) {
  return config::load_application_text("name: shop\ninput: {connector: kafka}\nkafka:\n" + kafka, "shop.yaml", {}, {});
}

TEST(KafkaSettings, ValuesAndReferences) {
  setenv("NUDGE_TEST_KEY_PASSWORD", "swordfish", 1);
  const auto loaded = load(
      "  bootstrap.servers: a:1,b:2\n  linger.ms: 7\n  enable.ssl.certificate.verification: true\n"
      "  security.protocol: ssl\n  ssl.key.password: {env: NUDGE_TEST_KEY_PASSWORD}\n");
  ASSERT_THAT(loaded.problems, testing::IsEmpty());
  const auto settings = Settings::of(loaded.application.root);
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->application(), "shop");
  EXPECT_EQ(settings->bootstrap_servers(), "a:1,b:2");
  EXPECT_THAT(settings->values(),
              ElementsAre(Pair("security.protocol", "ssl"), Pair("enable.ssl.certificate.verification", "true"),
                          Pair("linger.ms", "7")));
  ASSERT_NE(settings->secret("ssl.key.password"), nullptr);
  EXPECT_EQ(*settings->secret("ssl.key.password")->read(), "swordfish");
  unsetenv("NUDGE_TEST_KEY_PASSWORD");
  const auto gone = settings->secret("ssl.key.password")->read();
  ASSERT_FALSE(gone);
  EXPECT_THAT(gone.status().message(), HasSubstr("kafka.ssl.key.password: the environment variable"));
}

TEST(KafkaSettings, ASecretIsReadWhenItIsAskedFor) {
  const TemporaryFolder folder;
  const auto write = [&](const char* text) { std::ofstream(folder / "password") << text; };
  write("old\n");
  const auto loaded = load("  bootstrap.servers: a:1\n  sasl.password: {file: " + (folder / "password") + "}\n");
  const auto settings = Settings::of(loaded.application.root);
  ASSERT_TRUE(settings);
  EXPECT_EQ(*settings->secret("sasl.password")->read(), "old");
  write("new\n");
  EXPECT_EQ(*settings->secret("sasl.password")->read(), "new");
}

TEST(KafkaSettings, WhatCannotWorkIsAProblem) {
  const struct {
    const char *kafka, *problem;
  } rows[] = {
      {"  bootstrap.servers: a:1\n  acks: 1", "kafka.acks: is no known key"},
      {"  bootstrap.servers: a:1\n  bootstrap.server: b", "did you mean \"bootstrap.servers\""},
      {"  bootstrap.servers: a:1\n  sasl.password: x", "kafka.sasl.password: is a secret written inline"},
      {"  bootstrap.servers: a:1\n  security.protocol: sasl", "kafka.security.protocol: is \"sasl\""},
      {"  bootstrap.servers: a:1\n  security.protocol: SASL_SSL", "needs kafka.sasl.mechanism"},
      {"  bootstrap.servers: a:1\n  security.protocol: sasl_ssl\n  sasl.mechanism: PLAIN",
       "needs kafka.sasl.username with PLAIN"},
      {"  bootstrap.servers: a:1\n  security.protocol: plaintext\n  ssl.ca.location: x",
       "kafka.ssl.ca.location: has no effect with security.protocol plaintext"},
      {"  linger.ms: 5", "input.connector: needs kafka.bootstrap.servers"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.kafka);
    std::string told;
    for (const config::Problem& problem : load(row.kafka).problems) told += to_string(problem) + "\n";
    EXPECT_THAT(told, HasSubstr(row.problem));
  }
}

TEST(KafkaSettings, ARefusedValueIsNamed) {
  const auto loaded = load("  bootstrap.servers: a:1\n  security.protocol: ssl\n  ssl.ca.location: /no/such/file\n");
  const auto client = Client::make(*Settings::of(loaded.application.root), Client::Kind::kProducer, {});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.status().error_class(), ErrorClass::kConfig);
  EXPECT_THAT(client.status().message(), HasSubstr("ssl.ca.location"));
}

TEST(KafkaToken, EndsWhenItSays) {
  // {"sub":"shop","exp":1700000000}
  const auto token = read_token("eyJhbGciOiJub25lIn0.eyJzdWIiOiJzaG9wIiwiZXhwIjoxNzAwMDAwMDAwfQ.");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->subject, "shop");
  EXPECT_EQ(token->ends_ms, 1'700'000'000'000);
  for (const char* wrong : {"", "secret", "a.b", "a.!.c", "a.e30.c"}) {
    SCOPED_TRACE(wrong);
    const auto none = read_token(wrong);
    ASSERT_FALSE(none);
    EXPECT_THAT(none.status().message(), HasSubstr("is no JWT with the claim exp"));
  }
}

}  // namespace
}  // namespace nudge::connectors::kafka
