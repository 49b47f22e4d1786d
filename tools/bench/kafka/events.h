// The events of the bench: page views and one order in five, about 250 bytes each, of customers whose activity follows
// Zipf's law. The same seed gives the same events.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/hash.h"
#include "engine/time.h"

namespace nudge::bench {

class Events {
 public:
  static constexpr double kOrders = 0.2;

  Events(std::uint64_t seed, std::uint32_t customers) : word_(seed), customers_(customers) {}

  struct Event {
    bool is_order = false;
    std::string_view customer, json;  // until the next call
  };
  Event next(Millis at) {
    ++number_;
    customer_.assign("C00000000");
    digits(customer_, 8, customer());
    json_.assign(R"({"event_id":"e00000000000","event_time":)");
    json_.resize(std::string_view(R"({"event_id":"e00000000000)").size());
    digits(json_, 11, number_);
    json_.append(R"(","event_time":)").append(std::to_string(at));
    json_.append(R"(,"customer_id":")").append(customer_).append("\"");
    const bool order = unit_interval(random()) < kOrders;
    order ? append_order() : append_view();
    return {order, customer_, json_};
  }

 private:
  static constexpr std::array<std::string_view, 8> kCategories = {"electronics", "grocery", "fashion", "home",
                                                                  "toys",        "sports",  "beauty",  "books"};
  static constexpr std::array<std::string_view, 3> kDevices = {"mobile", "desktop", "tablet"};

  std::uint64_t random() { return mix(word_++, 0x7f4a7c15); }
  // The rank's share falls with the rank; ranks are scattered over the ids.
  std::uint64_t customer() {
    const double rank = std::exp2(unit_interval(random()) * std::log2(static_cast<double>(customers_)));
    return (static_cast<std::uint64_t>(rank) * 2'654'435'761u + 12'345) % customers_;
  }
  // Over the last digits of the text.
  static void digits(std::string& text, std::size_t count, std::uint64_t number) {
    for (std::size_t i = 1; i <= count; ++i, number /= 10) text[text.size() - i] = static_cast<char>('0' + number % 10);
  }
  std::string padded(std::string_view prefix, std::size_t count, std::uint64_t number) {
    std::string text = std::string(prefix) + std::string(count, '0');
    digits(text, count, number);
    return text;
  }
  void append_line(std::uint64_t product, std::uint64_t quantity, std::uint64_t cents) {
    json_.append(R"({"product_id":")").append(padded("P", 5, product)).append(R"(","quantity":)");
    json_.append(std::to_string(quantity)).append(R"(,"unit_price":)").append(std::to_string(cents / 100));
    json_.append(padded(".", 2, cents % 100)).append("}");
  }
  void append_order() {
    const std::uint64_t chance = random();
    json_.append(R"(,"transaction_id":")").append(padded("O", 11, number_));
    json_.append(R"(","kind":"sale","channel":"online","currency":"EUR","lines":[)");
    append_line(chance % 50'000, 1 + (chance >> 20 & 3), 199 + (chance >> 24) % 9'800);
    json_.append(",");
    append_line(chance % 16'000, 1, 99 + (chance >> 40) % 4'900);
    json_.append("]}");
  }
  void append_view() {
    const std::uint64_t chance = random();
    const std::string product = padded("P", 5, chance % 50'000);
    const std::string_view category = kCategories[chance >> 20 & 7];
    json_.append(R"(,"action":"product_view","session_id":")").append(padded("s", 12, chance >> 24));
    json_.append(R"(","product_id":")").append(product).append(R"(","url":"/shop/)").append(category).append("/p/");
    json_.append(product).append(R"(","referrer":"https://search.example/","device":")");
    json_.append(kDevices[(chance >> 40) % kDevices.size()]).append(R"("})");
  }

  std::uint64_t word_;
  const std::uint32_t customers_;
  std::uint64_t number_ = 0;
  std::string customer_, json_;
};

}  // namespace nudge::bench
