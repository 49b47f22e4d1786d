// How much memory the process really has.
#pragma once

#include <cstddef>

namespace nudge {

// Bytes that are resident now; 0 where the system does not say. A system call of a microsecond or two.
std::size_t resident_memory();

}  // namespace nudge
