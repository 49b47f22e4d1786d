#include "tools/nudge/generate/generate.h"

#include <fmt/core.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "tools/nudge/generate/arrivals.h"
#include "tools/nudge/generate/folder_sink.h"
#include "tools/nudge/generate/life.h"
#include "tools/nudge/generate/population.h"
#include "tools/nudge/generate/records.h"
#include "tools/nudge/generate/truth.h"

namespace nudge::generate {

namespace {

class Shop {
 public:
  Shop(const GenerateOptions& options, ArrivalSink& sink, const std::filesystem::path& truth)
      : options_(options),
        population_(options),
        arrivals_(sink, options),
        records_(arrivals_),
        life_(options, population_, records_),
        truth_(truth, options),
        due_(static_cast<std::size_t>(options.weeks * kWeek / Arrivals::kSlice)),
        shoppers_(static_cast<std::size_t>(options.customers)) {}

  Status run() {
    open();
    for (std::size_t slice = 0; slice < due_.size(); ++slice) {
      const Millis begin = options_.start + static_cast<Millis>(slice) * Arrivals::kSlice;
      if (const Millis age = begin - options_.start; age % kWeek == 0) price_candle(begin, age / kWeek);
      campaigns(begin);
      live(std::exchange(due_[slice], {}), begin + Arrivals::kSlice);
      NUDGE_TRY(arrivals_.write_slice());
    }
    NUDGE_TRY(arrivals_.finish());
    return truth_.finish(population_, arrivals_);
  }

 private:
  void open() {
    for (int category = 0; category < kCategories; ++category) {
      if (static_cast<Category>(category) == Category::kCandles) continue;
      for (const PriceLevel level : {PriceLevel::kLow, PriceLevel::kHigh}) {
        for (std::uint8_t number = 0; number < kProductsPerLevel; ++number) {
          const Product product{static_cast<Category>(category), level, number};
          records_.product("p" + product.id(), options_.start, product, product.list_price());
        }
      }
    }
    for (std::uint32_t number = 0; number < shoppers_.size(); ++number) {
      shoppers_[number].number = number;
      shoppers_[number].next_visit = population_.traits(number).joined;
      wait(shoppers_[number]);
    }
  }

  void wait(const Shopper& shopper) {
    if (shopper.next_visit == kNever) return;
    const auto slice = static_cast<std::size_t>((shopper.next_visit - options_.start) / Arrivals::kSlice);
    if (slice < due_.size()) due_[slice].push_back(shopper.number);
  }

  void live(const std::vector<std::uint32_t>& called, Millis until) {
    for (const std::uint32_t number : called) {
      life_.live(shoppers_[number], until);
      wait(shoppers_[number]);
    }
  }

  void price_candle(Millis time, std::int64_t week) {
    records_.product(fmt::format("p{}-{}", kCandle, week), time, Product{.category = Category::kCandles},
                     Demand::price(options_.seed, week));
  }

  void campaigns(Millis time) {
    const Millis age = time - options_.start - CampaignEffect::kFirst;
    if (options_.campaign_every == 0 || age < 0 || age % options_.campaign_every != 0) return;
    if (time + CampaignEffect::kWindow > population_.end()) return;
    const std::int64_t number = age / options_.campaign_every;
    for (Shopper& shopper : shoppers_) {
      if (!shopper.joined) continue;
      if (const auto outcome = life_.campaign(shopper, number, time))
        truth_.outcome(shopper.number, number, time, *outcome);
    }
  }

  const GenerateOptions& options_;
  Population population_;
  Arrivals arrivals_;
  RecordWriter records_;
  Life life_;
  Truth truth_;
  std::vector<std::vector<std::uint32_t>> due_;  // by slice: who does something in it
  std::vector<Shopper> shoppers_;
};

Status check(const GenerateOptions& options) {
  if (options.start == kNever) return Status::config("start: no RFC 3339 time; write 2024-01-01T00:00:00Z");
  if (options.campaign_every % Arrivals::kSlice != 0)
    return Status::config("campaign_every: not whole hours; write 4w");
  if (options.start + (options.weeks + 20) * kWeek > kLastTime)
    return Status::config("start: the shop's life ends after the year 9999; begin earlier");
  return Status::ok();
}

// Files of an earlier shop in the folder, which may have had more partitions. Other files are not touched.
std::error_code clear(const std::filesystem::path& folder) {
  std::error_code failure;
  if (!std::filesystem::exists(folder / "truth.json", failure)) return failure;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    const std::string name = entry.path().filename().string();
    const std::string topic = name.substr(0, std::min(name.find('-'), name.find('.')));
    const bool lines = name.ends_with(".jsonl") || name.ends_with(".jsonl.zst");
    if (lines && topic_named(topic) && !failure) std::filesystem::remove(entry.path(), failure);
  }
  return failure;
}

}  // namespace

Status generate(const GenerateOptions& options, const std::filesystem::path& folder) {
  NUDGE_TRY(check(options));
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (!failure) failure = clear(folder);
  if (failure) return Status::io(fmt::format("{}: {}", folder.string(), failure.message()));
  FolderSink sink(folder, options);
  return Shop(options, sink, folder / "truth.json").run();
}

Status generate(const GenerateOptions& options, ArrivalSink& sink, const std::filesystem::path& truth) {
  NUDGE_TRY(check(options));
  return Shop(options, sink, truth).run();
}

}  // namespace nudge::generate
