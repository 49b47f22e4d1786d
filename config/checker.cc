#include "config/checker.h"

#include <algorithm>
#include <cmath>

#include "config/nearest.h"
#include "config/scalar.h"
#include "config/secret.h"
#include "engine/check.h"
#include "engine/decimal.h"

namespace nudge::config {
namespace {

constexpr std::size_t kShownMax = 40;
constexpr int kMoneyDecimals = 6;
constexpr Parameter kAnyItem = {.kind = Kind::kAny};

Location location_of(const Written& written, const std::string& path) { return {written.file, written.line, path}; }

std::string shown(const Written& written) {
  switch (written.type) {
    case Written::Type::kNull:
      return "nothing";
    case Written::Type::kList:
      return "a list";
    case Written::Type::kMapping:
      return "an object";
    case Written::Type::kScalar:
      break;
  }
  std::string text = written.scalar.size() > kShownMax ? written.scalar.substr(0, kShownMax) + "…" : written.scalar;
  std::replace(text.begin(), text.end(), '\n', ' ');
  return '"' + text + '"';
}

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::kBoolean:
      return "a boolean";
    case Kind::kInteger:
      return "a whole number";
    case Kind::kReal:
      return "a number";
    case Kind::kDuration:
      return "a duration";
    case Kind::kSize:
      return "a size";
    case Kind::kText:
      return "text";
    case Kind::kChoice:
      return "a choice";
    case Kind::kMoney:
      return "an amount";
    case Kind::kExpression:
      return "an expression";
    case Kind::kSecret:
      return "a reference";
    case Kind::kObject:
      return "an object";
    case Kind::kList:
      return "a list";
    case Kind::kTable:
      return "a table";
    case Kind::kAny:
      return "a value";
  }
  return "";
}

// Where in the whole configuration a key of this name stands; for keys written one level off.
void find_key(const Parameter& parameter, std::string_view name, const std::string& path,
              std::vector<std::string>& found) {
  if (parameter.kind != Kind::kObject) return;
  for (const Parameter& member : parameter.members) {
    if (member.name == name) found.push_back(join_path(path, name));
    find_key(member, name, join_path(path, member.name), found);
  }
}

}  // namespace

Value Checker::start(Kind kind, Location location) {
  Value value;
  value.kind_ = kind;
  value.null_ = false;
  value.location_ = std::move(location);
  return value;
}

void Checker::problem(Location location, std::string what, std::string remedy) {
  problems_.push_back({std::move(location), std::move(what), std::move(remedy)});
}

Value Checker::check_root(const Written& written) {
  if (written.type == Written::Type::kMapping || written.type == Written::Type::kNull)
    return check_object(written, root_, "");
  problem(location_of(written, ""), "is " + shown(written), "write keys and values, such as `input: {path: data/}`");
  std::vector<Problem> ignored;
  return Checker(root_, ignored).check_object(Written{}, root_, "");
}

Value Checker::check(const Written& written, const Parameter& parameter, const std::string& path) {
  if (written.type == Written::Type::kNull && parameter.kind != Kind::kAny) {
    // `rfm:` may be meant either way; in an override it takes back what the file says.
    const bool many =
        parameter.kind == Kind::kObject || parameter.kind == Kind::kList || parameter.kind == Kind::kTable;
    if (many && !parameter.required && parameter.default_text.empty() && written.line > 0)
      problem(location_of(written, path), "has no value",
              std::string("write ") + (parameter.kind == Kind::kList ? "[]" : "{}") + " or leave the key out");
    return absent(parameter, location_of(written, path));
  }
  if (parameter.may_be_off && written.type == Written::Type::kScalar && !written.quoted &&
      parse_boolean(written.scalar) == false)
    return null_of(parameter, location_of(written, path));
  switch (parameter.kind) {
    case Kind::kObject:
      return check_object(written, parameter, path);
    case Kind::kList:
      return check_list(written, parameter, path);
    case Kind::kTable:
      return check_table(written, parameter, path);
    case Kind::kSecret:
      return check_secret(written, parameter, path);
    case Kind::kAny:
      return check_any(written, parameter, path);
    case Kind::kText:
    case Kind::kExpression:
    case Kind::kChoice:
      return check_text(written, parameter, path);
    default:
      return check_scalar(written, parameter, path);
  }
}

