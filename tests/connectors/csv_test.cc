// CSV rows as the JSON objects that they mean.
#include "connectors/formats/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "engine/decode.h"
#include "engine/event.h"
#include "engine/json_writer.h"

namespace nudge::connectors {
namespace {

std::string json_of(Topic topic, std::string_view header, std::string_view row) {
  auto format = CsvFormat::make(topic, header);
  EXPECT_TRUE(format) << format.status().message();
  std::string out;
  if (format) format->append_json(row, out);
  return out;
}

TEST(Csv, TheFieldDecidesWhatACellBecomes) {
  const struct {
    const char* name;
    Topic topic;
    const char *header, *row, *json;
  } rows[] = {
      {"ids stay text", Topic::kTransactions, "event_id,customer_id", "1,007",
       R"({"event_id":"1","customer_id":"007"})"},
      {"money keeps its digits", Topic::kProducts, "list_price,unit_cost", "12.50,1e1",
       R"({"list_price":12.50,"unit_cost":1e1})"},
      {"money that is no JSON number is text", Topic::kProducts, "list_price", "012.50", R"({"list_price":"012.50"})"},
      {"times in both forms", Topic::kProducts, "event_time,launched_at", "1700000000000,2024-01-01T00:00:00Z",
       R"({"event_time":1700000000000,"launched_at":"2024-01-01T00:00:00Z"})"},
      {"booleans", Topic::kCampaignEvents, "machine,x", "true,false", R"({"machine":true,"x":false})"},
      {"a boolean of another spelling is text", Topic::kCampaignEvents, "machine", "yes", R"({"machine":"yes"})"},
      {"lists are JSON", Topic::kTransactions, "coupons,lines", R"("[""a"",""b""]",[])",
       R"({"coupons":["a","b"],"lines":[]})"},
      {"a list that is no JSON is text", Topic::kTransactions, "coupons", "[1", R"({"coupons":"[1"})"},
      {"JSON cannot escape its cell", Topic::kTransactions, "coupons", R"("[],""kind"":1")",
       R"({"coupons":"[],\"kind\":1"})"},
      {"nor with a brace", Topic::kTransactions, "coupons", "[]}", R"({"coupons":"[]}"})"},
      {"an object", Topic::kCustomers, "attributes", R"("{""a"": {""b"": 1}}")", R"({"attributes":{"a": {"b": 1}}})"},
      {"unknown columns go by their look", Topic::kCare, "a,b,c,d,e,f", "1.5,true,x,[2],null,00",
       R"({"a":1.5,"b":true,"c":"x","d":[2],"e":"null","f":"00"})"},
      {"empty is missing", Topic::kCare, "event_id,reason,status", ",\"\",x", R"({"status":"x"})"},
      {"all missing", Topic::kCare, "event_id,attributes.a", ",", "{}"},
      {"dots nest", Topic::kCustomers, "attributes.city,gender,attributes.n,attributes.deep.er", "Bonn,f,7,x",
       R"({"attributes":{"city":"Bonn","n":7,"deep":{"er":"x"}},"gender":"f"})"},
      {"an object of missing members is missing", Topic::kCustomers, "gender,attributes.a,attributes.b", "f,,",
       R"({"gender":"f"})"},
      {"escapes", Topic::kCare, "reason", "\"tab\t \"\"quoted\"\" \\ line\nfeed\"",
       R"({"reason":"tab\t \"quoted\" \\ line\nfeed"})"},
      {"a carriage return ends a row", Topic::kCare, "reason,status\r", "a,b\r", R"({"reason":"a","status":"b"})"},
      {"a byte order mark is no name", Topic::kCare, "\xef\xbb\xbfreason", "a", R"({"reason":"a"})"},
      {"quotes inside an unquoted cell are themselves", Topic::kCare, "reason", "5\" pipe", R"({"reason":"5\" pipe"})"},
      {"blanks are kept", Topic::kCare, "reason,type", " a , ", R"({"reason":" a ","type":" "})"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(json_of(row.topic, row.header, row.row), row.json);
  }
}

