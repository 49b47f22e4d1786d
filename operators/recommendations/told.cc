#include "operators/recommendations/told.h"

namespace nudge::recommendations {

void EarnedBySale::encode(Telling kind, Encoder& out) const {
  out.byte(static_cast<std::uint8_t>(kind));
  out.zigzag(time);
  out.varint(lines.size());
  for (const auto& [product, margin] : lines) {
    out.text(product);
    out.zigzag128(margin);
  }
}

void EarnedBySale::decode(Decoder& in) {
  time = in.zigzag();
  lines.clear();
  for (std::size_t left = in.count(2); left > 0; --left) {
    const std::string_view product = in.text();
    lines.emplace_back(product, in.zigzag128());
  }
}

void encode_rows(std::span<const Row> rows, Encoder& out) {
  out.byte(static_cast<std::uint8_t>(Telling::kRows));
  out.varint(rows.size());
  for (const Row& row : rows) row.encode(out);
}

void decode_rows(Decoder& in, std::vector<Row>& rows) {
  for (std::size_t left = in.count(); left > 0 && in.ok(); --left) rows.emplace_back().decode(in);
}

}  // namespace nudge::recommendations
