#include "tools/nudge/stop_signals.h"

#include <atomic>
#include <csignal>

namespace nudge::program {
namespace {

std::atomic<bool> g_stops{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

extern "C" void stop(int) { g_stops = true; }

}  // namespace

void stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = stop;
  action.sa_flags = SA_RESETHAND;
  for (const int signal : {SIGTERM, SIGINT}) ::sigaction(signal, &action, nullptr);
}

bool is_told_to_stop() { return g_stops; }

}  // namespace nudge::program
