// SIGTERM and SIGINT tell the program to end what it is about; a second one ends it at once.
#pragma once

namespace nudge::program {

void stop_on_signals();
// Whether one of them has come since then. Any thread.
bool is_told_to_stop();

}  // namespace nudge::program
