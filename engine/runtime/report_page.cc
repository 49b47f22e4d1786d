#include "engine/runtime/report_page.h"

#include <fmt/core.h>

#include "connectors/json_text.h"

namespace nudge::runtime {

namespace {

using Json = nlohmann::ordered_json;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out.push_back(c);
  }
  return out;
}

std::string shown(const Json& value) {
  if (value.is_null()) return "–";
  if (value.is_number_float()) return fmt::format("{:.4f}", value.get<double>());
  return escaped(value.is_string() ? value.get<std::string>() : value.dump());
}

// An object of objects as a table; other objects as name and value.
std::string table(const Json& object) {
  std::string html = "<table>";
  const bool rows = !object.empty() && object.front().is_object();
  if (rows) {
    html += "<tr><th></th>";
    for (const auto& [name, value] : object.front().items()) html += "<th>" + escaped(name) + "</th>";
    html += "</tr>";
  }
  for (const auto& [name, value] : object.items()) {
    html += "<tr><th>" + escaped(name) + "</th>";
    if (rows && value.is_object()) {
      for (const auto& [column, cell] : value.items())
        html += "<td>" + (cell.is_object() ? table(cell) : shown(cell)) + "</td>";
    } else {
      html += "<td>" + (value.is_object() ? table(value) : shown(value)) + "</td>";
    }
    html += "</tr>";
  }
  return html + "</table>";
}

}  // namespace

std::string report_page(std::string_view report_json) {
  const Json report = connectors::parse_ordered_json(report_json);
  std::string html =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>nudge report</title><style>"
      "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#222}"
      "table{border-collapse:collapse;margin:.5rem 0}td,th{border-bottom:1px solid #ddd;padding:.2rem "
      ".8rem;text-align:right}"
      "th:first-child{text-align:left}h2{margin-top:2rem}</style><h1>nudge report</h1>";
  if (!report.is_object()) return html + "<p>No report.</p></html>\n";
  for (const auto& [name, value] : report.items()) {
    if (value.is_object()) {
      html += "<h2>" + escaped(name) + "</h2>" + table(value);
    } else {
      html += "<p>" + escaped(name) + ": " + shown(value) + "</p>";
    }
  }
  return html + "</html>\n";
}

}  // namespace nudge::runtime
