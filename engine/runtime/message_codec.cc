#include "engine/runtime/message_codec.h"

namespace nudge::runtime {
namespace {

void encode(Encoder& out, const Origin& origin) {
  out.varint(origin.index);
  out.zigzag(origin.order.seen);
  out.byte(origin.order.topic);
  out.varint(origin.order.partition);
  out.varint(origin.order.offset);
  out.zigzag(origin.event_time);
}

void decode(Decoder& in, Origin& origin) {
  origin.index = static_cast<std::uint32_t>(in.varint());
  origin.order.seen = in.zigzag();
  origin.order.topic = in.byte();
  origin.order.partition = static_cast<std::uint32_t>(in.varint());
  origin.order.offset = in.varint();
  origin.event_time = in.zigzag();
}

void encode(Encoder& out, const Hash128& hash) {
  out.fixed64(hash.high);
  out.fixed64(hash.low);
}

void decode(Decoder& in, Hash128& hash) {
  hash.high = in.fixed64();
  hash.low = in.fixed64();
}

// A value beyond the last one comes from another program, or is damaged.
template <typename Enum>
void decode_choice(Decoder& in, Enum& value, Enum last) {
  value = static_cast<Enum>(in.byte());
  if (value > last) in.fail();
}

}  // namespace

void encode(Encoder& out, const VisitorMessage& message) {
  encode(out, message.origin);
  encode(out, message.visitor);
  out.text(message.visitor_id);
  out.boolean(message.link);
  out.text(message.link ? message.customer_id : message.event);
}

void decode(Decoder& in, VisitorMessage& message) {
  decode(in, message.origin);
  decode(in, message.visitor);
  message.visitor_id = in.text();
  message.link = in.boolean();
  (message.link ? message.customer_id : message.event) = in.text();
}

void encode(Encoder& out, const LedgerMessage& message) {
  encode(out, message.origin);
  out.byte(static_cast<std::uint8_t>(message.kind));
  encode(out, message.transaction);
  out.text(message.event);
  out.text(message.owner);
  out.text(message.previous_owner);
}

void decode(Decoder& in, LedgerMessage& message) {
  decode(in, message.origin);
  decode_choice(in, message.kind, LedgerMessage::Kind::kReassign);
  decode(in, message.transaction);
  message.event = in.text();
  message.owner = in.text();
  message.previous_owner = in.text();
}

void encode(Encoder& out, const EffectMessage& message) {
  encode(out, message.origin);
  out.byte(static_cast<std::uint8_t>(message.kind));
  encode(out, message.transaction);
  out.text(message.event);
  out.text(message.owner);
  out.text(message.previous_owner);
  out.boolean(message.own);
}

void decode(Decoder& in, EffectMessage& message) {
  decode(in, message.origin);
  decode_choice(in, message.kind, EffectMessage::Kind::kTell);
  decode(in, message.transaction);
  message.event = in.text();
  message.owner = in.text();
  message.previous_owner = in.text();
  message.own = in.boolean();
}

void encode(Encoder& out, const KeyedMessage& message) {
  encode(out, message.origin);
  out.byte(static_cast<std::uint8_t>(message.op));
  out.boolean(message.own);
  encode(out, message.customer);
  out.text(message.customer_id);
  out.text(message.event);
}

void decode(Decoder& in, KeyedMessage& message) {
  decode(in, message.origin);
  decode_choice(in, message.op, KeyedMessage::Op::kErase);
  message.own = in.boolean();
  decode(in, message.customer);
  message.customer_id = in.text();
  message.event = in.text();
}

void encode(Encoder& out, const ProductMessage& message) {
  encode(out, message.origin);
  out.text(message.event);
}

void decode(Decoder& in, ProductMessage& message) {
  decode(in, message.origin);
  message.event = in.text();
}

void encode(Encoder& out, const ForgetMessage& message) {
  encode(out, message.entity);
  out.text(message.customer_id);
}

void decode(Decoder& in, ForgetMessage& message) {
  decode(in, message.entity);
  message.customer_id = in.text();
}

}  // namespace nudge::runtime
