#include "config/override.h"

#include <charconv>

namespace nudge::config {
namespace {

bool is_container(Kind kind) { return kind == Kind::kObject || kind == Kind::kList || kind == Kind::kTable; }

std::string_view up_to_separator(std::string_view rest) { return rest.substr(0, rest.find_first_of(".[")); }

bool starts_with_name(std::string_view rest, std::string_view name) {
  return rest.starts_with(name) && (rest.size() == name.size() || rest[name.size()] == '.' || rest[name.size()] == '[');
}

struct Index {
  std::size_t number = 0, characters = 0;
};
// `[3]` or `3`.
std::optional<Index> leading_index(std::string_view rest) {
  const bool bracket = rest.starts_with('[');
  const char* begin = rest.data() + (bracket ? 1 : 0);
  Index index;
  const auto [end, error] = std::from_chars(begin, rest.data() + rest.size(), index.number);
  if (error != std::errc()) return std::nullopt;
  index.characters = static_cast<std::size_t>(end - rest.data());
  if (bracket && (index.characters == rest.size() || rest[index.characters++] != ']')) return std::nullopt;
  const bool ended = index.characters == rest.size() || rest[index.characters] == '.' || rest[index.characters] == '[';
  return ended ? std::optional(index) : std::nullopt;
}

// Walks down the tree along the path, making what is missing.
class Walk {
 public:
  Walk(Written& root, const Parameter& parameter, std::string_view path, std::vector<Problem>& problems)
      : node_(&root), parameter_(&parameter), rest_(path), problems_(problems) {}

  // The place of the value, or null after a problem.
  Written* place() {
    if (rest_.empty()) return refuse("names no key", "write --set a.b.c=value");
    while (!rest_.empty()) {
      const auto index = leading_index(rest_);
      const bool list = parameter_ ? parameter_->kind == Kind::kList : node_->type == Written::Type::kList;
      const bool any_list = parameter_ && parameter_->kind == Kind::kAny && node_->type == Written::Type::kList;
      const bool went = list || any_list ? (index ? enter_item(*index) : enter_only_item()) : enter_key();
      if (!went) return nullptr;
      if (rest_.starts_with('.')) {
        rest_.remove_prefix(1);
        if (rest_.empty()) return refuse("ends with a dot", "name the key after it or leave the dot out");
      }
    }
    return node_;
  }
  const std::string& walked() const { return walked_; }

 private:
  bool enter_key() {
    if (node_->type == Written::Type::kList)
      return refuse("is a list", "name an item, such as " + join_path(walked_, std::size_t{0})) != nullptr;
    const Parameter* next = nullptr;
    std::string_view key = up_to_separator(rest_);
    if (parameter_ && parameter_->kind == Kind::kObject) {
      for (const Parameter& member : parameter_->members)
        if (starts_with_name(rest_, member.name) && (!next || member.name.size() > next->name.size())) next = &member;
      if (next) key = next->name;
    } else if (parameter_ && parameter_->kind == Kind::kTable) {
      next = &parameter_->members.front();
      if (!is_container(next->kind)) key = rest_;
    }
    if (key.empty()) return refuse("has an empty key", "write --set a.b.c=value") != nullptr;
    if (node_->type != Written::Type::kMapping) become(Written::Type::kMapping);
    Written* value = node_->find(key);
    if (!value) {
      Written made;
      made.file = kOverrideFile;
      value = &node_->entries.emplace_back(Written::Entry{std::string(key), 0, std::move(made)}).value;
    }
    advance(value, next, join_path(walked_, key), key.size());
    return true;
  }

  bool enter_item(Index index) {
    if (node_->type == Written::Type::kMapping && index.number == 0) {  // one object stands for a list of one
      advance(node_, item_parameter(), walked_, index.characters);
      return true;
    }
    const std::size_t size = node_->type == Written::Type::kList ? node_->items.size() : 0;
    if (index.number > size)
      return refuse("has no item " + std::to_string(index.number),
                    "the list has " + std::to_string(size) + " items, counted from 0; " + std::to_string(size) +
                        " appends one") != nullptr;
    if (node_->type != Written::Type::kList) become(Written::Type::kList);
    if (index.number == size) node_->items.emplace_back().file = kOverrideFile;
    advance(&node_->items[index.number], item_parameter(), join_path(walked_, index.number), index.characters);
    return true;
  }

  bool enter_only_item() {
    if (node_->type == Written::Type::kList || !item_parameter() || item_parameter()->kind != Kind::kObject)
      return refuse("is a list", "name an item, such as " + join_path(walked_, std::size_t{0})) != nullptr;
    parameter_ = item_parameter();
    return true;
  }

  const Parameter* item_parameter() const {
    return parameter_ && parameter_->kind == Kind::kList ? &parameter_->members.front() : nullptr;
  }
  void become(Written::Type type) {
    *node_ = Written{};
    node_->type = type;
    node_->file = kOverrideFile;
  }
  void advance(Written* node, const Parameter* parameter, std::string walked, std::size_t characters) {
    node_ = node;
    parameter_ = parameter;
    walked_ = std::move(walked);
    rest_.remove_prefix(characters);
  }
  Written* refuse(std::string what, std::string remedy) {
    problems_.push_back({{std::string(kOverrideFile), 0, walked_}, std::move(what), std::move(remedy)});
    return nullptr;
  }

  Written* node_;
  const Parameter* parameter_;  // null: unknown
  std::string_view rest_;
  std::string walked_;
  std::vector<Problem>& problems_;
};

}  // namespace

void apply_override(Written& root, const Parameter& parameter, std::string_view text, std::vector<Problem>& problems) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    problems.push_back({{std::string(kOverrideFile), 0, std::string(text)}, "has no value", "write --set a.b.c=value"});
    return;
  }
  Walk walk(root, parameter, text.substr(0, equals), problems);
  Written* place = walk.place();
  if (!place) return;
  const std::size_t before = problems.size();
  Written value = parse_document(text.substr(equals + 1), std::string(kOverrideFile), walk.walked(), false, problems);
  if (problems.size() == before) *place = std::move(value);
}

}  // namespace nudge::config
