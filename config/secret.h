// Secrets are never inline: they stand in a file or in an environment variable.
#pragma once

#include <string>

#include "engine/status.h"

namespace nudge::config {

// The content without the line end. Fails where it is unreadable, empty or above 64 KiB; no message holds the secret.
Result<std::string> secret_of_file(const std::string& path);
Result<std::string> secret_of_environment(const std::string& name);

}  // namespace nudge::config
