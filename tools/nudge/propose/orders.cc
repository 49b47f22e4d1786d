#include "tools/nudge/propose/orders.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

#include "connectors/files/source.h"
#include "engine/decode.h"
#include "engine/event.h"

namespace nudge::propose {
namespace {

constexpr std::size_t kRecordsAtOnce = 4096, kBytesAtOnce = 1 << 20;

Status read_topic(const connectors::Source& source, Topic topic, const std::function<void(const Event&)>& take) {
  RecordDecoder decoder;
  BadRecord bad;
  connectors::RawBatch batch;
  std::string bytes;
  for (const connectors::PartitionInfo& partition : source.partitions()) {
    if (partition.topic != topic) continue;
    NUDGE_ASSIGN(const auto reader, source.open(partition, {}));
    for (;;) {
      NUDGE_TRY(reader->read(batch, kRecordsAtOnce, kBytesAtOnce));
      if (batch.lines.empty()) break;
      for (const auto& line : batch.lines) {
        bytes.clear();
        if (decoder.decode(topic, batch.json(line), bytes, bad)) take(Event(bytes));
      }
    }
  }
  return Status::ok();
}

// Gives names numbers as they come.
class Numbers {
 public:
  std::uint32_t of(std::string_view name) {
    const auto [found, is_new] = numbers_.try_emplace(std::string(name), static_cast<std::uint32_t>(names_.size()));
    if (is_new) names_.emplace_back(name);
    return found->second;
  }
  std::vector<std::string> take() { return std::move(names_); }

 private:
  absl::flat_hash_map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> names_;
};

struct Version {
  std::int64_t number = 0;
  bool is_sale = false;
  Order order;
};

}  // namespace

Result<Orders> read_orders(const std::string& folder, ItemKind kind) {
  NUDGE_ASSIGN(const auto source, connectors::open_file_source(folder));
  absl::flat_hash_map<std::string, std::string> categories;
  if (kind == ItemKind::kCategory)
    NUDGE_TRY(read_topic(*source, Topic::kProducts, [&](const Event& product) {
      if (product.has(field::products::kCategory))
        categories[std::string(product.text(field::products::kProductId))] = product.text(field::products::kCategory);
    }));
  Numbers customers, items;
  std::map<std::string, Version, std::less<>> by_id;
  std::vector<std::string> cancelled;
  NUDGE_TRY(read_topic(*source, Topic::kTransactions, [&](const Event& transaction) {
    const std::string id(transaction.text(field::transactions::kTransactionId));
    const auto is = transaction.choice(field::transactions::kKind, TransactionKind::kCancel);
    const std::string_view original = transaction.text(field::transactions::kOriginalTransactionId);
    if (is == TransactionKind::kCancel && !original.empty()) cancelled.emplace_back(original);
    const std::int64_t number = transaction.number(field::transactions::kVersion).value_or(1);
    Version& version = by_id[id];
    if (number <= version.number) return;
    version = {number, is == TransactionKind::kSale && !transaction.customer_id().empty(), {}};
    if (!version.is_sale) return;
    version.order.time = transaction.time();
    version.order.customer = customers.of(transaction.customer_id());
    ItemReader<LineItem> lines = transaction.lines(field::transactions::kLines);
    for (LineItem line; lines.next(line);) {
      const auto category = categories.find(std::string(line.product_id));
      version.order.items.push_back(
          items.of(category == categories.end() ? std::string_view(line.product_id) : category->second));
    }
    std::sort(version.order.items.begin(), version.order.items.end());
    const auto last = std::unique(version.order.items.begin(), version.order.items.end());
    version.order.items.erase(last, version.order.items.end());
  }));
  for (const std::string& id : cancelled)
    if (const auto found = by_id.find(id); found != by_id.end()) found->second.is_sale = false;
  Orders result;
  for (auto& [id, version] : by_id)
    if (version.is_sale) result.orders.push_back(std::move(version.order));
  if (result.orders.empty()) return Status::bad_data(folder + ": no order of a known customer");
  std::stable_sort(result.orders.begin(), result.orders.end(),
                   [](const Order& a, const Order& b) { return a.time < b.time; });
  result.customers = customers.take();
  result.items = items.take();
  return result;
}

}  // namespace nudge::propose