Value Checker::check_scalar(const Written& written, const Parameter& parameter, const std::string& path) {
  const auto not_one = [&] {
    return wrong(written, parameter, path, "is " + shown(written) + ", not " + name_of(parameter.kind));
  };
  if (written.type != Written::Type::kScalar) return not_one();
  const std::string& text = written.scalar;
  // A quoted number is text: the JSON Schema says the same. Amounts are decimal strings where they must be exact.
  const bool numeric =
      parameter.kind == Kind::kBoolean || parameter.kind == Kind::kInteger || parameter.kind == Kind::kReal;
  if (numeric && written.quoted)
    return wrong(written, parameter, path, "is the text " + shown(written) + ", not " + name_of(parameter.kind));

  Value value = start(parameter.kind, location_of(written, path));
  value.text_ = text;
  std::optional<std::int64_t> integer;
  double bounded = 0;
  switch (parameter.kind) {
    case Kind::kBoolean:
      integer = parse_boolean(text);
      break;
    case Kind::kInteger:
      integer = parse_integer(text);
      break;
    case Kind::kDuration:
      integer = parse_duration(text);
      break;
    case Kind::kSize:
      integer = parse_size(text);
      break;
    case Kind::kMoney:
      integer = parse_plain_decimal(text, kMoneyDecimals, kMicroLimit);
      break;
    case Kind::kReal: {
      const auto real = parse_real(text);
      if (!real) return not_one();
      value.real_ = bounded = *real;
      break;
    }
    default:
      NUDGE_CHECK(false, "a scalar of no such kind");
  }
  if (parameter.kind != Kind::kReal) {
    if (!integer || (parameter.kind == Kind::kMoney && *integer < 0)) return not_one();
    value.integer_ = *integer;
    bounded = parameter.kind == Kind::kMoney ? static_cast<double>(*integer) / 1e6 : static_cast<double>(*integer);
  }
  if (bounded < parameter.least || bounded > parameter.most)
    return wrong(written, parameter, path, "is " + text + ", out of range");
  return value;
}

Value Checker::check_text(const Written& written, const Parameter& parameter, const std::string& path) {
  if (written.type != Written::Type::kScalar)
    return wrong(written, parameter, path, "is " + shown(written) + ", not " + name_of(parameter.kind));
  Value value = start(parameter.kind, location_of(written, path));
  value.text_ = written.scalar;
  if (parameter.kind == Kind::kExpression && written.scalar.find_first_not_of(" \t\r\n") == std::string::npos)
    return wrong(written, parameter, path, "is an empty expression");
  if (parameter.kind == Kind::kChoice &&
      std::ranges::find(parameter.choices, written.scalar) == parameter.choices.end()) {
    problem(value.location_, "is " + shown(written), suggestion(written.scalar, parameter.choices));
    return instead_of(written, parameter, path);
  }
  return value;
}

Value Checker::check_secret(const Written& written, const Parameter& parameter, const std::string& path) {
  const bool one_entry = written.type == Written::Type::kMapping && written.entries.size() == 1;
  const Written::Entry* entry = one_entry ? &written.entries.front() : nullptr;
  if (!entry || (entry->key != "file" && entry->key != "env") || entry->value.type != Written::Type::kScalar) {
    // The text itself is not shown: it may be the secret.
    const bool inline_text = written.type == Written::Type::kScalar;
    return wrong(written, parameter, path,
                 inline_text ? "is a secret written inline" : "is not a reference to a secret");
  }
  Result<std::string> secret =
      entry->key == "file" ? secret_of_file(entry->value.scalar) : secret_of_environment(entry->value.scalar);
  Value value = start(Kind::kSecret, location_of(written, path));
  Value reference = start(Kind::kText, value.location_);
  reference.text_ = entry->value.scalar;
  value.entries_.emplace_back(entry->key, std::move(reference));
  if (!secret) {
    problem(value.location_, secret.status().message(), "correct the reference or provide the secret");
  } else {
    value.text_ = *std::move(secret);
  }
  return value;
}

Value Checker::check_object(const Written& written, const Parameter& parameter, const std::string& path) {
  if (written.type != Written::Type::kMapping && written.type != Written::Type::kNull)
    return wrong(written, parameter, path, "is " + shown(written) + ", not an object");
  for (const Written::Entry& entry : written.entries) {
    const bool known =
        std::ranges::any_of(parameter.members, [&](const Parameter& member) { return member.name == entry.key; });
    if (!known) unknown_key(parameter, entry, path);
  }
  Value value = start(Kind::kObject, location_of(written, path));
  for (const Parameter& member : parameter.members) {
    const std::string member_path = join_path(path, member.name);
    const Written* given = written.find(member.name);
    value.entries_.emplace_back(
        member.name, given ? check(*given, member, member_path) : absent(member, location_of(written, member_path)));
  }
  return value;
}

Value Checker::check_list(const Written& written, const Parameter& parameter, const std::string& path) {
  NUDGE_CHECK(parameter.members.size() == 1, "a list has one kind of item");
  const Parameter& item = parameter.members.front();
  Value value = start(Kind::kList, location_of(written, path));
  if (written.type == Written::Type::kMapping && item.kind == Kind::kObject) {  // one object is a list of one
    value.items_.push_back(check_object(written, item, path));
    return value;
  }
  if (written.type != Written::Type::kList)
    return wrong(written, parameter, path, "is " + shown(written) + ", not a list");
  for (std::size_t i = 0; i < written.items.size(); ++i) {
    const std::string item_path = join_path(path, i);
    if (written.items[i].type == Written::Type::kNull && item.kind != Kind::kAny) {
      problem(location_of(written.items[i], item_path), "is empty", "expected " + expected(item));
      continue;
    }
    value.items_.push_back(check(written.items[i], item, item_path));
  }
  return value;
}

