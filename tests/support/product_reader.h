// An operator that tells what is known of the products of each sale: when it comes, an hour after the customer's last
// one, and of that one at each noon. For tests of the catalogue. Its records are of the topic `quality`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/operator.h"
#include "engine/product_catalog.h"

namespace nudge::testing {

struct LastBought final : Section {
  ProductCatalog::Key product = 0;
  void encode(Encoder& out) const override { out.fixed64(product); }
  std::size_t memory_bytes() const override { return sizeof *this; }
};

class ProductReader final : public KeyedOperator {
 public:
  explicit ProductReader(const ProductCatalog& products) : products_(products) {}

  void apply(const Event& event, CustomerContext& customer) override {
    if (event.topic() != Topic::kTransactions) return;
    auto lines = event.lines(field::transactions::kLines);
    for (LineItem line; lines.next(line);) bought_.push_back(ProductCatalog::key_of(line.product_id));
    if (bought_.empty()) return;
    customer.section<LastBought>().product = bought_.back();
    customer.arm(customer.now() + kHour);
  }
  void retract(const Event&, CustomerContext&) override {}
  void settle(CustomerContext& customer) override {
    for (const ProductCatalog::Key key : bought_) tell("sale", key, customer);
    bought_.clear();
  }
  Millis next_sweep(Millis after) const override { return ((after - kDay / 2) / kDay + 1) * kDay + kDay / 2; }
  void sweep(CustomerContext& customer) override {
    if (const auto* last = customer.peek<LastBought>()) tell("noon", last->product, customer);
  }
  void timer(CustomerContext& customer) override { tell("later", customer.peek<LastBought>()->product, customer); }

 private:
  void tell(std::string_view when, ProductCatalog::Key key, CustomerContext& customer) {
    JsonWriter json = customer.outputs().begin(output::kQuality, customer.customer_id(), customer.now());
    json.member("when", when);
    json.member("products", static_cast<std::uint64_t>(products_.size()));
    json.member("version", products_.version());
    json.member("left_out", products_.left_out());
    if (const ProductCatalog::Product* product = products_.find(key)) {
      json.member("product", products_.id(*product));
      json.member("number", static_cast<std::uint64_t>(products_.number_of(*product)));
      json.member("category", products_.text(*product, ProductAttribute::kCategory));
      json.member("category_number", static_cast<std::uint64_t>(product->text(ProductAttribute::kCategory)));
      json.member("brand", products_.text(*product, ProductAttribute::kBrand));
      json.member("list_price", static_cast<std::int64_t>(product->list_price().value_or(-1)));
    }
    customer.outputs().end(json, output::kQuality);
  }

  const ProductCatalog& products_;
  std::vector<ProductCatalog::Key> bought_;
};

inline const OperatorSpec& product_reader() {
  static constexpr Topic kInputs[] = {Topic::kTransactions};
  static constexpr OutputTopic kOutputs[] = {output::kQuality};
  static const OperatorSpec spec = [] {
    OperatorSpec reader;
    reader.name = "product_reader";
    reader.summary = "Tells what is known of what is bought.";
    reader.inputs = kInputs;
    reader.outputs = kOutputs;
    reader.parameters.kind = config::Kind::kObject;
    reader.section = SectionSpec{1, 64, [] { return std::unique_ptr<Section>(new LastBought); },
                                 [](std::uint32_t, std::string_view bytes) {
                                   auto bought = std::make_unique<LastBought>();
                                   bought->product = Decoder(bytes).fixed64();
                                   return std::unique_ptr<Section>(std::move(bought));
                                 }};
    reader.reads_products = [](const config::Value&) { return true; };
    reader.calls = Call::kApply | Call::kRetract | Call::kSettle | Call::kTimer | Call::kSweep;
    reader.make = [](const OperatorSetup& setup) {
      return std::unique_ptr<KeyedOperator>(new ProductReader(*setup.products));
    };
    return reader;
  }();
  return spec;
}

}  // namespace nudge::testing
