// RfmSection against figures formed from scratch over the transactions that hold.
#include "operators/rfm/section.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>
#include <vector>

#include "operators/rfm/columns.h"

namespace nudge::rfm {
namespace {

struct Line {
  Milli quantity;
  Micro unit_price;
  std::optional<Micro> list_price, discount, unit_cost;
};
struct Transaction {
  TransactionKind kind = TransactionKind::kSale;
  Millis at = 0;
  std::optional<SaleChannel> channel;
  std::vector<Line> lines;
};

std::string bytes_of(const Transaction& transaction) {
  namespace transactions = field::transactions;
  std::string bytes;
  EventWriter writer(bytes, Topic::kTransactions, transaction.at);
  writer.byte(transactions::kKind, static_cast<std::uint8_t>(transaction.kind));
  if (transaction.channel) writer.byte(transactions::kChannel, static_cast<std::uint8_t>(*transaction.channel));
  writer.begin_list(transactions::kLines, transaction.lines.size());
  for (const Line& line : transaction.lines)
    writer.item(LineItem{"p", line.quantity, line.unit_price, line.list_price, line.discount, line.unit_cost, {}});
  writer.end_list();
  return bytes;
}

Transaction random_transaction(std::mt19937_64& random) {
  const auto maybe = [&]() -> std::optional<Micro> {
    if (random() % 3 == 0) return std::nullopt;
    return static_cast<Micro>(random() % 30'000'000);
  };
  Transaction transaction;
  transaction.kind = random() % 4 ? TransactionKind::kSale : TransactionKind::kReturn;
  transaction.at = static_cast<Millis>(random() % (400 * kDay));
  if (random() % 3) transaction.channel = static_cast<SaleChannel>(random() % 4);
  for (auto lines = random() % 4; lines > 0; --lines) {
    const Micro price = random() % 10 ? static_cast<Micro>(random() % 20'000'000) : 999'999'999'999'999'999;
    const Milli quantity = random() % 10 ? static_cast<Milli>(1 + random() % 5'000) : kMilliLimit - 1;
    transaction.lines.push_back({quantity, price, maybe(), maybe(), maybe()});
  }
  return transaction;
}

// The definitions of the contract, said plainly.
struct Reference {
  std::int64_t orders = 0, online = 0, known_channel = 0, costed = 0;
  Int128 items = 0, returned_items = 0;
  Nano gross = 0, returned = 0, margin = 0, saved = 0, list_value = 0;
  Millis last = 0;

  explicit Reference(const std::vector<Transaction>& facts) {
    for (const Transaction& fact : facts) fact.kind == TransactionKind::kSale ? sale(fact) : take_back(fact);
  }
  void sale(const Transaction& fact) {
    ++orders;
    last = std::max(last, fact.at);
    known_channel += fact.channel.has_value();
    online += fact.channel == SaleChannel::kOnline;
    for (const Line& line : fact.lines) {
      const Nano paid = static_cast<Nano>(line.quantity) * line.unit_price;
      items += line.quantity;
      gross += paid;
      if (line.unit_cost) margin += paid - static_cast<Nano>(line.quantity) * *line.unit_cost, ++costed;
      if (!line.list_price && !line.discount) continue;
      const Nano discount = line.discount ? static_cast<Nano>(*line.discount) * 1'000 : 0;
      const Nano listed = line.list_price ? static_cast<Nano>(line.quantity) * *line.list_price : paid + discount;
      list_value += listed;
      saved += line.discount ? discount : std::max<Nano>(0, listed - paid);
    }
  }
  void take_back(const Transaction& fact) {
    for (const Line& line : fact.lines) {
      returned_items += line.quantity;
      returned += static_cast<Nano>(line.quantity) * line.unit_price;
      if (line.unit_cost) margin -= static_cast<Nano>(line.quantity) * (line.unit_price - *line.unit_cost), ++costed;
    }
  }
};

void expect_quotient(const std::optional<double>& found, Int128 part, Int128 whole) {
  ASSERT_EQ(found.has_value(), whole != 0);
  if (found) {
    EXPECT_NEAR(*found, static_cast<double>(part) / static_cast<double>(whole), 1e-12);
  }
}

void expect_figures(const RfmSection& section, const std::vector<Transaction>& facts) {
  const Reference expected(facts);
  ASSERT_EQ(section.orders(), static_cast<std::uint64_t>(expected.orders));
  EXPECT_EQ(section.items_milli(), expected.items);
  EXPECT_EQ(section.gross(), expected.gross);
  EXPECT_EQ(section.returns_net(), expected.returned);
  EXPECT_EQ(section.net(), expected.gross - expected.returned);
  EXPECT_EQ(section.margin().has_value(), expected.costed > 0);
  if (section.margin()) {
    EXPECT_EQ(*section.margin(), expected.margin);
  }
  if (expected.orders > 0) {
    EXPECT_EQ(section.history().last(), expected.last);
  }
  expect_quotient(section.discount_share(), expected.saved, expected.list_value);
  expect_quotient(section.online_share(), expected.online, expected.known_channel);
  expect_quotient(section.return_rate(), expected.returned_items, expected.items);
  ASSERT_EQ(section.mean_order_value().has_value(), expected.orders > 0);
  if (expected.orders > 0) {
    const double mean = static_cast<double>(expected.gross) / 1e9 / static_cast<double>(expected.orders);
    EXPECT_NEAR(*section.mean_order_value(), mean, 1e-12 * std::max(1.0, mean));
  }
}

std::string bytes_of(const RfmSection& section) {
  std::string bytes;
  Encoder encoder(bytes);
  section.encode(encoder);
  return bytes;
}

TEST(RfmSection, FollowsHandWorkedTransactions) {
  const Transaction full{
      TransactionKind::kSale, kDay, SaleChannel::kOnline, {{2'000, 9'000'000, 10'000'000, {}, 4'000'000}}};
  const Transaction dear{TransactionKind::kSale, kDay, {}, {{1'000, 12'000'000, 10'000'000, {}, {}}}};
  const Transaction told{TransactionKind::kSale, kDay, SaleChannel::kStore, {{500, 8'000'000, {}, 1'000'000, {}}}};
  const Transaction back{TransactionKind::kReturn, 2 * kDay, {}, {{1'000, 9'000'000, {}, {}, 4'000'000}}};
  const struct {
    const char* name;
    std::vector<Transaction> facts;
    double gross, net;
    std::optional<double> margin, discount_share, online_share, return_rate;
  } rows[] = {
      {"a sale below the list price", {full}, 18, 18, 10.0, 0.1, 1.0, 0.0},
      {"a price above the list price is no negative discount", {dear}, 12, 12, {}, 0.0, {}, 0.0},
      {"a list price follows from the discount", {told}, 4, 4, {}, 0.2, 0.0, 0.0},
      {"a return takes its margin back", {full, back}, 18, 9, 5.0, 0.1, 1.0, 0.5},
      {"a return without its sale counts", {back}, 0, -9, -5.0, {}, {}, {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    RfmSection section;
    for (const Transaction& fact : row.facts) section.apply(Event(bytes_of(fact)));
    EXPECT_EQ(as_double(section.gross()), row.gross);
    EXPECT_EQ(as_double(section.net()), row.net);
    EXPECT_EQ(section.margin().has_value(), row.margin.has_value());
    if (row.margin) {
      EXPECT_EQ(as_double(*section.margin()), *row.margin);
    }
    EXPECT_EQ(section.discount_share(), row.discount_share);
    EXPECT_EQ(section.online_share(), row.online_share);
    EXPECT_EQ(section.return_rate(), row.return_rate);
  }
}

TEST(RfmSection, AnyAppliesAndRetractsEqualTheFactsThatHold) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    RfmSection section;
    std::vector<Transaction> facts;
    for (int step = 0; step < 40; ++step) {
      if (!facts.empty() && random() % 3 == 0) {
        const auto gone = facts.begin() + static_cast<std::ptrdiff_t>(random() % facts.size());
        section.retract(Event(bytes_of(*gone)));
        facts.erase(gone);
      } else {
        facts.push_back(random_transaction(random));
        section.apply(Event(bytes_of(facts.back())));
      }
      expect_figures(section, facts);
    }
  }
}

TEST(RfmSection, OrderDoesNotMatterAndBytesRoundTrip) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::deque<std::string> facts;
    for (int i = 0; i < 30; ++i) facts.push_back(bytes_of(random_transaction(random)));
    RfmSection section;
    for (const std::string& fact : facts) section.apply(Event(fact));
    section.count_record(true);
    section.take_change();
    if (seed % 2) section.set_classes(Classes{1, 2, 5});
    const std::string bytes = bytes_of(section);
    const auto decoded = RfmSection::decode(RfmSection::kVersion, bytes);
    ASSERT_NE(decoded, nullptr);
    EXPECT_EQ(bytes_of(static_cast<const RfmSection&>(*decoded)), bytes);

    std::shuffle(facts.begin(), facts.end(), random);
    RfmSection shuffled;
    for (const std::string& fact : facts) shuffled.apply(Event(fact));
    shuffled.count_record(true);
    shuffled.take_change();
    shuffled.set_classes(section.classes());
    EXPECT_EQ(bytes_of(shuffled), bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      EXPECT_EQ(RfmSection::decode(RfmSection::kVersion, std::string_view(bytes).substr(0, size)), nullptr) << size;
  }
}

TEST(RfmColumns, SayWhatIsKnown) {
  const auto value = [](std::string_view name, const Section* section, Millis now) {
    for (const Column& column : columns())
      if (column.name == name) return column.get(section, now);
    ADD_FAILURE() << name;
    return Value();
  };
  EXPECT_EQ(value("orders", nullptr, 0), Value(std::int64_t{0}));
  EXPECT_FALSE(is_known(value("last_order_at_ms", nullptr, 0)));

  RfmSection section;
  for (const Millis day : {100, 110, 150}) {
    const Transaction sale{TransactionKind::kSale, day * kDay, {}, {{1'000, 5'000'000 + day * 10'000, {}, {}, {}}}};
    section.apply(Event(bytes_of(sale)));
  }
  const Millis now = 175 * kDay;
  EXPECT_EQ(value("recency_days", &section, now), Value(25.0));
  EXPECT_EQ(value("tenure_days", &section, now), Value(75.0));
  EXPECT_EQ(value("overdue", &section, now), Value(1.0));
  EXPECT_EQ(value("last_interval_days", &section, now), Value(40.0));
  EXPECT_EQ(value("orders_30d", &section, now), Value(std::int64_t{1}));
  EXPECT_EQ(value("orders_90d", &section, now), Value(std::int64_t{3}));
  EXPECT_EQ(value("spend_30d", &section, now), Value(6.5));
  EXPECT_EQ(value("last_order_value", &section, now), Value(6.5));
  EXPECT_EQ(value("last_order_at_ms", &section, now), Value(150 * kDay));
  EXPECT_EQ(value("last_order_at", &section, now), Value(std::string_view("1970-05-31T00:00:00.000Z")));
  EXPECT_FALSE(is_known(value("margin", &section, now)));
}

}  // namespace
}  // namespace nudge::rfm
