// Writes a shop whose truth is known: the input topics of the contract, and truth.json beside them (section 6).
//
// The same bytes for the same options on every machine. Time passes in slices of an hour, so that memory holds 40 bytes
// a customer and the records that are on their way, whatever the length of the shop's life.
#pragma once

#include <filesystem>

#include "engine/status.h"
#include "tools/nudge/generate/arrival_sink.h"
#include "tools/nudge/generate/options.h"

namespace nudge::generate {

// `folder` is created where it is missing; files of earlier shops in it are replaced.
Status generate(const GenerateOptions& options, const std::filesystem::path& folder);
// Into any sink; what is true goes into the file `truth`, or nowhere where that is empty.
Status generate(const GenerateOptions& options, ArrivalSink& sink, const std::filesystem::path& truth);

}  // namespace nudge::generate
