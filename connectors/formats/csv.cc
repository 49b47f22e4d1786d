#include "connectors/formats/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "engine/json_writer.h"
#include "engine/schema.h"

namespace nudge::connectors {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

CsvRow row_until(std::string_view bytes, std::size_t end) {
  return {bytes.substr(0, end), std::min(end + 1, bytes.size())};
}

// Behind the closing quote of a cell whose opening quote is at `at`; kNone where there is no such quote.
std::size_t behind_quoted(std::string_view bytes, std::size_t at) {
  for (at = bytes.find('"', at + 1); at != kNone; at = bytes.find('"', at + 2)) {
    if (at + 1 == bytes.size() || bytes[at + 1] != '"') return at + 1;
  }
  return kNone;
}

bool is_number(std::string_view text) {
  std::size_t at = 0;
  const auto skip_digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at > from;
  };
  const auto skip = [&](std::string_view any_of) {
    const bool found = at < text.size() && any_of.find(text[at]) != kNone;
    at += found ? 1 : 0;
    return found;
  };
  skip("-");
  if (!skip("0") && !skip_digits()) return false;
  if (skip(".") && !skip_digits()) return false;
  if (skip("eE")) {
    skip("+-");
    if (!skip_digits()) return false;
  }
  return at == text.size();
}

}  // namespace

std::optional<CsvRow> first_csv_row(std::string_view bytes, bool last) {
  if (bytes.empty()) return std::nullopt;
  const std::size_t feed = bytes.find('\n');
  const std::size_t line = std::min(feed, bytes.size());
  if (feed == kNone && !last) return std::nullopt;
  if (std::memchr(bytes.data(), '"', line) == nullptr) return row_until(bytes, line);
  for (std::size_t at = 0;;) {
    if (at < bytes.size() && bytes[at] == '"') {
      at = behind_quoted(bytes, at);
      if (at > kQuotedRowBytesMax) {  // also where there is none
        if (at == kNone && !last && bytes.size() <= kQuotedRowBytesMax) return std::nullopt;
        return row_until(bytes, line);
      }
      // Where the quote is the last byte, its double may come behind it.
      if (at == bytes.size() && !last) return std::nullopt;
    }
    at = bytes.find_first_of(",\n", at);
    if (at == kNone) return last ? std::optional(row_until(bytes, bytes.size())) : std::nullopt;
    if (bytes[at] == '\n') return row_until(bytes, at);
    ++at;
  }
}

bool split_csv_row(std::string_view row, std::vector<std::string_view>& cells, std::string& unquoted) {
  cells.clear();
  unquoted.clear();
  unquoted.reserve(row.size());
  if (row.ends_with('\r')) row.remove_suffix(1);
  for (std::size_t at = 0;; ++at) {
    if (at < row.size() && row[at] == '"') {
      const std::size_t end = behind_quoted(row, at);
      if (end == kNone || (end < row.size() && row[end] != ',')) return false;
      std::string_view cell = row.substr(at + 1, end - at - 2);
      if (cell.find('"') != kNone) {
        const std::size_t begin = unquoted.size();
        for (std::size_t i = 0; i < cell.size(); i += cell[i] == '"' ? 2 : 1) unquoted.push_back(cell[i]);
        cell = std::string_view(unquoted).substr(begin);
      }
      cells.push_back(cell);
      at = end;
    } else {
      const std::size_t end = std::min(row.find(',', at), row.size());
      cells.push_back(row.substr(at, end - at));
      at = end;
    }
    if (at == row.size()) return true;
  }
}

Result<CsvFormat> CsvFormat::make(Topic topic, std::string_view header) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (header.starts_with(kByteOrderMark)) header.remove_prefix(kByteOrderMark.size());
  CsvFormat format;
  format.members_.emplace_back();
  std::vector<std::string_view> names;
  if (!split_csv_row(header, names, format.unquoted_))
    return Status::bad_data("a quote in the header is not closed, or followed by text");
  for (const std::string_view name : names) NUDGE_TRY(format.add_column(topic, name, format.columns_++));
  return format;
}

