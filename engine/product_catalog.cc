#include "engine/product_catalog.h"

#include <algorithm>
#include <utility>

#include "engine/check.h"
#include "state/codec.h"

namespace nudge {
namespace {

// In the order of ProductAttribute.
constexpr std::array<Field, kProductAttributes> kFields = {field::products::kCategory, field::products::kDepartment,
                                                           field::products::kAudience, field::products::kBrand,
                                                           field::products::kColour};

// Products are pieces under their numbers, texts behind them, and the counts come last.
constexpr std::uint64_t kTexts = std::uint64_t{1} << 32, kCounts = std::uint64_t{2} << 32;

template <typename Number>
void sort_once(std::vector<Number>& numbers) {
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

}  // namespace

ProductCatalog::ProductCatalog(std::size_t products_max) : products_max_(products_max), texts_(1) {}

// ---- records --------------------------------------------------------------------------------------------

void ProductCatalog::take(const Event& record) {
  const EventFields fields(record);
  const std::string_view id = fields.text(field::products::kProductId);
  std::size_t bytes = id.size();
  for (const Field attribute : kFields) bytes += fields.text(attribute).size();
  const Key key = key_of(id);
  const auto known = index_.find(key);
  Product* product = known == index_.end() ? nullptr : &products_[known->second];
  const bool is_another = product && this->id(*product) != id;  // of the same hash
  if (!is_another && product && record.time() < product->event_time_) return;
  const bool is_new = !product;
  if (bytes <= kRecordBytesMax && is_new) product = add(key, id);
  if (bytes > kRecordBytesMax || is_another || !product) {
    ++left_out_;
    changed_ = true;
    return;
  }
  bool differs = is_new;
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const std::string_view text = fields.text(kFields[i]);
    if (text == this->text(product->texts_[i])) continue;
    const TextNumber before = std::exchange(product->texts_[i], acquire(text));
    release(before);
    differs = true;
  }
  const Micro list_price = fields.number(field::products::kListPrice).value_or(-1);
  differs |= list_price != product->list_price_;
  product->list_price_ = list_price;
  if (!differs && record.time() == product->event_time_) return;
  product->event_time_ = record.time();
  changed_products_.push_back(number_of(*product));
  if (differs) ++version_;
  changed_ |= differs;
}

ProductCatalog::Product* ProductCatalog::add(Key key, std::string_view id) {
  if (products_.size() >= products_max_) return nullptr;
  index_.emplace(key, static_cast<std::uint32_t>(products_.size()));
  Product& product = products_.emplace_back();
  product.id_begin_ = static_cast<std::uint32_t>(ids_.size());
  product.id_bytes_ = static_cast<std::uint16_t>(id.size());
  ids_.append(id);
  return &product;
}

ProductCatalog::TextNumber ProductCatalog::acquire(std::string_view text) {
  if (text.empty()) return kUnknown;
  if (const auto known = text_numbers_.find(text); known != text_numbers_.end()) {
    ++texts_[known->second].uses;
    return known->second;
  }
  auto number = static_cast<TextNumber>(texts_.size());
  if (free_texts_.empty()) {
    texts_.emplace_back();
  } else {
    number = free_texts_.extract(free_texts_.begin()).value();
  }
  texts_[number] = {std::string(text), 1};
  text_bytes_ += text.size();
  text_numbers_.emplace(texts_[number].text, number);
  changed_texts_.push_back(number);
  return number;
}

void ProductCatalog::release(TextNumber number) {
  if (number == kUnknown || --texts_[number].uses > 0) return;
  text_numbers_.erase(texts_[number].text);
  text_bytes_ -= texts_[number].text.size();
  texts_[number] = {};
  free_texts_.insert(number);
  changed_texts_.push_back(number);
}

std::size_t ProductCatalog::memory_bytes() const {
  constexpr std::size_t kIndexed =
      2 * (sizeof(Key) + sizeof(std::uint64_t) + 1);  // half of its places are free, at most
  constexpr std::size_t kFree = 48;                   // a node of the set
  constexpr std::size_t kText = sizeof(Text) + 2 * (sizeof(std::string_view) + sizeof(std::uint64_t) + 1);
  return products_.capacity() * sizeof(Product) + ids_.capacity() + products_.size() * kIndexed +
         texts_.size() * kText + text_bytes_ + free_texts_.size() * kFree +
         changed_products_.capacity() * sizeof(std::uint32_t) + changed_texts_.capacity() * sizeof(TextNumber);
}

// ---- pieces ---------------------------------------------------------------------------------------------

std::string ProductCatalog::encode(const Product& product) const {
  std::string bytes;
  Encoder out(bytes);
  out.text(id(product));
  for (const TextNumber text : product.texts_) out.varint(text);
  out.zigzag(product.list_price_);
  out.zigzag(product.event_time_);
  return bytes;
}

void ProductCatalog::write_pieces(PieceWriter& out) {
  sort_once(changed_products_);
  for (const std::uint32_t number : changed_products_) out.put(number, encode(products_[number]));
  sort_once(changed_texts_);
  for (const TextNumber number : changed_texts_)
    texts_[number].uses > 0 ? out.put(kTexts + number, texts_[number].text) : out.erase(kTexts + number);
  if (changed_) {
    std::string bytes;
    Encoder counts(bytes);
    counts.varint(version_);
    counts.varint(left_out_);
    out.put(kCounts, bytes);
  }
  changed_products_.clear();
  changed_texts_.clear();
  changed_ = false;
}

bool ProductCatalog::read_piece(std::uint64_t number, std::string_view piece) {
  Decoder in(piece);
  if (number == kCounts) {
    version_ = in.varint();
    left_out_ = in.varint();
    return in.ok() && in.at_end();
  }
  if (number >= kTexts) {
    const std::uint64_t text = number - kTexts;
    if (piece.empty() || text < texts_.size() || text > kProductAttributes * products_.size() + 1) return false;
    for (; texts_.size() < text; texts_.emplace_back()) free_texts_.insert(static_cast<TextNumber>(texts_.size()));
    text_bytes_ += piece.size();
    texts_.push_back({std::string(piece), 0});
    return text_numbers_.emplace(texts_.back().text, static_cast<TextNumber>(text)).second;
  }
  const std::string_view id = in.text();
  Product* const product = number == products_.size() && !id.empty() ? add(key_of(id), id) : nullptr;
  if (!product) return false;
  for (TextNumber& text : product->texts_) text = static_cast<TextNumber>(in.varint());
  product->list_price_ = in.zigzag();
  product->event_time_ = in.zigzag();
  return in.ok() && in.at_end();
}

bool ProductCatalog::end_pieces() {
  for (const Product& product : products_)
    for (const TextNumber text : product.texts_) {
      if (text >= texts_.size() || (text != kUnknown && texts_[text].text.empty())) return false;
      texts_[text].uses += text != kUnknown;
    }
  return index_.size() == products_.size();
}

}  // namespace nudge
