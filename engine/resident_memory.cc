#include "engine/resident_memory.h"

#include <unistd.h>

#include <cstdio>
#include <memory>

namespace nudge {

std::size_t resident_memory() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"), &std::fclose);
  unsigned long whole = 0, resident = 0;
  if (!file || std::fscanf(file.get(), "%lu %lu", &whole, &resident) != 2) return 0;
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return resident * page;
}

}  // namespace nudge
