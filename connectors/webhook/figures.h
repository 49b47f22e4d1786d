// What a webhook tells of itself. One thread changes the figures, any may read them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/figure.h"

namespace nudge::connectors::webhook {

struct Figures {
  std::string webhook;
  // Each record that was read is one of the first three, once it is settled.
  Counter delivered;   // changes that the receiver took
  Counter not_needed;  // records that are nothing to it
  Counter dead;        // dead letters
  Counter retried;     // attempts that failed and were made again later
  Gauge held_back;     // customers who wait for another attempt
  Gauge waiting;       // records that are read and not settled
  Gauge breaker_open;  // 1 while nothing is sent
  DurationHistogram requests;
};

std::vector<FigureFamily> families_of(std::span<const Figures* const> webhooks);

}  // namespace nudge::connectors::webhook
