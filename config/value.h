// A checked configuration: a tree in which every declared key is present, typed and within its bounds.
//
// Reading a Value as another kind than its parameter declares is a bug (NUDGE_CHECK), not an error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/time.h"

namespace nudge::config {

// Where a value was written: `line` counts from 1; 0 means a default (`file` is empty) or an override (`--set`).
struct Location {
  std::string file;
  int line = 0;
  std::string path;  // operators.scores[1].label.within
};

struct Problem {
  Location location;
  std::string what;    // what is wrong
  std::string remedy;  // what would be right
};
// shop.yaml:12: operators.scores[1].every: what; remedy
std::string to_string(const Problem& problem);

enum class Kind : std::uint8_t {
  kBoolean,
  kInteger,
  kReal,
  kDuration,  // 100ms 5s 30m 3h 7d 12w
  kSize,      // bytes: 64MiB
  kText,
  kChoice,
  kMoney,       // a decimal text or number, kept as Micro
  kExpression,  // SQL, compiled by who uses it
  kSecret,      // {file: …} or {env: …}; the value read is the text
  kObject,      // declared members
  kList,        // items of one kind
  kTable,       // free keys, values of one kind
  kAny,         // unchecked; a value read has the kind it was written in: text, integer, real, boolean, list or
                // table, and {file: …} or {env: …} alone is a secret
};

struct SecretPlace {
  bool is_file = false;   // else an environment variable
  std::string_view name;  // of either; as long as the Value
};

class Value {
 public:
  Kind kind() const { return kind_; }
  bool is_null() const { return null_; }  // an optional parameter that was not given
  const Location& location() const { return location_; }

  bool boolean() const;
  std::int64_t integer() const;  // integers and sizes
  double real() const;           // reals and integers
  Millis duration() const;
  std::int64_t micro() const;
  const std::string& text() const;  // text, choice, expression, secret; any other scalar as it was written
  // Of a secret: where it is read from.
  SecretPlace secret_place() const;
  // A member of an object; it must be declared.
  const Value& at(std::string_view name) const;
  // A member of an object or table, or null where it is absent or was not given.
  const Value* find(std::string_view name) const;
  const std::vector<Value>& items() const;
  // Objects in the order of their declaration, tables in the order of the file.
  const std::vector<std::pair<std::string, Value>>& entries() const;

  // One canonical text of the whole tree, equal for equal configurations; for fingerprints. Defaults count as if
  // they were written; a secret shows as its reference, never as itself.
  std::string canonical() const;

 private:
  friend class Checker;
  Kind kind_ = Kind::kAny;
  bool null_ = true;
  Location location_;
  std::int64_t integer_ = 0;
  double real_ = 0;
  std::string text_;
  std::vector<Value> items_;
  std::vector<std::pair<std::string, Value>> entries_;
};

}  // namespace nudge::config
