// Decoding a page view and a sale to events, beside simdjson reading five fields of the same page views: what the
// machine itself allows.
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "engine/decode.h"
#include "engine/event_json.h"

namespace nudge {
namespace {

constexpr int kRecords = 1000;

// Records one after the other, as they lie in a file's buffer.
struct Lines {
  std::string bytes;
  std::vector<std::string_view> lines;

  explicit Lines(const std::vector<std::string>& records) {
    for (const std::string& record : records) bytes.append(record).push_back('\n');
    const std::size_t size = bytes.size();
    bytes.append(kInputPadding, '\0');
    for (std::size_t begin = 0; begin < size;) {
      const std::size_t end = bytes.find('\n', begin);
      lines.push_back(std::string_view(bytes).substr(begin, end - begin));
      begin = end + 1;
    }
  }
};

std::string number(std::uint64_t i, int digits) {
  std::string text = std::to_string(i % 100'000'000);
  return text.insert(0,
                     std::string(static_cast<std::size_t>(std::max(0, digits - static_cast<int>(text.size()))), '0'));
}

Lines page_views() {
  std::vector<std::string> records;
  for (std::uint64_t i = 0; i < kRecords; ++i) {
    const std::uint64_t mixed = i * 2'654'435'761 % 1'000'003;
    records.push_back(
        R"({"event_id":"e)" + std::to_string(mixed) + R"(","event_time":"2024-03-01T10:)" + number(mixed % 60, 2) +
        ":" + number(mixed / 60 % 60, 2) + "." + number(mixed % 1000, 3) + R"(Z","customer_id":"c)" + number(mixed, 7) +
        R"(","visitor_id":"v)" + number(mixed, 7) + R"(","session_id":"s)" + number(mixed * 7, 8) +
        R"(","source":"web","action":")" + (mixed % 3 == 0 ? "cart_add" : "product_view") + R"(","product_id":"p)" +
        number(mixed % 5000, 5) + R"(","price":")" + std::to_string(mixed % 300) + "." + number(mixed % 100, 2) +
        R"(","url":"/shoes/p)" + number(mixed % 5000, 5) + R"(","device":"mobile","region":"DE-BE"})");
  }
  return Lines(records);
}

Lines sales() {
  std::vector<std::string> records;
  for (std::uint64_t i = 0; i < kRecords; ++i) {
    std::string record = R"({"event_id": "e)" + std::to_string(i) + R"(", "event_time": 170406720)" + number(i, 4) +
                         R"(, "customer_id": "c)" + number(i, 7) + R"(", "transaction_id": "t)" + std::to_string(i) +
                         R"(", "kind": "sale", "currency": "EUR", "channel": "online", "source": "web", "lines": [)";
    for (std::uint64_t line = 0; line <= i % 3; ++line)
      record += std::string(line == 0 ? "" : ", ") + R"({"product_id": "p)" + number(i % 5000, 5) +
                R"(", "quantity": )" + std::to_string(1 + i % 4) + R"(, "unit_price": 12)" + std::to_string(i % 10) +
                R"(.9, "list_price": "139.90", "discount": 10.00})";
    records.push_back(record + "]}");
  }
  return Lines(records);
}

void decode(benchmark::State& state, Topic topic, const Lines& input) {
  RecordDecoder decoder;
  std::string out;
  BadRecord bad;
  std::int64_t records = 0;
  for (auto _ : state) {
    out.clear();
    for (const std::string_view line : input.lines)
      if (!decoder.decode(topic, line, out, bad)) return state.SkipWithError(bad.message.c_str());
    benchmark::DoNotOptimize(out.data());
    records += kRecords;
  }
  state.SetItemsProcessed(records);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(input.bytes.size()));
}

void DecodePageViews(benchmark::State& state) { decode(state, Topic::kPageViews, page_views()); }
BENCHMARK(DecodePageViews);

void DecodeSales(benchmark::State& state) { decode(state, Topic::kTransactions, sales()); }
BENCHMARK(DecodeSales);

void SimdjsonFiveFields(benchmark::State& state) {
  const Lines input = page_views();
  simdjson::ondemand::parser parser;
  std::int64_t records = 0;
  for (auto _ : state) {
    std::size_t bytes = 0;
    for (const std::string_view line : input.lines) {
      auto document = parser.iterate(line.data(), line.size(), line.size() + kInputPadding);
      for (const char* name : {"event_id", "event_time", "customer_id", "action", "price"}) {
        std::string_view text;
        if (document[name].get_string().get(text) != simdjson::SUCCESS) return state.SkipWithError(name);
        bytes += text.size();
      }
    }
    benchmark::DoNotOptimize(bytes);
    records += kRecords;
  }
  state.SetItemsProcessed(records);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(input.bytes.size()));
}
BENCHMARK(SimdjsonFiveFields);

void FindFields(benchmark::State& state) {
  const Lines input = page_views();
  RecordDecoder decoder;
  std::string out;
  BadRecord bad;
  std::vector<std::size_t> ends;
  for (const std::string_view line : input.lines) {
    if (!decoder.decode(Topic::kPageViews, line, out, bad)) return state.SkipWithError(bad.message.c_str());
    ends.push_back(out.size());
  }
  for (auto _ : state) {
    std::size_t begin = 0, bytes = 0;
    for (const std::size_t end : ends) {
      const Event event(std::string_view(out).substr(begin, end - begin));
      bytes += event.customer_id().size() + event.text(field::page_views::kProductId).size() +
               event.text(field::page_views::kUrl).size();
      begin = end;
    }
    benchmark::DoNotOptimize(bytes);
  }
  state.SetItemsProcessed(state.iterations() * kRecords * 3);
}
BENCHMARK(FindFields);

void WriteEventJson(benchmark::State& state) {
  const Lines input = page_views();
  RecordDecoder decoder;
  std::string event, out;
  BadRecord bad;
  if (!decoder.decode(Topic::kPageViews, input.lines.front(), event, bad))
    return state.SkipWithError(bad.message.c_str());
  for (auto _ : state) {
    out.clear();
    append_event_json(Event(event), out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(WriteEventJson);

}  // namespace
}  // namespace nudge
