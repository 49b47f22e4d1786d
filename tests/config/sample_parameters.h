// A small tree of parameters that has every kind once.
#pragma once

#include <string_view>

#include "config/parameter.h"
#include "engine/time.h"

namespace nudge::config {

inline constexpr std::string_view kModes[] = {"fast", "slow", "exact"};
inline constexpr Parameter kText[] = {{.kind = Kind::kText}};
inline constexpr Parameter kExpression[] = {{.kind = Kind::kExpression}};
inline constexpr Parameter kAnything[] = {{.kind = Kind::kAny}};
inline constexpr Parameter kCapMembers[] = {
    {.name = "max", .kind = Kind::kInteger, .required = true, .help = "How many times.", .least = 1},
    {.name = "per", .kind = Kind::kDuration, .default_text = "7d", .help = "In how long."},
};
inline constexpr Parameter kJobMembers[] = {
    {.name = "name", .kind = Kind::kText, .required = true, .help = "Its name."},
    {.name = "gap",
     .kind = Kind::kDuration,
     .default_text = "30m",
     .help = "The longest silence.",
     .least = 1,
     .most = kDay},
    {.name = "for",
     .kind = Kind::kTable,
     .default_text = "{all: \"true\"}",
     .help = "For whom.",
     .members = kExpression},
    {.name = "cap", .kind = Kind::kObject, .help = "How often at most.", .members = kCapMembers},
};
inline constexpr Parameter kJob[] = {{.kind = Kind::kObject, .members = kJobMembers}};
inline constexpr Parameter kEngineMembers[] = {
    {.name = "threads",
     .kind = Kind::kInteger,
     .default_text = "2",
     .help = "How many threads.",
     .least = 1,
     .most = 256},
    {.name = "share", .kind = Kind::kReal, .default_text = "0.1", .help = "A share.", .least = 0, .most = 1},
    {.name = "budget", .kind = Kind::kSize, .default_text = "64MiB", .help = "The memory.", .least = 1 << 20},
    {.name = "mode", .kind = Kind::kChoice, .default_text = "fast", .help = "How.", .choices = kModes},
    {.name = "strict", .kind = Kind::kBoolean, .default_text = "false", .help = "Whether."},
    {.name = "cost", .kind = Kind::kMoney, .help = "What one costs.", .most = 1000},
};
inline constexpr Parameter kRootMembers[] = {
    {.name = "engine", .kind = Kind::kObject, .default_text = "{}", .help = "The engine.", .members = kEngineMembers},
    {.name = "jobs", .kind = Kind::kList, .default_text = "[]", .help = "The jobs.", .members = kJob},
    {.name = "names", .kind = Kind::kList, .help = "Names.", .members = kText},
    {.name = "kafka", .kind = Kind::kTable, .default_text = "{}", .help = "Settings.", .members = kAnything},
    {.name = "password", .kind = Kind::kSecret, .help = "The password."},
    {.name = "path", .kind = Kind::kText, .required = true, .help = "The folder."},
};
inline constexpr Parameter kSample = {.kind = Kind::kObject, .help = "A sample.", .members = kRootMembers};

}  // namespace nudge::config
