#include "config/kafka_parameters.h"

#include <array>

#include "engine/check.h"

namespace nudge::config {
namespace {

using std::string_view;

// Both spellings are usual: librdkafka's and Java's.
constexpr string_view kProtocols[] = {"plaintext", "ssl", "sasl_plaintext", "sasl_ssl",
                                      "PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"};
constexpr string_view kMechanisms[] = {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"};
constexpr string_view kIdentification[] = {"https", "none"};
constexpr string_view kFamilies[] = {"any", "v4", "v6"};
constexpr string_view kCodecs[] = {"none", "gzip", "snappy", "lz4", "zstd"};

struct Setting {
  KafkaClient client;
  Parameter parameter;
};

constexpr Parameter text(string_view name, string_view help) {
  return {.name = name, .kind = Kind::kText, .help = help};
}
constexpr Parameter secret(string_view name, string_view help) {
  return {.name = name, .kind = Kind::kSecret, .help = help};
}
constexpr Parameter flag(string_view name, string_view help) {
  return {.name = name, .kind = Kind::kBoolean, .help = help};
}
constexpr Parameter number(string_view name, double least, double most, string_view help) {
  return {.name = name, .kind = Kind::kInteger, .help = help, .least = least, .most = most};
}
constexpr Parameter choice(string_view name, std::span<const string_view> choices, string_view help) {
  return {.name = name, .kind = Kind::kChoice, .help = help, .choices = choices};
}

constexpr double kMiB = 1 << 20, kGiB = 1 << 30;
constexpr auto kEvery = KafkaClient::kEvery, kConsumer = KafkaClient::kConsumer, kProducer = KafkaClient::kProducer,
               kNone = KafkaClient::kNone;

constexpr Setting kSettings[] = {
    {kEvery, text("bootstrap.servers", "Brokers to begin with: host:port, separated by commas.")},
    {kEvery, text("client.id", "How the brokers' logs and quotas call this program; `name` by default.")},
    {kConsumer, text("client.rack", "The rack that this program stands in, to read from the nearest replica.")},
    {kEvery, choice("broker.address.family", kFamilies, "Which addresses of brokers are used.")},
    {kEvery, choice("security.protocol", kProtocols, "How brokers are spoken to.")},
    {kEvery, choice("sasl.mechanism", kMechanisms, "How this program says who it is.")},
    {kEvery, text("sasl.username", "Who it is, for PLAIN and SCRAM.")},
    {kEvery, secret("sasl.password", "Its password; a file is read again when a broker refuses the old one.")},
    {kNone, secret("sasl.oauthbearer.token", "Its token, a JWT, for OAUTHBEARER; a file is read again in time.")},
    {kEvery, text("ssl.ca.location", "File or folder of the authorities' certificates; the system's by default.")},
    {kEvery, text("ssl.certificate.location", "File of this program's certificate (PEM).")},
    {kEvery, text("ssl.key.location", "File of its private key (PEM).")},
    {kEvery, secret("ssl.key.password", "The private key's password.")},
    {kEvery, text("ssl.crl.location", "File of the certificates that were revoked.")},
    {kEvery, text("ssl.cipher.suites", "The ciphers that may be used.")},
    {kEvery, choice("ssl.endpoint.identification.algorithm", kIdentification,
                    "Whether a broker's certificate must name its host.")},
    {kEvery, flag("enable.ssl.certificate.verification", "Whether brokers' certificates are verified.")},
    {kEvery, number("socket.timeout.ms", 10, 300'000, "How long a broker may take to answer.")},
    {kEvery, number("socket.connection.setup.timeout.ms", 1000, 300'000, "How long connecting may take.")},
    {kEvery, flag("socket.keepalive.enable", "Whether idle connections are kept by the system.")},
    {kEvery, number("connections.max.idle.ms", 0, 2e9, "After how long an idle connection is closed; 0: never.")},
    {kEvery, number("reconnect.backoff.ms", 0, 3'600'000, "The first wait before connecting again.")},
    {kEvery, number("reconnect.backoff.max.ms", 0, 3'600'000, "The longest wait before connecting again.")},
    {kEvery, number("message.max.bytes", 1000, 1e9, "The largest request and message.")},
    {kConsumer, number("fetch.wait.max.ms", 0, 300'000, "How long a broker waits for data that are to be read.")},
    {kConsumer, number("fetch.min.bytes", 1, 100 * kMiB, "How much it waits for.")},
    {kConsumer, number("fetch.message.max.bytes", 1, kGiB, "How much of a partition is asked for at once.")},
    {kConsumer, number("session.timeout.ms", 1000, 3'600'000, "After how long a silent member is taken for dead.")},
    {kConsumer, number("heartbeat.interval.ms", 1, 3'600'000, "How often a member says that it lives.")},
    {kProducer, choice("compression.codec", kCodecs, "How batches are compressed; lz4 by default.")},
    {kProducer, number("compression.level", -1, 12, "How hard; -1: the codec's own default.")},
    {kProducer, number("linger.ms", 0, 900'000, "How long a batch waits for more records.")},
    {kProducer, number("batch.size", 1, 2'147'483'647, "The largest batch, in bytes.")},
    {kProducer, number("message.timeout.ms", 1000, 2e9, "How long a record may take to be delivered.")},
    {kProducer, number("transaction.timeout.ms", 1000, 900'000,
                       "After how long a broker aborts the transaction of a silent producer.")},
};

constexpr auto kParameters = [] {
  std::array<Parameter, std::size(kSettings)> parameters;
  for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i] = kSettings[i].parameter;
  return parameters;
}();

}  // namespace

std::span<const Parameter> kafka_parameters() { return kParameters; }

KafkaClient client_of(string_view setting) {
  for (const Setting& known : kSettings)
    if (known.parameter.name == setting) return known.client;
  NUDGE_CHECK(false, "a setting that is in the table");
  return kNone;
}

}  // namespace nudge::config
