// report.html: report.json for a reader, in one file without any reference to the outside.
#pragma once

#include <string>
#include <string_view>

namespace nudge::runtime {

std::string report_page(std::string_view report_json);

}  // namespace nudge::runtime
