// Addresses to listen on, as they are written.
#include "config/bind_address.h"

#include <gtest/gtest.h>

namespace nudge::config {
namespace {

TEST(BindAddress, IsAnAddressAndAPort) {
  const struct {
    const char *text, *written;
    bool is_loopback;
  } rows[] = {
      {"127.0.0.1:8080", "127.0.0.1:8080", true},
      {"localhost:0", "127.0.0.1:0", true},
      {"[::1]:65535", "[::1]:65535", true},
      {"127.9.9.9:1", "127.9.9.9:1", true},
      {"0.0.0.0:80", "0.0.0.0:80", false},
      {"[::]:80", "[::]:80", false},
      {"[::ffff:127.0.0.1]:80", "[::ffff:127.0.0.1]:80", false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const auto address = parse_bind_address(row.text);
    ASSERT_TRUE(address);
    EXPECT_EQ(to_string(*address), row.written);
    EXPECT_EQ(address->is_loopback, row.is_loopback);
  }
  for (const char* text : {"", ":80", "8080", "localhost", "localhost:", "localhost:65536", "localhost:-1", "::1:80",
                           "[::1]", "127.0.0.1.evil.example:80", "shop.example:80", "127.1:80"})
    EXPECT_FALSE(parse_bind_address(text)) << text;
}

}  // namespace
}  // namespace nudge::config
