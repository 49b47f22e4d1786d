#include "operators/segments/settings.h"
#include "operators/segments/shipped.h"

namespace nudge::segments {
namespace {

using config::Kind;
using config::Parameter;

constexpr double kDurationMost = static_cast<double>(3660 * kDay);

const Parameter kFeature[] = {{.kind = Kind::kText}};
const Parameter kWeight[] = {{.kind = Kind::kReal, .least = 1e-6, .most = 1e6}};
const Parameter kTransform[] = {{.kind = Kind::kChoice, .choices = kTransformNames}};

const Parameter kLinks[] = {
    {.name = "customers", .kind = Kind::kText, .required = true, .help = "A segmentation of customers, by its name."},
    {.name = "products", .kind = Kind::kText, .required = true, .help = "A segmentation of products, by its name."},
};

const Parameter kMembers[] = {
    {.name = "name", .kind = Kind::kText, .required = true, .help = "The segmentation's name, `id` in its records."},
    {.name = "of",
     .kind = Kind::kChoice,
     .default_text = "customers",
     .help = "What is segmented: customers; transactions, each sale when it comes; products, by their sales.",
     .choices = kEntityNames},
    {.name = "shipped",
     .kind = Kind::kChoice,
     .help = "A segmentation that is known by its name, with features and k; what else is given here replaces its own.",
     .choices = shipped_names()},
    {.name = "features",
     .kind = Kind::kList,
     .help =
         "Columns of `customers` that are numbers; of transactions value, items, lines, mean_price, discount_share, "
         "online, hour, weekday and categories, as the products are known; of products price, margin_share, pace, "
         "discount_share and novelty_days. Required "
         "where `shipped` is not given.",
     .members = kFeature},
    {.name = "weights",
     .kind = Kind::kTable,
     .help = "How much a squared difference in a feature counts; 1 where a feature is not named.",
     .members = kWeight},
    {.name = "transforms",
     .kind = Kind::kTable,
     .help = "How a feature is transformed before it is standardised; by default log1p for counts, days and money that "
             "cannot be negative, else none.",
     .members = kTransform},
    {.name = "k", .kind = Kind::kAny, .help = "How many segments, 1 to 64; `auto`, the default: as many as part well."},
    {.name = "k_most",
     .kind = Kind::kInteger,
     .default_text = "10",
     .help = "How many segments at most, where k is chosen.",
     .least = 2,
     .most = static_cast<double>(kSegmentsMax)},
    {.name = "among",
     .kind = Kind::kExpression,
     .help = "Who is segmented: SQL over `customers`; by default orders >= 1."},
    {.name = "every",
     .kind = Kind::kDuration,
     .default_text = "7d",
     .help = "How often segments are learnt anew, at multiples from 1970-01-01 UTC.",
     .least = kMinute,
     .most = kDurationMost},
    {.name = "wait_for",
     .kind = Kind::kInteger,
     .default_text = "50",
     .help =
         "How many customers for each of k (or `k_most`) segments the first version waits for, though no longer than "
         "eight `every`: of a few customers each week's segments are others. Of customers only.",
     .least = 0,
     .most = 1'000'000},
    {.name = "refresh",
     .kind = Kind::kDuration,
     .default_text = "1d",
     .help = "How often customers without events are looked at, whom time alone moves.",
     .least = kMinute,
     .most = kDurationMost},
    {.name = "window",
     .kind = Kind::kDuration,
     .help = "How long a sale counts, of transactions and of products; by default 90d. Not for customers.",
     .least = static_cast<double>(kWeek),
     .most = kDurationMost},
    {.name = "links",
     .kind = Kind::kObject,
     .help = "Of transactions: tells which customer segment buys which product segment in which kind of order.",
     .members = kLinks},
    {.name = "micro_clusters_max",
     .kind = Kind::kInteger,
     .default_text = "4096",
     .help = "How many small groups of customers segments are learnt from at most.",
     .least = 64,
     .most = 65'536},
};

const Parameter kItem[] = {{.kind = Kind::kObject, .members = kMembers}};

}  // namespace

config::Parameter parameters() {
  return {.name = "segments",
          .kind = Kind::kList,
          .default_text = "[]",
          .help = "Groups of customers who are alike, with ids that stay.",
          .members = kItem};
}

}  // namespace nudge::segments
