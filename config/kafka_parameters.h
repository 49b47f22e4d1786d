// The keys under `kafka`: those of librdkafka's settings that are the user's to choose, by their own names.
//
// What decides whether the engine is right (acknowledgements, isolation, offsets, assignment) is not among them.
#pragma once

#include <span>
#include <string_view>

#include "config/parameter.h"

namespace nudge::config {

enum class KafkaClient : std::uint8_t { kEvery, kConsumer, kProducer, kNone };

std::span<const Parameter> kafka_parameters();
// Which clients of librdkafka take the setting; kNone: nudge reads it itself.
KafkaClient client_of(std::string_view setting);

}  // namespace nudge::config
