#include "config/document.h"

#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

namespace nudge::config {

const Written* Written::find(std::string_view key) const {
  for (const Entry& entry : entries)
    if (entry.key == key) return &entry.value;
  return nullptr;
}

Written* Written::find(std::string_view key) { return const_cast<Written*>(std::as_const(*this).find(key)); }

std::string join_path(std::string_view path, std::string_view key) {
  std::string joined(path);
  if (!joined.empty()) joined += '.';
  return joined += key;
}

std::string join_path(std::string_view path, std::size_t index) {
  return std::string(path) + "[" + std::to_string(index) + "]";
}

namespace {

// Copies a yaml-cpp tree, which knows neither repeated keys nor an end to aliases of aliases.
class Copy {
 public:
  Copy(const std::string& file, bool has_lines, std::vector<Problem>& problems)
      : file_(file), has_lines_(has_lines), problems_(problems) {}

  Written of(const YAML::Node& node, const std::string& path, int depth) {
    Written written;
    written.file = file_;
    written.line = line_of(node.Mark());
    if (stopped_) return written;
    if (depth > kDepthMax || ++nodes_ > kNodesMax) {
      stopped_ = true;
      const bool deep = depth > kDepthMax;
      problem(written.line, path, deep ? "is nested too deeply" : "has too many values",
              deep ? "nest at most " + std::to_string(kDepthMax) + " deep; an alias must not contain itself"
                   : "write at most " + std::to_string(kNodesMax) + " values, those of aliases counted each time");
      return written;
    }
    switch (node.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        break;
      case YAML::NodeType::Scalar:
        written.type = Written::Type::kScalar;
        written.scalar = node.Scalar();
        written.quoted = node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str";
        break;
      case YAML::NodeType::Sequence:
        written.type = Written::Type::kList;
        for (const YAML::Node& item : node)
          written.items.push_back(of(item, join_path(path, written.items.size()), depth + 1));
        break;
      case YAML::NodeType::Map:
        written.type = Written::Type::kMapping;
        for (const auto& entry : node) add_entry(written, entry.first, entry.second, path, depth);
        break;
    }
    return written;
  }

 private:
  void add_entry(Written& mapping, const YAML::Node& key, const YAML::Node& value, const std::string& path, int depth) {
    const int line = line_of(key.Mark());
    if (!key.IsScalar()) {
      problem(line, path, "has a key that is not text", "write every key as plain text");
      return;
    }
    const std::string entry_path = join_path(path, key.Scalar());
    for (const Written::Entry& entry : mapping.entries) {
      if (entry.key != key.Scalar()) continue;
      const std::string before = has_lines_ ? " (first in line " + std::to_string(entry.line) + ")" : "";
      problem(line, entry_path, "is written twice" + before, "keep one of them");
      return;
    }
    Written copied = of(value, entry_path, depth + 1);
    if (copied.type == Written::Type::kNull) copied.line = line;  // yaml-cpp gives the place of what comes next
    mapping.entries.push_back({key.Scalar(), line, std::move(copied)});
  }

  int line_of(const YAML::Mark& mark) const { return has_lines_ && !mark.is_null() ? mark.line + 1 : 0; }
  void problem(int line, const std::string& path, std::string what, std::string remedy) {
    problems_.push_back({{file_, line, path}, std::move(what), std::move(remedy)});
  }

  const std::string& file_;
  const bool has_lines_;
  std::vector<Problem>& problems_;
  std::size_t nodes_ = 0;
  bool stopped_ = false;
};

}  // namespace

Written parse_document(std::string_view text, const std::string& file, std::string_view path, bool has_lines,
                       std::vector<Problem>& problems) {
  Written nothing;
  nothing.file = file;
  nothing.line = has_lines ? 1 : 0;
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.empty()) return nothing;
    if (documents.size() > 1)
      problems.push_back({{file, has_lines ? documents[1].Mark().line + 1 : 0, std::string(path)},
                          "starts a second YAML document",
                          "write the whole configuration as one document"});
    return Copy(file, has_lines, problems).of(documents.front(), std::string(path), 0);
  } catch (const YAML::Exception& error) {
    const int line = !has_lines ? 0 : error.mark.is_null() ? 1 : error.mark.line + 1;
    problems.push_back({{file, line, std::string(path)}, "is not YAML: " + error.msg, "correct the syntax"});
    return nothing;
  }
}

Written read_document(const std::string& file, std::vector<Problem>& problems) {
  const auto unreadable = [&](const std::string& why) {
    problems.push_back({{file, 0, ""}, "cannot be read: " + why, "name a readable YAML file"});
    Written nothing;
    nothing.file = file;
    return nothing;
  };
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return unreadable(std::strerror(errno));
  std::string text(kFileBytesMax + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || (stream.gcount() == 0 && !stream.eof())) return unreadable(std::strerror(errno ? errno : EIO));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kFileBytesMax) return unreadable("it is larger than 16 MiB");
  return parse_document(text, file, "", true, problems);
}

}  // namespace nudge::config
