#include "config/loader.h"

#include <algorithm>
#include <limits>

#include "config/checker.h"
#include "config/document.h"
#include "config/override.h"

namespace nudge::config {
namespace {

LoadedConfig finish(const Written& read, std::vector<Problem> problems, std::span<const std::string> overrides,
                    const Parameter& root) {
  if (!problems.empty() && read.type == Written::Type::kNull) {
    std::vector<Problem> ignored;
    return {Checker(root, ignored).check_root(read), std::move(problems), false};
  }
  Written written = read;
  for (const std::string& text : overrides) apply_override(written, root, text, problems);
  LoadedConfig loaded;
  loaded.root = Checker(root, problems).check_root(written);
  loaded.problems = std::move(problems);
  sort_problems(loaded.problems);
  return loaded;
}

}  // namespace

LoadedConfig load(const std::string& file, std::span<const std::string> overrides, const Parameter& root) {
  std::vector<Problem> problems;
  const Written written = read_document(file, problems);
  return finish(written, std::move(problems), overrides, root);
}

LoadedConfig load_text(std::string_view text, const std::string& name, std::span<const std::string> overrides,
                       const Parameter& root) {
  std::vector<Problem> problems;
  const Written written = parse_document(text, name, "", true, problems);
  return finish(written, std::move(problems), overrides, root);
}

void sort_problems(std::vector<Problem>& problems) {
  const auto line = [](const Problem& problem) {
    return problem.location.line > 0 ? problem.location.line : std::numeric_limits<int>::max();
  };
  std::ranges::stable_sort(problems, [&](const Problem& a, const Problem& b) { return line(a) < line(b); });
}

}  // namespace nudge::config
