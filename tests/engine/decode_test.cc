// From JSON to events: rows of good and bad records of each class, then properties on damaged records.
#include "engine/decode.h"

#include <random>

#include <gtest/gtest.h>

#include "engine/event_json.h"

namespace nudge {
namespace {

// A record in a buffer of its own size: reading past the padding is seen by the address sanitizer.
class Decoding {
 public:
  Decoding(Topic topic, std::string_view json, char padding = '}') {
    const std::unique_ptr<char[]> buffer(new char[json.size() + kInputPadding]);
    json.copy(buffer.get(), json.size());
    std::fill_n(buffer.get() + json.size(), kInputPadding, padding);
    good_ = RecordDecoder().decode(topic, std::string_view(buffer.get(), json.size()), bytes_, bad_);
  }
  bool good() const { return good_; }
  const std::string& bytes() const { return bytes_; }
  std::string error_class() const { return std::string(bad_.error_class); }
  const std::string& message() const { return bad_.message; }
  std::string json() const {
    std::string json;
    if (good_) append_event_json(Event(bytes_), json);
    return good_ ? json : error_class() + ": " + bad_.message;
  }

 private:
  bool good_ = false;
  std::string bytes_;
  BadRecord bad_;
};

constexpr std::string_view kSale =
    R"({"event_id":"e1","event_time":"2024-03-01T10:11:12.123Z","customer_id":"c1","source":"web",)"
    R"("transaction_id":"t1","kind":"sale","version":2,"channel":"online","coupons":["A","B"],"lines":[)"
    R"({"product_id":"p1","quantity":2.5,"unit_price":"19.9","list_price":"24.9","return_reason":"size"},)"
    R"({"product_id":"p2","quantity":1,"unit_price":"0"}]})";
constexpr std::string_view kView =
    R"({"event_id":"e1","event_time":"2024-03-01T10:11:12.123Z","customer_id":"c1","visitor_id":"v1",)"
    R"("session_id":"s1","action":"product_view","quantity":1,"price":"129.9","url":"/größe"})";
constexpr std::string_view kCampaign =
    R"({"event_id":"e1","event_time":"1970-01-01T00:00:00.000Z","customer_id":"c1","campaign_id":"k",)"
    R"("action":"opened","channel":"email","machine":true,"group":"control","cost":"0.012","value":"1"})";
constexpr std::string_view kProduct =
    R"({"event_id":"e1","event_time":"2024-03-01T10:11:12.123Z","schema_version":{"a":[1,2.50]},"x":1,)"
    R"("y":[{"z":null}],"product_id":"p1","name":"","list_price":"999999999999.999999",)"
    R"("launched_at":"9999-12-31T23:59:59.999Z"})";
constexpr std::string_view kCustomer =
    R"({"event_id":"e1","event_time":"2024-03-01T10:11:12.123Z","customer_id":"c1","birth_year":1980,)"
    R"("identities":[{"type":"visitor","value":"v1"}],"consents":[)"
    R"({"channel":"video","status":"revoked","at":"2024-03-01T10:11:12.123Z"},{"channel":"sms","status":"granted"}],)"
    R"("attributes":{"loyal":true},"tombstone":false})";
constexpr std::string_view kCareRecord =
    R"({"event_id":"e1","event_time":"2024-03-01T10:11:12.123Z","visitor_id":"v1","type":"complaint",)"
    R"("reason":"\"\n😀"})";
constexpr std::pair<Topic, std::string_view> kCanonical[] = {
    {Topic::kTransactions, kSale}, {Topic::kPageViews, kView},     {Topic::kCampaignEvents, kCampaign},
    {Topic::kProducts, kProduct},  {Topic::kCustomers, kCustomer}, {Topic::kCare, kCareRecord}};

TEST(Decode, CanonicalRecordsComeBackAsTheyWere) {
  for (const auto& [topic, json] : kCanonical) {
    SCOPED_TRACE(name_of(topic));
    EXPECT_EQ(Decoding(topic, json).json(), json);
  }
}

