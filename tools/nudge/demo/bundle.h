// The files of the bundled shop, which are part of the program: a year of real orders (UCI Online Retail, CC BY 4.0)
// with simulated page views and campaigns around them, and the configuration that the demo runs.
//
// CMake writes the table (bundle.S) from tools/demo_data/shop and config/examples/shop.yaml.
#pragma once

#include <span>
#include <string_view>

namespace nudge::demo {

struct BundledFile {
  const char* name;
  const char* begin;
  const char* end;
  std::string_view content() const { return {begin, static_cast<std::size_t>(end - begin)}; }
};

// shop.yaml and <topic>.jsonl.zst.
std::span<const BundledFile> bundle();

}  // namespace nudge::demo
