// Assertions that hold in release builds too: a broken promise stops the program, loudly.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace nudge {

[[noreturn]] inline void check_failed(const char* condition, const char* reason, const char* file, int line) {
  std::fprintf(stderr, "nudge: %s:%d: check failed: %s (%s)\n", file, line, condition, reason);
  std::abort();
}

}  // namespace nudge

#define NUDGE_CHECK(condition, reason) \
  (static_cast<bool>(condition) ? void(0) : ::nudge::check_failed(#condition, reason, __FILE__, __LINE__))
