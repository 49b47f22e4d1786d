// In which segments a customer is, as the global part was told, and since when there was no sale.
#pragma once

#include <memory>
#include <string_view>

#include "engine/operator.h"

namespace nudge::rules {

class CustomerSegments final : public Section {
 public:
  static constexpr std::uint32_t kVersion = 1;

  std::uint64_t told = 0;           // a bit per segment
  Millis newest_sale = kBeforeAll;  // or later: of one that was taken back

  void encode(Encoder& out) const override {
    out.varint(told);
    out.zigzag(newest_sale);
  }
  std::size_t memory_bytes() const override { return sizeof *this; }
  static std::unique_ptr<Section> make() { return std::make_unique<CustomerSegments>(); }
  static std::unique_ptr<Section> decode(std::uint32_t version, std::string_view bytes) {
    if (version != kVersion) return nullptr;
    Decoder in(bytes);
    auto section = std::make_unique<CustomerSegments>();
    section->told = in.varint();
    section->newest_sale = in.zigzag();
    return in.ok() && in.at_end() ? std::move(section) : nullptr;
  }
};

}  // namespace nudge::rules
