// Every key of the configuration that belongs to no operator, and the whole tree with the operators in it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/parameter.h"
#include "config/value.h"
#include "engine/operator.h"

namespace nudge::config {

// The configuration's root: kObject. The operators are the members of `operators`, absent ones null unless they are on
// by default. Made once for each list and kept for the life of the program; any thread may call it.
const Parameter& root_parameters(std::span<const OperatorSpec* const> operators);

// What single keys cannot say of themselves: which of them need each other, times, addresses, inline secrets.
// `problems` holds those of reading the tree.
void check_engine(const Value& root, std::vector<Problem>& problems);

// `engine.state_dir`, or var/<name> where none is given.
std::string state_folder(const Value& root);

}  // namespace nudge::config
