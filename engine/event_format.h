// How the parts of an event are laid out in bytes (format: engine/event.h). Only for who writes or walks events.
//
// The put functions write at `out`, where there must be room, and return the end of what they wrote.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/event.h"

namespace nudge::event_format {

inline constexpr std::size_t kVarintBytesMax = 10;

inline char* put_varint(char* out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) *out++ = static_cast<char>(value | 0x80);
  *out++ = static_cast<char>(value);
  return out;
}
inline char* put_zigzag(char* out, std::int64_t value) {
  return put_varint(out, (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}
inline char* put_text(char* out, std::string_view value) {
  out = put_varint(out, value.size());
  if (!value.empty()) std::memcpy(out, value.data(), value.size());
  return out + value.size();
}
inline char* put_header(char* out, Topic topic, Millis time) {
  *out = static_cast<char>(topic);
  std::memcpy(out + 1, &time, sizeof time);
  return out + kEventHeaderBytes;
}

// Items of lists. A line: a byte of flags, the product, quantity, price, then what the flags name. A consent: channel,
// status, whether a time follows.
enum LineFlag : std::uint8_t { kHasListPrice = 1, kHasDiscount = 2, kHasUnitCost = 4, kHasReturnReason = 8 };

inline std::size_t room_for(const LineItem& line) {
  return 1 + 7 * kVarintBytesMax + line.product_id.size() + line.return_reason.size();
}
inline std::size_t room_for(const Identity& identity) {
  return 2 * kVarintBytesMax + identity.type.size() + identity.value.size();
}
inline std::size_t room_for(const Consent&) { return 3 + kVarintBytesMax; }
inline std::size_t room_for(std::string_view text) { return kVarintBytesMax + text.size(); }

inline char* put_item(char* out, const LineItem& line) {
  *out++ = static_cast<char>((line.list_price ? kHasListPrice : 0) | (line.discount ? kHasDiscount : 0) |
                             (line.unit_cost ? kHasUnitCost : 0) | (line.return_reason.empty() ? 0 : kHasReturnReason));
  out = put_text(out, line.product_id);
  out = put_zigzag(out, line.quantity);
  out = put_zigzag(out, line.unit_price);
  for (const auto& optional : {line.list_price, line.discount, line.unit_cost})
    if (optional) out = put_zigzag(out, *optional);
  return line.return_reason.empty() ? out : put_text(out, line.return_reason);
}
inline char* put_item(char* out, const Identity& identity) {
  return put_text(put_text(out, identity.type), identity.value);
}
inline char* put_item(char* out, const Consent& consent) {
  *out++ = static_cast<char>(consent.channel);
  *out++ = static_cast<char>(consent.status);
  *out++ = consent.at ? 1 : 0;
  return consent.at ? put_zigzag(out, *consent.at) : out;
}
inline char* put_item(char* out, std::string_view text) { return put_text(out, text); }

}  // namespace nudge::event_format