TEST(Csv, ABrokenRowIsNoJsonAndSaysWhy) {
  const struct {
    const char *name, *row, *reason;
  } rows[] = {
      {"too few", "1", "1 columns, its header 2"},
      {"too many", "1,2,3", "3 columns, its header 2"},
      {"JSON lines in a CSV file", R"({"event_id":"1","event_time":2,"reason":"x"})", "quote"},
      {"a JSON object of the wrong width", R"({"event_id":1})", "1 columns"},
      {"an open quote", "1,\"2", "quote"},
      {"text behind a quote", "1,\"2\"3", "quote"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const std::string text = json_of(Topic::kCare, "event_id,reason", row.row);
    EXPECT_THAT(text, testing::HasSubstr(row.reason));
    EXPECT_NE(text[0], '{');
  }
}

TEST(Csv, ABadHeaderSaysWhatIsWrong) {
  const struct {
    const char *name, *header, *reason;
  } rows[] = {
      {"empty", "", "column 1"},
      {"an empty name", "a,,b", "column 2"},
      {"an empty part", "a,b.", "'b.'"},
      {"twice", "a,b,a", "'a' twice"},
      {"twice, nested", "a.b,a.b", "'a.b' twice"},
      {"a field and an object", "a,a.b", "'a' twice"},
      {"an object and a field", "a.b,a", "'a' twice"},
      {"an open quote", "a,\"b", "quote"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto format = CsvFormat::make(Topic::kCare, row.header);
    ASSERT_FALSE(format.is_ok());
    EXPECT_THAT(format.status().message(), testing::HasSubstr(row.reason));
  }
}

TEST(Csv, RowsEndAtLineFeedsOutsideQuotes) {
  const struct {
    const char *name, *bytes;
    bool last;
    const char* row;  // null: more is needed
  } rows[] = {
      {"nothing", "", true, nullptr},
      {"a line", "a,b\nc", false, "a,b"},
      {"no line feed yet", "a,b", false, nullptr},
      {"no line feed, the last", "a,b", true, "a,b"},
      {"a blank line", "\na", false, ""},
      {"a quoted line feed", "a,\"x\ny\",b\nc", false, "a,\"x\ny\",b"},
      {"doubled quotes", "\"x\"\"\n\"\"\"\nc", false, "\"x\"\"\n\"\"\""},
      {"a quote in the middle opens nothing", "a\"b\nc\"\n", false, "a\"b"},
      {"the closing quote may be doubled", "a,\"x\n\"", false, nullptr},
      {"an open quote waits for more", "a,\"x\ny", false, nullptr},
      {"an open quote ends with its line", "a,\"x\ny\n", true, "a,\"x"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto found = first_csv_row(row.bytes, row.last);
    ASSERT_EQ(found.has_value(), row.row != nullptr);
    if (!found) continue;
    EXPECT_EQ(found->bytes, row.row);
    EXPECT_EQ(found->with_end,
              found->bytes.size() + (found->bytes.size() < std::string_view(row.bytes).size() ? 1 : 0));
  }
}

TEST(Csv, AnOpenQuoteDoesNotSwallowTheFile) {
  const std::string bytes = "a,\"open\n" + std::string(kQuotedRowBytesMax, 'x');
  const auto found = first_csv_row(bytes, false);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->bytes, "a,\"open");
}

// Any cells, quoted as RFC 4180 says, come back as they were.
TEST(Csv, QuotingIsUndone) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::string header, row;
    std::vector<std::string> cells;
    for (unsigned column = 0, columns = 1 + random() % 5; column < columns; ++column) {
      std::string cell;
      for (unsigned size = 1 + random() % 8; size > 0; --size) cell.push_back("ab\",\n\r "[random() % 7]);
      std::string quoted = "\"";
      for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
      (header += column > 0 ? "," : "") += "c" + std::to_string(column);
      (row += column > 0 ? "," : "") += quoted + "\"";
      cells.push_back(cell);
    }
    const std::string bytes = row + "\nnext";
    const auto found = first_csv_row(bytes, false);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->bytes, row);
    std::string expected = "{";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      (expected += i > 0 ? "," : "") += "\"c" + std::to_string(i) + "\":";
      JsonWriter(expected).text(cells[i]);
    }
    EXPECT_EQ(json_of(Topic::kCare, header, row), expected + "}");
  }
}

// What the decoder makes of rows: the same events as of the JSON, and dead letters where the row is bad.
TEST(Csv, RowsDecodeAsTheirJson) {
  const std::string header = "event_id,event_time,customer_id,transaction_id,kind,channel,lines,version";
  const struct {
    const char *name, *row, *error_class;
  } rows[] = {
      {"good",
       R"(e1,2024-01-01T00:00:00Z,c1,t1,sale,online,)"
       R"("[{""product_id"":""p"",""quantity"":2,""unit_price"":""1.50""}]",1)",
       ""},
      {"lines are missing", "e1,0,c1,t1,sale,online,,", "missing"},
      {"lines are no JSON", "e1,0,c1,t1,sale,online,[1,", "type"},
      {"lines are text", "e1,0,c1,t1,sale,online,x,", "type"},
      {"a choice", "e1,0,c1,t1,gift,online,[],", "choice"},
      {"a number", "e1,0,c1,t1,cancel,,,one", "type"},
      {"bytes that are no UTF-8", "\xff,0,c1,t1,cancel,,,", "encoding"},
      {"too few columns", "e1,0", "json"},
  };
  RecordDecoder decoder;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    std::string json = json_of(Topic::kTransactions, header, row.row);
    const std::size_t size = json.size();
    json.append(kInputPadding, '\0');
    std::string bytes;
    BadRecord bad;
    const bool good = decoder.decode(Topic::kTransactions, std::string_view(json).substr(0, size), bytes, bad);
    EXPECT_EQ(good, std::string_view(row.error_class).empty());
    if (good)
      EXPECT_EQ(Event(bytes).event_id(), "e1");
    else
      EXPECT_EQ(bad.error_class, row.error_class) << bad.message;
  }
}

}  // namespace
}  // namespace nudge::connectors