Value Checker::check_table(const Written& written, const Parameter& parameter, const std::string& path) {
  NUDGE_CHECK(parameter.members.size() == 1, "a table has one kind of value");
  const Parameter& item = parameter.members.front();
  if (written.type != Written::Type::kMapping)
    return wrong(written, parameter, path, "is " + shown(written) + ", not a table");
  Value value = start(Kind::kTable, location_of(written, path));
  for (const Written::Entry& entry : written.entries) {
    const std::string entry_path = join_path(path, entry.key);
    if (entry.key.empty()) {
      problem({written.file, entry.line, entry_path}, "has an empty name", "name the entry");
    } else if (entry.value.type == Written::Type::kNull && item.kind != Kind::kAny) {
      problem(location_of(entry.value, entry_path), "is empty", "expected " + expected(item));
    } else {
      value.entries_.emplace_back(entry.key, check(entry.value, item, entry_path));
    }
  }
  return value;
}

Value Checker::check_any(const Written& written, const Parameter& parameter, const std::string& path) {
  const auto as = [&](Kind kind) {
    Parameter typed;
    typed.kind = kind;
    typed.members = {&kAnyItem, 1};
    return check(written, typed, path);
  };
  switch (written.type) {
    case Written::Type::kNull:
      return absent(parameter, location_of(written, path));
    case Written::Type::kList:
      return as(Kind::kList);
    case Written::Type::kMapping: {
      const bool reference =
          written.entries.size() == 1 && (written.entries[0].key == "file" || written.entries[0].key == "env");
      return as(reference ? Kind::kSecret : Kind::kTable);
    }
    case Written::Type::kScalar:
      break;
  }
  if (written.quoted) return as(Kind::kText);
  if (parse_boolean(written.scalar)) return as(Kind::kBoolean);
  if (parse_integer(written.scalar)) return as(Kind::kInteger);
  return as(parse_real(written.scalar) ? Kind::kReal : Kind::kText);
}

Value Checker::absent(const Parameter& parameter, Location around) {
  if (!parameter.default_text.empty()) return defaulted(parameter, around.path);
  if (parameter.required) {
    problem(around, "is required", "expected " + expected(parameter));
    return neutral(parameter, std::move(around));
  }
  return null_of(parameter, std::move(around));
}

Value Checker::null_of(const Parameter& parameter, Location location) {
  Value null = start(parameter.kind, std::move(location));
  null.null_ = true;
  return null;
}

Value Checker::defaulted(const Parameter& parameter, const std::string& path) {
  std::vector<Problem> problems;
  const Written written = parse_document(parameter.default_text, "", path, false, problems);
  Value value = Checker(root_, problems).check(written, parameter, path);
  NUDGE_CHECK(problems.empty(), ("the default of " + to_string(problems.front())).c_str());
  return value;
}

Value Checker::instead_of(const Written& written, const Parameter& parameter, const std::string& path) {
  if (!parameter.default_text.empty()) return defaulted(parameter, path);
  return neutral(parameter, location_of(written, path));
}

Value Checker::wrong(const Written& written, const Parameter& parameter, const std::string& path,
                     const std::string& what) {
  problem(location_of(written, path), what, "expected " + expected(parameter));
  return instead_of(written, parameter, path);
}

void Checker::unknown_key(const Parameter& parameter, const Written::Entry& entry, const std::string& path) {
  std::vector<std::string_view> names;
  for (const Parameter& member : parameter.members) names.push_back(member.name);
  std::string remedy = suggestion(entry.key, names);
  if (nearest(entry.key, names).empty()) {
    std::vector<std::string> found;
    find_key(root_, entry.key, "", found);
    if (!found.empty()) remedy = "did you mean " + found.front() + "?";
  }
  problem({entry.value.file, entry.line, join_path(path, entry.key)}, "is no known key", std::move(remedy));
}

Value Checker::neutral(const Parameter& parameter, Location location) {
  if (parameter.kind == Kind::kObject) {
    std::vector<Problem> ignored;
    Value value = Checker(parameter, ignored).check_object(Written{}, parameter, location.path);
    value.location_ = std::move(location);
    return value;
  }
  Value value = start(parameter.kind == Kind::kAny ? Kind::kText : parameter.kind, std::move(location));
  const double nearest_to_zero = std::clamp(0.0, parameter.least, parameter.most);
  value.real_ = nearest_to_zero;
  value.integer_ = static_cast<std::int64_t>(parameter.kind == Kind::kMoney ? nearest_to_zero * 1e6 : nearest_to_zero);
  if (parameter.kind == Kind::kChoice && !parameter.choices.empty()) value.text_ = parameter.choices.front();
  return value;
}

}  // namespace nudge::config
