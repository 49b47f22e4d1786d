#include "operators/recommendations/item_model.h"

#include "engine/hash.h"
#include "state/codec.h"

namespace nudge::recommendations {
namespace {

void encode_item(const ItemFacts& item, Encoder& out) {
  out.text(item.text);
  out.real(item.popularity);
  out.zigzag(item.lasts);
  out.boolean(item.margin.has_value());
  if (item.margin) out.zigzag(*item.margin);
  out.varint(item.products.size());
  for (const std::string& product : item.products) out.text(product);
  out.varint(item.neighbours.size());
  for (const Neighbour& neighbour : item.neighbours) {
    out.varint(neighbour.item);
    out.real(neighbour.share);
  }
}

ItemFacts decode_item(Decoder& in) {
  ItemFacts item;
  item.text = in.text();
  item.popularity = in.real();
  item.lasts = in.zigzag();
  if (in.boolean()) item.margin = in.zigzag();
  for (std::size_t left = in.count(); left > 0; --left) item.products.emplace_back(in.text());
  for (std::size_t left = in.count(9); left > 0; --left) {
    const auto number = static_cast<ItemNumber>(in.varint());
    item.neighbours.push_back({number, in.real()});
  }
  return item;
}

}  // namespace

std::string ItemModel::encode() const {
  std::string bytes;
  Encoder out(bytes);
  out.varint(items.size());
  for (const ItemFacts& item : items) encode_item(item, out);
  rhythms.encode(out);
  blend.encode(out);
  out.varint(rows_every);
  return bytes;
}

std::unique_ptr<ItemModel> ItemModel::decode(std::string_view bytes) {
  Decoder in(bytes);
  auto model = std::make_unique<ItemModel>();
  for (std::size_t left = in.count(); left > 0 && in.ok(); --left) {
    ItemFacts item = decode_item(in);
    model->numbers.emplace(hash64(item.text), static_cast<ItemNumber>(model->items.size()));
    model->items.push_back(std::move(item));
  }
  for (const ItemFacts& item : model->items)
    for (const Neighbour& neighbour : item.neighbours)
      if (neighbour.item >= model->items.size()) return nullptr;
  model->rhythms.decode(in);
  model->blend.decode(in);
  model->rows_every = in.varint();
  return in.ok() && in.at_end() && model->rows_every > 0 ? std::move(model) : nullptr;
}

}  // namespace nudge::recommendations
