// Normal forms of identifiers, the vendors' own examples of hashes, and the signature of Standard Webhooks.
#include "connectors/webhook/identifiers.h"

#include <gtest/gtest.h>

#include "config/web_address.h"
#include "connectors/webhook/signature.h"

namespace nudge::connectors::webhook {
namespace {

TEST(Identifiers, Email) {
  EXPECT_EQ(normal_email(" Jane.Doe@Example.COM\t"), "jane.doe@example.com");
  for (const char* wrong : {"", " ", "jane", "@example.com", "jane@", "a@b@c", "ja ne@example.com"})
    EXPECT_EQ(normal_email(wrong), "") << wrong;
  EXPECT_EQ(google_email("Jane.D.Doe@gmail.com"), "janeddoe@gmail.com");
  EXPECT_EQ(google_email("j.d@googlemail.com"), "jd@googlemail.com");
  EXPECT_EQ(google_email("jane.doe@example.com"), "jane.doe@example.com") << "of Google's own domains only";
  EXPECT_EQ(google_email("jane.doe@notgmail.com"), "jane.doe@notgmail.com");
  EXPECT_EQ(google_email("..@gmail.com"), "");
}

TEST(Identifiers, Phone) {
  const struct {
    const char *written, *country, *normal;
  } rows[] = {
      {"+44 20 7946 0018", "", "+442079460018"},
      {"0044 20 7946 0018", "", "+442079460018"},
      {"020 7946 0018", "44", "+442079460018"},
      {"(650) 555-1212", "1", "+16505551212"},
      {"06 1234 5678", "39", "+390612345678"},  // Italy keeps its zero
      {"777 123 456", "420", "+420777123456"},
      {"020 7946 0018", "", ""},  // of which country?
      {"+44 20 79x6 0018", "", ""},
      {"+0123456789", "", ""},
      {"+123", "", ""},
      {"+1234567890123456", "", ""},
      {"", "44", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(e164_phone(row.written, row.country), row.normal) << row.written;
}

// Of Meta's page on customer information parameters.
TEST(Identifiers, HashesOfAVendorsExamples) {
  EXPECT_EQ(hashed(normal_email("John_Smith@gmail.com")),
            "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f");
  EXPECT_EQ(hashed(e164_phone("(650)555-1212", "1").substr(1)),
            "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176");
  EXPECT_EQ(hashed(""), "");
}

// The example of the specification's libraries.
TEST(Signature, OfTheReferenceExample) {
  const auto key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(key);
  EXPECT_EQ(signature(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Signature, ASecretThatIsNone) {
  for (const char* wrong : {"", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%%%%"}) {
    const auto key = signing_key(wrong);
    ASSERT_FALSE(key) << wrong;
    EXPECT_EQ(key.status().message().find("c2hvcnQ"), std::string::npos);
  }
}

TEST(WebAddress, PartsOfIt) {
  const auto whole = config::parse_web_address("https://hooks.example.com:8443/in/nudge?key=1");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->host, "hooks.example.com");
  EXPECT_EQ(whole->authority(), "hooks.example.com:8443");
  EXPECT_EQ(whole->path, "/in/nudge?key=1");
  EXPECT_EQ(config::parse_web_address("https://a.b/")->path, "");
  EXPECT_EQ(config::parse_web_address("https://a.b")->authority(), "a.b");
  EXPECT_EQ(config::parse_web_address("http://[::1]:80/x")->authority(), "[::1]");
  EXPECT_TRUE(config::parse_web_address("http://[::1]/x")->is_loopback);
  EXPECT_FALSE(config::parse_web_address("http://127.evil.example/x")->is_loopback);
  for (const char* wrong : {"", "a.b", "ftp://a.b", "https://", "https://u@a.b", "https://a.b:0", "https://a.b:x",
                            "https://a.b/#part", "https://a b", "https://[::1", "https://a.b:99999"})
    EXPECT_FALSE(config::parse_web_address(wrong)) << wrong;
}

}  // namespace
}  // namespace nudge::connectors::webhook
