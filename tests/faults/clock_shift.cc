// A library to be preloaded into fault_run: shifts the clock on the wall by the seconds in the file that
// NUDGE_TEST_CLOCK names, as they are at each call. What C libraries ask for stays right, so that only the program's
// own use of the clock is tried; nothing else of time is changed.
#include <time.h>

#include <chrono>
#include <cstdlib>
#include <fstream>

std::chrono::system_clock::time_point std::chrono::system_clock::now() noexcept {
  timespec real{};
  ::clock_gettime(CLOCK_REALTIME, &real);
  long long shift = 0;
  if (const char* const file = std::getenv("NUDGE_TEST_CLOCK")) std::ifstream(file) >> shift;
  return time_point(std::chrono::seconds(real.tv_sec + shift) + std::chrono::nanoseconds(real.tv_nsec));
}
