#include "config/secret.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace nudge::config {
namespace {

constexpr std::size_t kSecretBytesMax = 64 << 10;

}  // namespace

Result<std::string> secret_of_file(const std::string& path) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::string secret(kSecretBytesMax + 1, '\0');
  if (stream) stream.read(secret.data(), static_cast<std::streamsize>(secret.size()));
  if (stream.bad() || !stream.is_open() || (stream.fail() && !stream.eof()))
    return Status::config("the secret's file " + path + " cannot be read: " + std::strerror(errno ? errno : EIO));
  secret.resize(static_cast<std::size_t>(stream.gcount()));
  if (secret.size() > kSecretBytesMax) return Status::config("the secret's file " + path + " is larger than 64 KiB");
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) return Status::config("the secret's file " + path + " is empty");
  return secret;
}

Result<std::string> secret_of_environment(const std::string& name) {
  const char* secret = std::getenv(name.c_str());
  if (!secret || !*secret) return Status::config("the environment variable " + name + " is not set");
  return std::string(secret);
}

}  // namespace nudge::config
