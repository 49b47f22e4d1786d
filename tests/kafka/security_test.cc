// A broker that asks who comes: every way of saying so, what is said of those it refuses, and secrets that change.
#include <gmock/gmock.h>

#include <fstream>

#include "config/application.h"
#include "connectors/kafka/consumer.h"
#include "tests/kafka/broker.h"

namespace nudge::connectors::kafka {
namespace {

using testing::HasSubstr;

constexpr Milliseconds kTimeout(30'000);

class KafkaSecurityTest : public testing::Test {
 protected:
  // `lines`: of the configuration under `kafka`, each ended by a comma.
  Settings settings(const std::string& listener, const std::string& lines) const {
    return settings_at(broker_.bootstrap(listener), lines);
  }
  static Settings settings_at(const std::string& servers, const std::string& lines) {
    const auto loaded = config::load_application_text(
        "name: shop\ninput: {connector: kafka}\nkafka: {" + lines + " bootstrap.servers: \"" + servers + "\"}",
        "shop.yaml", {}, {});
    for (const config::Problem& problem : loaded.problems) ADD_FAILURE() << to_string(problem);
    return *Settings::of(loaded.application.root);
  }
  // The reference to a file that holds the secret.
  std::string secret(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name) << content << "\n";
    return "{file: " + folder_ / name + "}, ";
  }
  std::string sasl(const std::string& protocol, const std::string& mechanism, const std::string& password,
                   const std::string& user = "nudge") const {
    return "security.protocol: " + protocol + ", sasl.mechanism: " + mechanism + ", sasl.username: " + user +
           ", sasl.password: " + secret(user + "." + mechanism, password);
  }
  std::string authority() const { return "ssl.ca.location: " + broker_.certificate("ca.pem") + ", "; }
  std::string client_certificate() const {
    return "ssl.certificate.location: " + broker_.certificate("client.pem") +
           ", ssl.key.location: " + broker_.certificate("client.key") +
           ", ssl.key.password: " + secret("key", "key-secret");
  }
  // One record there and back.
  static void expect_round_trip(const Settings& settings) {
    const auto admin = Admin::make(settings, kTimeout);
    ASSERT_TRUE(admin) << admin.status().message();
    const Status reached = (*admin)->reach();
    ASSERT_TRUE(reached) << reached.message();
    const std::string topic = Broker::shared().topic("secured", 1);
    const auto producer = Producer::make(settings, {});
    ASSERT_TRUE((*producer)->send((*producer)->topic(topic), {.key = "k", .value = "v"}));
    ASSERT_TRUE((*producer)->flush(kTimeout));
    const auto consumer = Consumer::make(settings, {});
    ASSERT_TRUE((*consumer)->assign({{{topic, 0}, 0, 1}}));
    RawBatch batch;
    EXPECT_EQ(*(*consumer)->read({topic, 0}, batch, 10, 1000, kTimeout), Consumer::Read::kRecords);
  }
  static std::string refusal(const Settings& settings) {
    const auto admin = Admin::make(settings, kTimeout);
    if (!admin) return admin.status().message();
    const auto begin = std::chrono::steady_clock::now();
    const Status status = (*admin)->reach();
    EXPECT_FALSE(status);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, kTimeout / 2) << "it is clear at once";
    if (status) return "";
    EXPECT_EQ(status.error_class(), ErrorClass::kUnavailable);
    EXPECT_THAT(status.message(), HasSubstr("kafka.bootstrap.servers " + settings.bootstrap_servers()));
    return status.message();
  }

