// The output topics as a Sink whose records are seen as soon as they are delivered, whether or not what they followed
// from is committed: after a failure it is done again, and they come again, at least once.
#pragma once

#include <memory>

#include "config/value.h"
#include "connectors/kafka/producer.h"
#include "connectors/sink.h"

namespace nudge::connectors::kafka {

// `producer` has no transactions, and outlives the sink; who calls the sink polls it. Nothing is taken back: `reset`
// and `rewind` leave what is there, and `flush` waits until all is delivered.
std::unique_ptr<Sink> make_delivery_sink(Producer& producer, const config::Value& topics);

}  // namespace nudge::connectors::kafka