Status CsvFormat::add_column(Topic topic, std::string_view name, std::size_t column) {
  std::size_t object = 0;
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    if (begin == end)
      return Status::bad_data(
          fmt::format("column {} of the header has no name, or a part of it has none ('{}')", column + 1, name));
    std::string key;
    JsonWriter(key).text(name.substr(begin, end - begin));
    key.push_back(':');
    const auto& siblings = members_[object].members;
    const auto found =
        std::find_if(siblings.begin(), siblings.end(), [&](std::size_t i) { return members_[i].key == key; });
    const bool leaf = end == name.size();
    if (found != siblings.end()) {
      if (leaf || members_[*found].kind != Kind::kObject)
        return Status::bad_data(fmt::format("the header names '{}' twice", name.substr(0, end)));
      object = *found;
    } else {
      const std::size_t made = members_.size();
      members_.push_back({std::move(key), leaf ? kind_of(topic, name, begin > 0) : Kind::kObject, column, {}});
      members_[object].members.push_back(made);
      object = made;
    }
    if (leaf) return Status::ok();
    begin = end + 1;
  }
}

CsvFormat::Kind CsvFormat::kind_of(Topic topic, std::string_view name, bool nested) {
  const auto field = nested ? std::nullopt : field_named(topic, name);
  if (!field) return Kind::kAny;
  switch (fields_of(topic)[*field].type) {
    case FieldType::kText:
    case FieldType::kIdentifier:
    case FieldType::kChoice:
      return Kind::kText;
    case FieldType::kInteger:
    case FieldType::kMoney:
    case FieldType::kQuantity:
      return Kind::kNumber;
    case FieldType::kTime:
      return Kind::kTime;
    case FieldType::kBoolean:
      return Kind::kBoolean;
    case FieldType::kTexts:
    case FieldType::kLines:
    case FieldType::kIdentities:
    case FieldType::kConsents:
    case FieldType::kObject:
      return Kind::kJson;
    case FieldType::kAny:
      return Kind::kAny;
  }
  return Kind::kAny;
}

void CsvFormat::append_json(std::string_view row, std::string& out) {
  if (!split_csv_row(row, cells_, unquoted_)) {
    out.append("a quote of the CSV row is not closed, or followed by text");
  } else if (cells_.size() != columns_) {
    fmt::format_to(std::back_inserter(out), "the CSV row has {} columns, its header {}", cells_.size(), columns_);
  } else if (!append_member(members_.front(), out)) {
    out.append("{}");
  }
}

// False, and nothing appended, where all of it is missing.
bool CsvFormat::append_member(const Member& member, std::string& out) {
  if (member.kind != Kind::kObject) {
    const std::string_view cell = cells_[member.column];
    if (cell.empty()) return false;
    out.append(member.key);
    append_cell(member.kind, cell, out);
    return true;
  }
  const std::size_t begin = out.size();
  out.append(member.key).push_back('{');
  bool any = false;
  for (const std::size_t inner : member.members) {
    const std::size_t before = out.size();
    if (any) out.push_back(',');
    if (append_member(members_[inner], out))
      any = true;
    else
      out.resize(before);
  }
  if (!any) {
    out.resize(begin);
    return false;
  }
  out.push_back('}');
  return true;
}

void CsvFormat::append_cell(Kind kind, std::string_view cell, std::string& out) {
  bool raw = false;
  switch (kind) {
    case Kind::kObject:
    case Kind::kText:
      break;
    case Kind::kNumber:
      raw = is_number(cell);
      break;
    case Kind::kTime:
      raw = is_number(cell) && cell.find_first_of(".eE") == kNone;
      break;
    case Kind::kBoolean:
      raw = cell == "true" || cell == "false";
      break;
    case Kind::kJson:
      raw = is_json(cell);
      break;
    case Kind::kAny:
      raw = cell == "true" || cell == "false" || is_number(cell) ||
            ((cell.front() == '[' || cell.front() == '{') && is_json(cell));
      break;
  }
  if (raw)
    out.append(cell);
  else
    JsonWriter(out).text(cell);
}

bool CsvFormat::is_json(std::string_view cell) {
  // The scanner wants a closing brace behind the value, and padding behind that.
  padded_.assign(cell).push_back('}');
  const std::size_t size = padded_.size();
  padded_.append(kInputPadding, '\0');
  arena_.resize(2 * padded_.size());
  scanner_.begin(std::string_view(padded_).substr(0, size), arena_.data());
  char* kept = arena_.data() + padded_.size();
  const char* at = JsonScanner::space(padded_.data());
  if (at + 1 >= scanner_.end()) return false;
  at = scanner_.any(at, 1, kept);
  return at != nullptr && at < scanner_.end() && JsonScanner::space(at) + 1 == scanner_.end();
}

}  // namespace nudge::connectors
