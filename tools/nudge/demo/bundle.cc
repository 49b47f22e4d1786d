#include "tools/nudge/demo/bundle.h"

namespace nudge::demo {

// Defined in bundle.S.
extern "C" const BundledFile nudge_demo_files[];
extern "C" const BundledFile nudge_demo_files_end[];

std::span<const BundledFile> bundle() { return {nudge_demo_files, nudge_demo_files_end}; }

}  // namespace nudge::demo