  Broker& broker_ = Broker::shared();
  TemporaryFolder folder_;
};

TEST_F(KafkaSecurityTest, EveryWayOfSayingWhoComes) {
  // {"alg":"none"}, {"sub":"nudge","exp":4102444800,"iat":1600000000}, and no signature.
  const std::string token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJudWRnZSIsImV4cCI6NDEwMjQ0NDgwMCwiaWF0IjoxNjAwMDAwMDAwfQ.";
  const struct {
    const char *name, *listener;
    std::string lines;
  } rows[] = {
      {"PLAIN", "SASL_PLAINTEXT", sasl("sasl_plaintext", "PLAIN", "plain-secret")},
      {"SCRAM", "SASL_PLAINTEXT", sasl("SASL_PLAINTEXT", "SCRAM-SHA-512", "scram-secret")},
      {"a token", "SASL_PLAINTEXT",
       "security.protocol: sasl_plaintext, sasl.mechanism: OAUTHBEARER, sasl.oauthbearer.token: " +
           secret("token", token)},
      {"SCRAM over TLS", "SASL_SSL", sasl("sasl_ssl", "SCRAM-SHA-512", "scram-secret") + authority()},
      {"unverified", "SASL_SSL",
       sasl("sasl_ssl", "SCRAM-SHA-512", "scram-secret") + "enable.ssl.certificate.verification: false, "},
      {"a certificate", "SSL", "security.protocol: ssl, " + client_certificate() + authority()},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    expect_round_trip(settings(row.listener, row.lines));
  }
}

TEST_F(KafkaSecurityTest, WhoIsRefusedLearnsWhy) {
  const std::string wrong = refusal(settings("SASL_PLAINTEXT", sasl("sasl_plaintext", "SCRAM-SHA-512", "wrong")));
  EXPECT_THAT(wrong, HasSubstr("correct kafka.sasl.mechanism, kafka.sasl.username and kafka.sasl.password"));
  EXPECT_THAT(wrong, HasSubstr("uthentication failed"));
  EXPECT_THAT(wrong, testing::Not(HasSubstr("wrong"))) << "no secret is told";
  const std::string over_tls = refusal(settings("SASL_SSL", sasl("sasl_ssl", "PLAIN", "wrong") + authority()));
  EXPECT_THAT(over_tls, HasSubstr("kafka.sasl.password"));
  const std::string stranger = refusal(settings("SASL_SSL", sasl("sasl_ssl", "PLAIN", "plain-secret")));
  EXPECT_THAT(stranger, HasSubstr("certificate verify failed"));
  EXPECT_THAT(stranger, HasSubstr("kafka.ssl."));
  const std::string nobody = refusal(settings("SSL", "security.protocol: ssl, " + authority()));
  EXPECT_THAT(nobody, HasSubstr("kafka.ssl."));
  EXPECT_THAT(refusal(settings("SSL", "security.protocol: ssl, ssl.ca.location: none, ")),
              HasSubstr("ssl.ca.location"));
}

// The broker's certificate is for its address, not for a name.
TEST_F(KafkaSecurityTest, ACertificateMustNameTheHost) {
  std::string servers = broker_.bootstrap("SASL_SSL");
  servers.replace(0, servers.find(':'), "localhost");
  const std::string lines = sasl("sasl_ssl", "PLAIN", "plain-secret") + authority() + "broker.address.family: v4, ";
  EXPECT_THAT(refusal(settings_at(servers, lines)), HasSubstr("kafka.ssl."));
  expect_round_trip(settings_at(servers, lines + "ssl.endpoint.identification.algorithm: none, "));
}

// The broker lets nobody stay for longer than a few seconds without saying again who it is.
TEST_F(KafkaSecurityTest, APasswordThatIsRewrittenIsTakenOver) {
  const std::string user = Broker::unique("rotated"), topic = broker_.topic("rotation", 1);
  broker_.set_password(user, "first");
  const Settings mine = settings("SASL_PLAINTEXT", sasl("sasl_plaintext", "SCRAM-SHA-512", "first", user));
  const auto consumer = Consumer::make(mine, {});
  const auto producer = Producer::make(mine, {});
  ASSERT_TRUE((*consumer)->assign({{{topic, 0}, 0, {}}}));
  const auto expect_one = [&](const std::string& value) {
    ASSERT_TRUE((*producer)->send((*producer)->topic(topic), {.key = "k", .value = value}));
    Outcome flushed(Verdict::kRetriable, RD_KAFKA_RESP_ERR_NO_ERROR, "");
    for (int i = 0; i < 300 && flushed.verdict() == Verdict::kRetriable; ++i) {
      (*producer)->poll();
      flushed = (*producer)->flush(Milliseconds(100));
    }
    ASSERT_TRUE(flushed) << flushed.message();
    RawBatch batch;
    const auto read = (*consumer)->read({topic, 0}, batch, 10, 1000, kTimeout);
    ASSERT_TRUE(read);
    ASSERT_EQ(*read, Consumer::Read::kRecords);
    EXPECT_EQ(batch.raw(batch.lines[0]), value);
  };
  expect_one("before");
  broker_.set_password(user, "second");
  // Nobody gets in with the old one any more; what is read again is the same as before.
  std::this_thread::sleep_for(Milliseconds(2500));
  (void)secret(user + ".SCRAM-SHA-512", "second");
  expect_one("after");
}

}  // namespace
}  // namespace nudge::connectors::kafka
