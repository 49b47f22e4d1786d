// Which rows are learnt, and in which order, does not depend on how customers are spread over tasks.
#include "operators/scores/row.h"

#include <gtest/gtest.h>

#include <random>

#include "engine/hash.h"
#include "operators/scores/label.h"

namespace nudge::scores {
namespace {

struct Source {
  std::vector<std::string> customers;
  std::vector<MatureRow> rows;
};

Source random_source(unsigned seed, std::size_t n) {
  std::mt19937 random(seed);
  Source source;
  for (int i = 0; i < 40; ++i) source.customers.push_back("c" + std::to_string(i));
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint8_t shift = i % 3 == 0 ? 2 : 0;
    const std::uint64_t id = mix(seed, i);
    if (!is_chosen(id, shift)) continue;
    source.rows.push_back({.mature_at = static_cast<Millis>(random() % 100),
                           .customer = source.customers[random() % 40],
                           .score_id = id,
                           .shift = shift,
                           .label = random() % 2 == 0,
                           .features = "f"});
  }
  return source;
}

std::vector<std::uint64_t> learnt(const Source& source, std::size_t tasks, std::size_t most, Millis until) {
  std::vector<RowBuffer> buffers(tasks);
  for (const MatureRow& row : source.rows) buffers[hash64(row.customer) % tasks].add(row, most);
  std::vector<std::string> partials(tasks);
  std::vector<MatureRow> rows;
  std::uint64_t matured = 0;
  for (std::size_t task = tasks; task-- > 0;) {
    Encoder out(partials[task]);
    buffers[task].take(until, most, out);
    Decoder in(partials[task]);
    matured += in.varint();
    for (std::size_t left = in.count(); left > 0; --left) rows.emplace_back().decode(in);
    EXPECT_TRUE(in.ok() && in.at_end());
  }
  EXPECT_EQ(matured, source.rows.size());
  choose_rows(rows, most);
  std::vector<std::uint64_t> ids;
  for (const MatureRow& row : rows) ids.push_back(row.score_id);
  return ids;
}

TEST(RowBuffer, TheChoiceIsTheSameForAnyNumberOfTasks) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    for (const std::size_t most : {50u, 300u, 10'000u}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " most " << most);
      const Source source = random_source(seed, 2'000);
      const auto one = learnt(source, 1, most, 100);
      EXPECT_EQ(one.size(), std::min(most, source.rows.size()));
      for (const std::size_t tasks : {2u, 3u, 8u}) EXPECT_EQ(learnt(source, tasks, most, 100), one);
    }
  }
}

TEST(RowBuffer, KeepsWhatMaturesAfterTheEpoch) {
  RowBuffer buffer;
  for (const Millis at : {5, 10, 11})
    buffer.add({.mature_at = at, .customer = "c", .score_id = 1, .features = "f"}, 100);
  std::string bytes;
  Encoder out(bytes);
  buffer.take(10, 100, out);
  EXPECT_EQ(Decoder(bytes).varint(), 2u);
  EXPECT_EQ(buffer.size(), 1u);
}

TEST(RowBuffer, ForgetsAnErasedCustomer) {
  RowBuffer buffer;
  for (const char* customer : {"a", "b", "a"}) buffer.add({.customer = customer, .features = "f"}, 100);
  buffer.erase("a");
  EXPECT_EQ(buffer.size(), 1u);
  std::string bytes;
  Encoder out(bytes);
  buffer.encode(out);
  EXPECT_EQ(bytes.find('a'), std::string::npos);
}

TEST(Sampling, TakesTheShareThatTheRateSays) {
  for (const std::uint8_t shift : {0, 1, 3, 5}) {
    int chosen = 0;
    for (std::uint64_t i = 0; i < 64'000; ++i) chosen += is_chosen(mix(1, i), shift);
    EXPECT_NEAR(chosen, 64'000 >> shift, 4 * std::sqrt(64'000 >> shift)) << int{shift};
  }
}

TEST(LabelTimes, EqualAPlainList) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    LabelTimes times;
    std::vector<Millis> plain;
    for (int i = 0; i < 200; ++i) {
      const Millis at = static_cast<Millis>(random() % 50);
      if (random() % 3 != 0) {
        EXPECT_TRUE(times.add(at));
        plain.push_back(at);
      } else {
        times.remove(at);
        if (const auto found = std::find(plain.begin(), plain.end(), at); found != plain.end()) plain.erase(found);
      }
      const Millis after = static_cast<Millis>(random() % 50), until = after + static_cast<Millis>(random() % 20);
      EXPECT_EQ(times.any(after, until),
                std::any_of(plain.begin(), plain.end(), [&](Millis t) { return t > after && t <= until; }));
    }
    std::string bytes;
    Encoder out(bytes);
    times.encode(out);
    Decoder in(bytes);
    LabelTimes again;
    again.decode(in);
    EXPECT_TRUE(in.ok() && again == times);
    times.forget(25);
    EXPECT_FALSE(times.any(-1, 25));
    EXPECT_EQ(times.any(25, 50), again.any(25, 50));
  }
}

TEST(LabelTimes, AreBounded) {
  LabelTimes times;
  for (std::size_t i = 0; i < LabelTimes::kTimesMax; ++i) EXPECT_TRUE(times.add(static_cast<Millis>(i)));
  EXPECT_FALSE(times.add(5'000));
  EXPECT_EQ(times.size(), LabelTimes::kTimesMax);
  EXPECT_FALSE(times.any(-1, 0));
}

}  // namespace
}  // namespace nudge::scores
