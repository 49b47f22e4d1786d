#include "operators/scores/target.h"

namespace nudge::scores {
namespace {

using config::Kind;
using config::Parameter;

constexpr std::string_view kEntities[] = {"customers", "sessions"};
constexpr std::string_view kEventTopics[] = {"transactions", "page_views", "campaign_events", "care"};
constexpr double kDurationMost = 36'500.0 * kDay;

const Parameter kName[] = {{.kind = Kind::kText}};
const Parameter kEdge[] = {{.kind = Kind::kReal, .least = 0, .most = 1}};

const Parameter kAt[] = {
    {.name = "event",
     .kind = Kind::kChoice,
     .help = "Score the customer when an event of this topic arrives.",
     .choices = kEventTopics},
    {.name = "where",
     .kind = Kind::kExpression,
     .help = "Which events of the topic: SQL over its fields; by default all."},
    {.name = "list", .kind = Kind::kText, .help = "Score the customer at the first enter into this list of `targets`."},
};

const Parameter kLabel[] = {
    {.name = "any",
     .kind = Kind::kChoice,
     .help = "True where at least one event of this topic comes.",
     .choices = kEventTopics},
    {.name = "none",
     .kind = Kind::kChoice,
     .help = "True where no event of this topic comes.",
     .choices = kEventTopics},
    {.name = "count", .kind = Kind::kAny, .help = "How many events come; not supported yet."},
    {.name = "sum", .kind = Kind::kAny, .help = "The sum of an expression over events; not supported yet."},
    {.name = "where",
     .kind = Kind::kExpression,
     .default_text = "true",
     .help = "Which events of the topic count: SQL over its fields, and over those of the event that caused the score "
             "as trigger.<field>."},
    {.name = "within",
     .kind = Kind::kText,
     .required = true,
     .help = "A duration after the score; `session`: until the session's last event; or `promotion:next`: from the "
             "start to the end of the next promotion, of several that start together the first in the file."},
};

const Parameter kFeatures[] = {
    {.name = "exclude",
     .kind = Kind::kList,
     .default_text = "[]",
     .help = "Columns that the model must not see.",
     .members = kName},
};

constexpr std::string_view kChallengers[] = {"back_propagation", "gradient_boosting"};
const Parameter kChallenger[] = {{.kind = Kind::kChoice, .choices = kChallengers}};

const Parameter kTargetMembers[] = {
    {.name = "name", .kind = Kind::kText, .required = true, .help = "The target's name, which its records carry."},
    {.name = "of", .kind = Kind::kChoice, .required = true, .help = "Who is scored.", .choices = kEntities},
    {.name = "at",
     .kind = Kind::kObject,
     .help = "What makes customers be scored, where it is no schedule: an event, or the first enter into a list.",
     .members = kAt},
    {.name = "label", .kind = Kind::kObject, .required = true, .help = "What is predicted.", .members = kLabel},
    {.name = "every",
     .kind = Kind::kDuration,
     .help = "How often the whole base is scored, at multiples from 1970-01-01 UTC (customers).",
     .least = kMinute,
     .most = kDurationMost},
    {.name = "offset",
     .kind = Kind::kDuration,
     .default_text = "0ms",
     .help = "Added to the multiples of `every`.",
     .least = 0,
     .most = kDurationMost},
    {.name = "lead",
     .kind = Kind::kDuration,
     .default_text = "7d",
     .help = "How long before each promotion the whole base is scored, where `within` is the promotion.",
     .least = kMinute,
     .most = kDurationMost},
    {.name = "among",
     .kind = Kind::kExpression,
     .help = "Who is scored: SQL over `customers`; by default orders >= 1 where the whole base is scored, else all."},
    {.name = "label_delay",
     .kind = Kind::kDuration,
     .help = "How long after its horizon a row is learnt; by default 1d, for sessions the sessions' gap.",
     .least = 0,
     .most = kDurationMost},
    {.name = "features", .kind = Kind::kObject, .help = "What the model sees.", .members = kFeatures},
    {.name = "edges",
     .kind = Kind::kList,
     .default_text = "[0.15, 0.5]",
     .help = "Where `hesitant` begins and ends, both included.",
     .members = kEdge},
    {.name = "rows_per_epoch_max",
     .kind = Kind::kInteger,
     .default_text = "20000",
     .help = "How many rows an epoch are learnt at most; chosen by hash.",
     .least = 100,
     .most = 1e6},
    {.name = "calibration_window",
     .kind = Kind::kInteger,
     .default_text = "20000",
     .help = "How many of the latest rows calibration and refits see.",
     .least = 100,
     .most = 1e6},
    {.name = "labels_min",
     .kind = Kind::kInteger,
     .default_text = "30",
     .help = "Of each class, before there are probabilities.",
     .least = 2,
     .most = 1e6},
    {.name = "percentile_epochs",
     .kind = Kind::kInteger,
     .default_text = "28",
     .help = "How many of the latest epochs with scores percentiles compare with.",
     .least = 1,
     .most = 1000},
    {.name = "learning_rate",
     .kind = Kind::kReal,
     .default_text = "0.02",
     .help = "FTRL's alpha.",
     .least = 1e-6,
     .most = 100},
    {.name = "beta", .kind = Kind::kReal, .default_text = "1", .help = "FTRL's beta.", .least = 0, .most = 1e6},
    {.name = "l1",
     .kind = Kind::kReal,
     .default_text = "0",
     .help = "FTRL's lambda 1 at least; refits choose it by rows held out.",
     .least = 0,
     .most = 1e6},
    {.name = "l2", .kind = Kind::kReal, .default_text = "10", .help = "FTRL's lambda 2.", .least = 0, .most = 1e6},
    {.name = "challengers",
     .kind = Kind::kList,
     .default_text = "[]",
     .help = "Models beside the linear one; one that is known to lose less makes the scores.",
     .members = kChallenger},
    {.name = "promotion_error",
     .kind = Kind::kReal,
     .default_text = "0.05",
     .help = "How probable it is at most that a challenger which is no better ever makes the scores.",
     .least = 1e-6,
     .most = 0.5},
};

const Parameter kTarget[] = {{.kind = Kind::kObject, .members = kTargetMembers}};

}  // namespace

config::Parameter parameters() {
  return {.name = "scores",
          .kind = Kind::kList,
          .default_text = "[]",
          .help = "Probabilities of what customers will do, each with its reasons.",
          .members = kTarget};
}

}  // namespace nudge::scores
