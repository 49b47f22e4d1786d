// What is known of the products at a place in the order of all input: of each the record with the latest event time,
// of equal ones the last.
//
// Every keyed task has one, and all of them are the same at the same place: products, texts and version have the same
// numbers in every task, whatever the number of tasks, and after a restart. So an operator may keep them in its state.
// What is known later changes nothing of what was read before.
//
// Bounded: of a product that comes when there are `products_max`, and of a record whose id and texts take more than
// kRecordBytesMax, nothing is kept; left_out() counts such records. One thread.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/decimal.h"
#include "engine/event.h"
#include "engine/hash.h"
#include "engine/operator.h"

namespace nudge {

enum class ProductAttribute : std::uint8_t { kCategory, kDepartment, kAudience, kBrand, kColour };
inline constexpr std::size_t kProductAttributes = 5;

class ProductCatalog {
 public:
  // A hash of the product's id: the same everywhere, also where the product is not known (yet).
  using Key = std::uint64_t;
  // Of a text that some product has as an attribute. Equal numbers are equal texts as long as a product has it; a
  // number that is free may be given to another text, which changes the version.
  using TextNumber = std::uint32_t;
  static constexpr TextNumber kUnknown = 0;
  static constexpr std::size_t kRecordBytesMax = 1'024;

  // One product; valid until the next record.
  class Product {
   public:
    TextNumber text(ProductAttribute attribute) const { return texts_[static_cast<std::size_t>(attribute)]; }
    std::optional<Micro> list_price() const { return list_price_ < 0 ? std::nullopt : std::optional(list_price_); }
    Millis event_time() const { return event_time_; }  // of the record that holds

   private:
    friend class ProductCatalog;
    std::array<TextNumber, kProductAttributes> texts_{};
    std::uint32_t id_begin_ = 0;
    std::uint16_t id_bytes_ = 0;
    Micro list_price_ = -1;
    Millis event_time_ = 0;
  };

  explicit ProductCatalog(std::size_t products_max);

  // ---- for operators ----

  static Key key_of(std::string_view product_id) { return hash64(product_id); }
  // Null where nothing is known of it.
  const Product* find(Key key) const {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &products_[found->second];
  }
  // Products are numbered from 0 in the order in which they became known, and never leave.
  std::size_t size() const { return products_.size(); }
  const Product& operator[](std::size_t number) const { return products_[number]; }
  std::uint32_t number_of(const Product& product) const {
    return static_cast<std::uint32_t>(&product - products_.data());
  }
  std::string_view id(const Product& product) const {
    return std::string_view(ids_).substr(product.id_begin_, product.id_bytes_);
  }
  // Empty for kUnknown, and for no other.
  std::string_view text(TextNumber number) const { return texts_[number].text; }
  std::string_view text(const Product& product, ProductAttribute attribute) const {
    return text(product.text(attribute));
  }
  // Another one whenever a product has become known, or an attribute or a price has changed.
  std::uint64_t version() const { return version_; }

  // ---- for the engine ----

  // The next record of `products` in the order of the input.
  void take(const Event& record);
  std::uint64_t left_out() const { return left_out_; }
  std::size_t memory_bytes() const;

  // As of a section in pieces: a piece per product, per text, and one for the counts.
  void write_pieces(PieceWriter& out);
  bool read_piece(std::uint64_t number, std::string_view piece);
  // After the last piece. False where they do not fit together.
  bool end_pieces();

 private:
  // A text is kept as long as products have it.
  struct Text {
    std::string text;
    std::uint32_t uses = 0;
  };

  // The place of a new product; nothing where it is left out.
  Product* add(Key key, std::string_view id);
  TextNumber acquire(std::string_view text);
  void release(TextNumber number);
  void write_text(TextNumber number, PieceWriter& out) const;
  std::string encode(const Product& product) const;

  const std::size_t products_max_;
  std::vector<Product> products_;
  std::string ids_;  // one behind the other
  absl::flat_hash_map<Key, std::uint32_t> index_;
  std::deque<Text> texts_;                                          // by number; their bytes stay where they are
  absl::flat_hash_map<std::string_view, TextNumber> text_numbers_;  // of those in use
  std::set<TextNumber> free_texts_;                                 // the lowest is taken first
  std::size_t text_bytes_ = 0;
  std::uint64_t version_ = 0, left_out_ = 0;
  // Since the last write_pieces().
  std::vector<std::uint32_t> changed_products_;
  std::vector<TextNumber> changed_texts_;
  bool changed_ = false;
};

}  // namespace nudge
