// Products reach every keyed task at their place in the order of the input: what is known of them at a sale, and at a
// timer, depends on nothing else.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "connectors/json_text.h"
#include "engine/runtime/message_codec.h"
#include "tests/runtime/replayed.h"
#include "tests/support/product_reader.h"
#include "tests/support/temporary_folder.h"

namespace nudge::runtime {
namespace {

namespace fs = std::filesystem;

constexpr Millis kStart = 1'704'067'200'000;

// A month of sales, and of products that become known, change and are told late, by turns.
void write_input(const fs::path& folder, unsigned seed) {
  fs::create_directories(folder);
  std::mt19937 random(seed);
  std::ofstream sales(folder / "transactions.jsonl"), products(folder / "products-0.jsonl"),
      more(folder / "products-1.jsonl");
  Millis at = kStart;
  for (int i = 0; i < 3'000; ++i) {
    at += static_cast<Millis>(random() % (30 * kMinute));
    const std::string id = R"({"event_id":")" + std::to_string(i) + R"(","event_time":)";
    const std::string product = R"("product_id":"p)" + std::to_string(random() % 60) + '"';
    if (random() % 3 > 0) {
      sales << id << at << R"(,"customer_id":"c)" << random() % 25 << R"(","transaction_id":"t)" << i
            << R"(","kind":"sale","lines":[{)" << product << R"(,"quantity":1,"unit_price":1}]})" << '\n';
      continue;
    }
    const Millis told = at - static_cast<Millis>(random() % 10 == 0 ? random() % (3 * kDay) : 0);
    (random() % 2 == 0 ? products : more)
        << id << told << ',' << product << R"(,"category":"c)" << random() % 7 << R"(","brand":"b)" << random() % 9
        << R"(","list_price":)" << random() % 4 << "}\n";
  }
}

TEST(Products, WhatIsKnownDependsOnTheOrderOfTheInputOnly) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const TemporaryFolder temporary;
    const fs::path folder = temporary.path();
    write_input(folder / "in", seed);
    const auto run = [&](const std::string& variant, std::vector<std::string> overrides) {
      overrides.push_back("engine.products_max=50");
      return replayed(testing::product_reader(), folder, variant, std::move(overrides));
    };
    const auto first = run("one", {"engine.partitions=1", "engine.threads=1"});
    ASSERT_EQ(first.size(), 26u);
    const auto report = connectors::parse_json(first.at("report").front());
    EXPECT_GT(report.at("counts").at("products.left_out"), 0);
    std::size_t known = 0, unknown = 0;
    for (const auto& [key, lines] : first)
      for (const std::string& line : lines) ++(line.find(R"("category":)") == std::string::npos ? unknown : known);
    EXPECT_GT(known, 1'000u);
    EXPECT_GT(unknown, 10u);
    const struct {
      const char* name;
      std::vector<std::string> overrides;
    } variants[] = {
        {"eight_partitions", {"engine.partitions=8", "engine.threads=2"}},
        {"tiny_batches", {"engine.partitions=3", "engine.threads=4", "engine.batch_events_max=7"}},
        {"often_committed", {"engine.partitions=2", "engine.replay_commit_interval=1ms", "engine.batch_events_max=50"}},
    };
    for (const auto& variant : variants) {
      SCOPED_TRACE(variant.name);
      EXPECT_EQ(run(variant.name, variant.overrides), first);
    }
  }
}

TEST(Products, AMessageIsWhatItWasOnTheOtherSide) {
  const std::vector<ProductMessage> sent = {
      {{3, {kStart, 3, 1, 17}, kStart - 5}, "some bytes"},
      {{4, {kBeforeAll, 3, 1'000'000, std::uint64_t{1} << 60}, 0}, std::string_view("\0x", 2)}};
  std::string bytes;
  Encoder out(bytes);
  encode(out, sent);
  std::vector<ProductMessage> received;
  Decoder in(bytes);
  ASSERT_TRUE(decode(in, received));
  EXPECT_TRUE(in.at_end());
  ASSERT_EQ(received.size(), sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(received[i].origin.index, sent[i].origin.index);
    EXPECT_EQ(received[i].origin.order, sent[i].origin.order);
    EXPECT_EQ(received[i].origin.event_time, sent[i].origin.event_time);
    EXPECT_EQ(received[i].event, sent[i].event);
  }
  Decoder cut(std::string_view(bytes).substr(0, bytes.size() - 1));
  EXPECT_FALSE(decode(cut, received));
}

}  // namespace
}  // namespace nudge::runtime
