// The keys under `webhooks`: receivers of list memberships, each with its own mapping, limits and position.
#pragma once

#include <vector>

#include "config/parameter.h"
#include "config/value.h"

namespace nudge::config {

const Parameter& webhooks_parameter();

// What single keys cannot say of themselves: names that clash, addresses, what a mapping needs.
void check_webhooks(const Value& root, std::vector<Problem>& problems);

// `state_dir` of an item of `webhooks`, or <state folder>.deliver/<name> where none is given.
std::string webhook_state_folder(const Value& root, const Value& webhook);

}  // namespace nudge::config
