// What a thread is called where a system shows threads by name: top -H, perf, a debugger.
#pragma once

#include <pthread.h>

namespace nudge {

// Of the calling thread; at most 15 characters.
inline void name_thread(const char* name) { (void)pthread_setname_np(pthread_self(), name); }

}  // namespace nudge
