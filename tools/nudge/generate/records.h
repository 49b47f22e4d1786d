// The records of the planted shop as JSON text (contract, section 2).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/schema.h"
#include "tools/nudge/generate/arrivals.h"
#include "tools/nudge/generate/catalogue.h"

namespace nudge::generate {

struct SaleLine {
  std::string product_id;
  std::int64_t quantity = 1;
  Micro unit_price = 0, list_price = 0, unit_cost = 0;
};
inline Micro unit_cost_of(Micro list_price) { return list_price / 2; }

// Who a record is about; the customer is empty in an anonymous session.
struct Person {
  std::string customer, visitor;
  std::string_view key() const { return customer.empty() ? visitor : customer; }
};

struct Transaction {
  std::string id;
  TransactionKind kind = TransactionKind::kSale;
  std::string_view channel;
  std::string original, campaign;  // empty: none
  std::vector<SaleLine> lines;
};

struct PageView {
  std::string session;
  std::string_view action;
  std::string_view device;
  std::string_view region;
  std::optional<SaleLine> product;  // quantity only where it is put into the cart
  std::string url, referrer;
};

struct Message {
  std::string campaign;
  std::string_view action;
  std::string_view group;  // empty: none
  bool machine = false;
};

// Writes records and numbers them: `event_id` is the topic's letter, the customer and the customer's counter.
class RecordWriter {
 public:
  explicit RecordWriter(Arrivals& arrivals) : arrivals_(arrivals) {}

  void transaction(std::string_view event_id, Millis time, const Person& person, const Transaction& transaction);
  void page_view(std::string_view event_id, Millis time, const Person& person, const PageView& view);
  void message(std::string_view event_id, Millis time, const Person& person, const Message& message);
  void complaint(std::string_view event_id, Millis time, const Person& person, std::string_view transaction,
                 std::string_view product);
  void profile(std::string_view event_id, Millis time, const Person& person, const Segment& segment, int birth_year,
               std::span<const std::pair<std::string_view, bool>> consents);
  void product(std::string_view event_id, Millis time, const Product& product, Micro list_price);

 private:
  Arrivals& arrivals_;
};

}  // namespace nudge::generate