TEST(Decode, AppendsToWhatIsThere) {
  RecordDecoder decoder;
  std::string out = "before";
  BadRecord bad;
  const std::string good = std::string(kView) + std::string(kInputPadding, '\0');
  ASSERT_TRUE(decoder.decode(Topic::kPageViews, std::string_view(good).substr(0, kView.size()), out, bad));
  EXPECT_EQ(out.substr(0, 6), "before");
  const std::string kept = out;
  ASSERT_FALSE(decoder.decode(Topic::kCare, std::string_view(good).substr(0, kView.size()), out, bad));
  EXPECT_EQ(out, kept);
}

// Members after those that every record of the topic `care` needs.
std::string care(std::string_view members) {
  return R"({"event_id":"e","event_time":0,"customer_id":"c","type":"question")" + std::string(members) + "}";
}
const std::string kCareHead = R"({"event_id":"e","event_time":"1970-01-01T00:00:00.000Z","customer_id":"c")";

TEST(Decode, KeepsWhatItDoesNotKnow) {
  const struct {
    const char* name;
    std::string_view members, extra;
  } rows[] = {
      {"nothing", "", ""},
      {"several, without white space", R"(, "a" : [ 1 , { "b" : "c d" } ] ,"d":-1.50e+3)",
       R"("a":[1,{"b":"c d"}],"d":-1.50e+3)"},
      {"an empty name", R"(,"":1)", R"("":1)"},
      {"a name of another topic", R"(,"lines":5)", R"("lines":5)"},
      {"escapes as they are", R"(,"\u0061\n":"\u00e4\/")", R"("\u0061\n":"\u00e4\/")"},
      {"null", R"(,"a":null)", R"("a":null)"},
      {"a repeated name", R"(,"a":1,"a":2)", R"("a":1,"a":2)"},
      {"deep", R"(,"a":[[[[]]],{}])", R"("a":[[[[]]],{}])"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Decoding decoding(Topic::kCare, care(row.members));
    ASSERT_TRUE(decoding.good()) << decoding.message();
    EXPECT_EQ(Event(decoding.bytes()).text(field::kExtra), row.extra);
    EXPECT_EQ(Event(decoding.bytes()).has(field::kExtra), !row.extra.empty());
  }
}

TEST(Decode, UnderstandsJson) {
  const struct {
    const char* name;
    std::string_view members, own;
  } rows[] = {
      {"escapes", R"(,"reason":"\u00e4\u20AC\ud83d\ude00\"\\\/\b\f\n\r\t\u0000")",
       R"(,"type":"question","reason":"ä€😀\"\\/\b\f\n\r\t\u0000")"},
      {"an escaped name", R"(,"r\u0065ason":"x")", R"(,"type":"question","reason":"x")"},
      {"an escaped choice", R"(,"type":"compl\u0061int")", R"(,"type":"complaint")"},
      {"the last of a name holds", R"(,"reason":"a","reason":"b")", R"(,"type":"question","reason":"b")"},
      {"also over a bad one", R"(,"reason":5,"reason":"b")", R"(,"type":"question","reason":"b")"},
      {"also if it is null", R"(,"reason":"a","reason":null)", R"(,"type":"question")"},
      {"null is missing", R"(,"reason":null)", R"(,"type":"question")"},
      {"white space", " ,\t\"reason\"\r\n:\n \"x\" \t", R"(,"type":"question","reason":"x")"},
      {"a string over several blocks",
       R"(,"reason":"0123456789abcdef0123456789abcdef0123456789äbcdef\n0123456789abcdef")",
       R"(,"type":"question","reason":"0123456789abcdef0123456789abcdef0123456789äbcdef\n0123456789abcdef")"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(Decoding(Topic::kCare, care(row.members)).json(), kCareHead + std::string(row.own) + "}");
  }
  EXPECT_EQ(Decoding(Topic::kCare, " \t\r\n" + care("") + "\n\t\r ").json(), kCareHead + R"(,"type":"question"})");
}

std::string nested(int arrays) {
  const auto count = static_cast<std::size_t>(arrays);
  return care(R"(,"x":)" + std::string(count, '[') + R"("[[[[")" + std::string(count, ']'));
}

TEST(Decode, RefusesWhatIsNoStrictJson) {
  const std::string good = care("");
  const struct {
    const char* name;
    std::string json;
    std::string_view error_class;
  } rows[] = {
      {"nothing", "", "json"},
      {"white space", "  ", "json"},
      {"a brace", "{", "json"},
      {"half a record", good.substr(0, good.size() / 2), "json"},
      {"no closing brace", good.substr(0, good.size() - 1), "json"},
      {"one brace more", good + "}", "json"},
      {"two records", good + good, "json"},
      {"two records in a list", "[" + good + "," + good + "]", "json"},
      {"a list", "[" + good + "]", "json"},
      {"null", "null", "json"},
      {"a string", R"("{}")", "json"},
      {"single quotes", care(",'a':1"), "json"},
      {"a byte order mark", "\xef\xbb\xbf" + good, "json"},
      {"a no-break space", care(",\xc2\xa0\"a\":1"), "json"},
      {"a vertical tab", care(",\v\"a\":1"), "json"},
      {"a comma too many", care(",\"a\":1,"), "json"},
      {"a comma in a list", care(R"(,"a":[1,])"), "json"},
      {"a name without value", care(R"(,"a")"), "json"},
      {"no comma", care(R"(,"a":1 "b":2)"), "json"},
      {"crossed brackets", care(R"(,"a":[1})"), "json"},
      {"an open object", care(R"(,"a":{"b":1)"), "json"},
      {"a comment", care(R"(/**/,"a":1)"), "json"},
      {"NaN", care(R"(,"a":NaN)"), "json"},
      {"Infinity", care(R"(,"a":-Infinity)"), "json"},
      {"True", care(R"(,"a":True)"), "json"},
      {"truex", care(R"(,"a":truex)"), "json"},
      {"a leading zero", care(R"(,"a":01)"), "json"},
      {"a bare point", care(R"(,"a":1.)"), "json"},
      {"a point first", care(R"(,"a":.5)"), "json"},
      {"a plus", care(R"(,"a":+1)"), "json"},
      {"no exponent", care(R"(,"a":1e)"), "json"},
      {"a minus alone", care(R"(,"a":-)"), "json"},
      {"an integer of 4301 digits", care(",\"a\":" + std::string(4301, '1')), "json"},
      {"an exponent of 19 digits", care(R"(,"a":1e1000000000000000000)"), "json"},
      {"a line feed in a string", care(",\"a\":\"\n\""), "json"},
      {"a zero byte in a string", care(std::string(",\"a\":\"\0\"", 8)), "json"},
      {"an unknown escape", care(R"(,"a":"\x41")"), "json"},
      {"a short escape", care(R"(,"a":"\u12")"), "json"},
      {"an open string", care(R"(,"a":"b)"), "json"},
      {"a string that ends with a backslash", care(R"(,"a":"b\")"), "json"},
      {"not UTF-8", care(",\"a\":\"\xff\""), "encoding"},
      {"an overlong form", care(",\"a\":\"\xc0\xaf\""), "encoding"},
      {"a surrogate in UTF-8", care(",\"a\":\"\xed\xa0\x80\""), "encoding"},
      {"beyond Unicode", care(",\"a\":\"\xf4\x90\x80\x80\""), "encoding"},
      {"not UTF-8 in a name", care(",\"\xff\":1"), "encoding"},
      {"a lone high surrogate", care(R"(,"a":"\ud83d")"), "encoding"},
      {"a high surrogate before a letter", care(R"(,"a":"\ud83d\u0041")"), "encoding"},
      {"surrogates the wrong way round", care(R"(,"a":"\ude00\ud83d")"), "encoding"},
      {"65 deep", nested(64), "depth"},
      {"5000 deep", nested(5000), "depth"},
  };
  EXPECT_TRUE(Decoding(Topic::kCare, good).good());
  EXPECT_TRUE(Decoding(Topic::kCare, nested(63)).good());
  EXPECT_TRUE(Decoding(Topic::kCare, care(",\"a\":-" + std::string(4300, '1'))).good());
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const Decoding decoding(Topic::kCare, row.json);
    EXPECT_FALSE(decoding.good());
    EXPECT_EQ(decoding.error_class(), row.error_class) << decoding.message();
    EXPECT_EQ(decoding.bytes(), "");
  }
}

// One value of one field: what it becomes (as canonical JSON), or the class of its problem.
TEST(Decode, ChecksEachValue) {
  const struct {
    Topic topic;
    std::string_view field, value, expected;
  } rows[] = {
      {Topic::kCare, "event_id", R"("")", "range"},
      {Topic::kCare, "event_id", "17", "type"},
      {Topic::kCare, "customer_id", R"(["c"])", "type"},
      {Topic::kCare, "source", R"("")", R"("")"},
      {Topic::kCare, "source", "false", "type"},
      {Topic::kCare, "schema_version", "[1, 2]", "[1,2]"},
      {Topic::kCare, "schema_version", "1e5", "1e5"},
      {Topic::kCare, "type", R"("praise")", "choice"},
      {Topic::kCare, "type", R"("")", "choice"},
      {Topic::kCare, "type", "1", "type"},
      {Topic::kCare, "event_time", "-0", R"("1970-01-01T00:00:00.000Z")"},
      {Topic::kCare, "event_time", "253402300799999", R"("9999-12-31T23:59:59.999Z")"},
      {Topic::kCare, "event_time", "253402300800000", "range"},
      {Topic::kCare, "event_time", "10000000000000000000000000", "range"},
      {Topic::kCare, "event_time", "-1", "range"},
      {Topic::kCare, "event_time", "5.0", "type"},
      {Topic::kCare, "event_time", "1e3", "type"},
      {Topic::kCare, "event_time", "true", "type"},
      {Topic::kCare, "event_time", R"("2024-03-01T10:11:12")", "range"},
      {Topic::kCare, "event_time", R"("1704067200000")", "range"},
      {Topic::kCare, "event_time", R"("1970-01-01T01:00:00\u002b01:00")", R"("1970-01-01T00:00:00.000Z")"},
      {Topic::kCustomers, "birth_year", "1980", "1980"},
      {Topic::kCustomers, "birth_year", "-0", "0"},
      {Topic::kCustomers, "birth_year", "9223372036854775807", "9223372036854775807"},
      {Topic::kCustomers, "birth_year", "9223372036854775808", "9223372036854775807"},
      {Topic::kCustomers, "birth_year", "-99999999999999999999999", "-9223372036854775808"},
      {Topic::kCustomers, "birth_year", "5.0", "type"},
      {Topic::kCustomers, "birth_year", "true", "type"},
      {Topic::kCustomers, "birth_year", R"("1980")", "type"},
      {Topic::kCustomers, "attributes", "{ }", "{}"},
      {Topic::kCustomers, "attributes", "[]", "type"},
      {Topic::kCustomers, "tombstone", "true", "true"},
      {Topic::kCustomers, "tombstone", R"("true")", R"("true")"},  // an unknown member then
      {Topic::kCustomers, "identities", "[]", "[]"},
      {Topic::kCustomers, "identities", "{}", "type"},
      {Topic::kCustomers, "identities", "[null]", "type"},
      {Topic::kCustomers, "identities", R"([{"type":"","value":"v","more":{}}])", R"([{"type":"","value":"v"}])"},
      {Topic::kCustomers, "identities", R"([{"type":"","value":""}])", "range"},
      {Topic::kCustomers, "identities", R"([{"value":"v"}])", "missing"},
      {Topic::kCustomers, "consents", R"([{"channel":"sms","status":"denied","at":null}])",
       R"([{"channel":"sms","status":"denied"}])"},
      {Topic::kCustomers, "consents", R"([{"channel":"fax","status":"denied"}])", "choice"},
      {Topic::kCustomers, "consents", R"([{"channel":"sms","status":"denied","at":"now"}])", "range"},
      {Topic::kCampaignEvents, "machine", "false", "false"},
      {Topic::kCampaignEvents, "machine", "0", "type"},
      {Topic::kCampaignEvents, "group", R"("holdout")", "choice"},
      {Topic::kPageViews, "price", "-0", R"("0")"},
      {Topic::kPageViews, "price", "1.50000000", R"("1.5")"},
      {Topic::kPageViews, "price", "15e-1", R"("1.5")"},
      {Topic::kPageViews, "price", "0.0000001", "range"},
      {Topic::kPageViews, "price", "1e12", "range"},
      {Topic::kPageViews, "price", "-0.01", "range"},
      {Topic::kPageViews, "price", R"("007.50")", R"("7.5")"},
      {Topic::kPageViews, "price", R"("1e2")", "range"},
      {Topic::kPageViews, "price", R"("1,50")", "range"},
      {Topic::kPageViews, "price", "true", "type"},
      {Topic::kPageViews, "quantity", "0.001", "0.001"},
      {Topic::kPageViews, "quantity", "999999999.999", "999999999.999"},
      {Topic::kPageViews, "quantity", "1000000000", "range"},
      {Topic::kPageViews, "quantity", "0", "range"},
      {Topic::kPageViews, "quantity", "-2", "range"},
      {Topic::kPageViews, "quantity", "0.0005", "range"},
      {Topic::kPageViews, "quantity", R"("2")", "type"},
      {Topic::kTransactions, "coupons", R"([ "a" , "" ])", R"(["a",""])"},
      {Topic::kTransactions, "coupons", R"(["a",1])", "type"},
      {Topic::kTransactions, "coupons", R"("a")", "type"},
      {Topic::kTransactions, "lines", R"([{"product_id":"p","quantity":"x","unit_price":2,"quantity":1}])",
       R"([{"product_id":"p","quantity":1,"unit_price":"2"}])"},
      {Topic::kTransactions, "lines", R"([{"product_id":"p","quantity":1,"unit_price":2,"quantity":null}])", "missing"},
      {Topic::kTransactions, "lines", R"([{"product_id":"p","quantity":1,"unit_price":2,"unit_cost":[1]}])", "type"},
      {Topic::kTransactions, "lines", R"([[]])", "type"},
      {Topic::kTransactions, "lines", "[]", "missing"},
      {Topic::kTransactions, "lines", "null", "missing"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(name_of(row.topic)) + "." + std::string(row.field) + " " + std::string(row.value));
    std::string record(kCanonical[static_cast<std::size_t>(row.topic)].second);
    record.insert(record.size() - 1, ",\"" + std::string(row.field) + "\":" + std::string(row.value));
    const Decoding decoding(row.topic, record);
    if (decoding.good()) {
      const std::string member = "\"" + std::string(row.field) + "\":" + std::string(row.expected);
      EXPECT_NE(decoding.json().find(member), std::string::npos) << decoding.json();
    } else {
      EXPECT_EQ(decoding.error_class(), row.expected) << decoding.message();
      EXPECT_NE(decoding.message().find(row.field), std::string::npos) << decoding.message();
    }
  }
}

TEST(Decode, SaysWhatIsWrong) {
  const struct {
    Topic topic;
    std::string json;
    std::string_view message;
  } rows[] = {
      {Topic::kCare, "{}", "event_id is missing"},
      {Topic::kCare, "[]", "not one JSON object"},
      {Topic::kCare, R"({"a":})", "byte 5: expected a value"},
      {Topic::kCare, R"({"event_id":"e","event_time":0,"type":"question"})",
       "neither customer_id nor visitor_id is there"},
      {Topic::kCare, care(R"(,"type":"x")"), "type must be one of complaint, resignation, question"},
      {Topic::kTransactions, R"({"event_id":"e","event_time":0,"visitor_id":"v","transaction_id":"t","kind":"return"})",
       "lines is missing or empty"},
      {Topic::kTransactions, R"({"lines":[{"product_id":"p","quantity":1,"unit_price":1},{"product_id":"p"}]})",
       "lines[1].quantity is missing"},
      {Topic::kTransactions, R"({"lines":[{"product_id":""}]})",
       "lines[0].product_id must be a string that is not empty"},
      {Topic::kTransactions, R"({"lines":[1]})", "lines[0] must be an object"},
      {Topic::kTransactions, R"({"coupons":["",1]})", "coupons[1] must be a string"},
      {Topic::kTransactions, R"({"coupons":5})", "coupons must be an array of strings"},
  };
  for (const auto& row : rows) EXPECT_EQ(Decoding(row.topic, row.json).message(), row.message) << row.json;
}

TEST(Decode, NeedsWhoAndWhat) {
  const std::string cancel = R"({"event_id":"e","event_time":0,"visitor_id":"v","transaction_id":"t","kind":"cancel")";
  EXPECT_TRUE(Decoding(Topic::kTransactions, cancel + "}").good());
  EXPECT_TRUE(Decoding(Topic::kTransactions, cancel + R"(,"lines":[]})").good());
  EXPECT_TRUE(Decoding(Topic::kProducts, R"({"event_id":"e","event_time":0,"product_id":"p"})").good());
  EXPECT_EQ(Decoding(Topic::kCustomers, R"({"event_id":"e","event_time":0,"visitor_id":"v"})").message(),
            "customer_id is missing");
}

TEST(Decode, TheLastTombstoneHolds) {
  const std::string head = R"({"event_id":"e","event_time":0,"customer_id":"c","tombstone":)";
  const auto tombstone = [&](std::string_view rest) {
    const Decoding decoding(Topic::kCustomers, head + std::string(rest) + "}");
    EXPECT_TRUE(decoding.good());
    EXPECT_EQ(Decoding(Topic::kCustomers, decoding.json()).bytes(), decoding.bytes());
    return Event(decoding.bytes()).number(field::customers::kTombstone);
  };
  EXPECT_EQ(tombstone("true"), 1);
  EXPECT_EQ(tombstone(R"(true,"tombstone":null)"), std::nullopt);
  EXPECT_EQ(tombstone(R"(true,"tombstone":5)"), std::nullopt);
  EXPECT_EQ(tombstone(R"(5,"tombstone":true)"), 1);
}

TEST(Decode, EveryPrefixIsBadWhateverLiesBehindIt) {
  for (const auto& [topic, json] : kCanonical) {
    for (std::size_t size = 0; size < json.size(); ++size)
      for (const char padding : {'}', '"', '1', ' ', '\\', '\0', '\xff'}) {
        const Decoding decoding(topic, json.substr(0, size), padding);
        ASSERT_FALSE(decoding.good()) << json.substr(0, size);
      }
  }
}

TEST(Decode, DamagedRecordsAreBadOrComeBackFromTheirCanonicalForm) {
  constexpr std::string_view kBytes = "\"\\{}[],:0123456789.-+eE tfnul\x01\x7f\x80\xc3\xa4\xff";
  int good = 0, bad = 0;
  for (unsigned seed = 1; seed <= 30'000; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto& [topic, json] = kCanonical[random() % kTopicCount];
    std::string record(json);
    for (auto changes = 1 + random() % 3; changes > 0; --changes) {
      const std::size_t at = random() % record.size();
      switch (random() % 4) {
        case 0:
          record[at] = kBytes[random() % kBytes.size()];
          break;
        case 1:
          record.insert(at, 1, kBytes[random() % kBytes.size()]);
          break;
        case 2:
          record.erase(at, 1 + random() % 3);
          break;
        default:
          record.insert(at, record.substr(random() % record.size(), random() % 40));
          break;
      }
      if (record.empty()) record = "{";
    }
    const Decoding decoding(topic, record, '"');
    decoding.good() ? ++good : ++bad;
    if (decoding.good()) {
      ASSERT_EQ(Decoding(topic, decoding.json()).bytes(), decoding.bytes()) << record;
    } else {
      ASSERT_FALSE(decoding.error_class().empty() || decoding.message().empty()) << record;
    }
  }
  EXPECT_GT(good, 1'000);
  EXPECT_GT(bad, 1'000);
}

}  // namespace
}  // namespace nudge
