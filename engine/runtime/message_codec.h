// The messages between stages as bytes, for tasks of another process.
//
// What was decoded points into the bytes that it came from.
#pragma once

#include <vector>

#include "engine/runtime/message.h"
#include "state/codec.h"

namespace nudge::runtime {

void encode(Encoder& out, const VisitorMessage& message);
void encode(Encoder& out, const LedgerMessage& message);
void encode(Encoder& out, const EffectMessage& message);
void encode(Encoder& out, const KeyedMessage& message);
void encode(Encoder& out, const ProductMessage& message);
void encode(Encoder& out, const ForgetMessage& message);
void decode(Decoder& in, VisitorMessage& message);
void decode(Decoder& in, LedgerMessage& message);
void decode(Decoder& in, EffectMessage& message);
void decode(Decoder& in, KeyedMessage& message);
void decode(Decoder& in, ProductMessage& message);
void decode(Decoder& in, ForgetMessage& message);

template <typename Message>
void encode(Encoder& out, const std::vector<Message>& messages) {
  out.varint(messages.size());
  for (const Message& message : messages) encode(out, message);
}

template <typename Message>
bool decode(Decoder& in, std::vector<Message>& messages) {
  messages.resize(in.count());
  for (Message& message : messages) decode(in, message);
  return in.ok();
}

}  // namespace nudge::runtime
