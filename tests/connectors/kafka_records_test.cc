// The buffer between fetching and reading: what is taken is what was pushed, however it is cut.
#include "connectors/kafka/record_buffer.h"

#include <gtest/gtest.h>

#include <random>

#include "connectors/record_headers.h"

namespace nudge::connectors::kafka {
namespace {

void add(RawBatch& batch, std::uint64_t offset, const std::string& key, const std::string& value) {
  RawBatch::Line line{};
  const auto here = [&] { return static_cast<std::uint32_t>(batch.bytes.size()); };
  line.offset = offset;
  line.has_key = true;
  line.key_begin = here();
  batch.bytes += key;
  line.key_size = here() - line.key_begin;
  line.begin = line.json_begin = here();
  batch.bytes += value;
  line.size = line.json_size = here() - line.begin;
  line.headers_begin = here();
  append_header(batch.bytes, "h", key);
  line.headers_size = here() - line.headers_begin;
  batch.lines.push_back(line);
}

TEST(RecordBuffer, GivesBackWhatItTookHoweverItIsCut) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    RecordBuffer buffer;
    std::uint64_t pushed = 0, taken = 0;
    while (taken < 3000) {
      if (random() % 2 == 0) {
        RawBatch chunk;
        for (std::size_t left = random() % 50; left > 0; --left, ++pushed)
          add(chunk, pushed, "k" + std::to_string(pushed), std::string(random() % 9000, 'v'));
        buffer.push(std::move(chunk));
        continue;
      }
      RawBatch batch;
      const std::size_t records_max = 1 + random() % 70, bytes_max = random() % 100'000;
      ASSERT_EQ(buffer.empty(), taken == pushed);
      if (buffer.empty()) continue;
      const std::size_t before = buffer.bytes();
      buffer.take(batch, records_max, bytes_max);
      ASSERT_LE(buffer.bytes(), before);
      ASSERT_FALSE(batch.lines.empty());
      ASSERT_LE(batch.lines.size(), records_max);
      ASSERT_TRUE(batch.lines.size() == 1 || batch.bytes.size() <= bytes_max);
      for (const RawBatch::Line& line : batch.lines) {
        ASSERT_EQ(line.offset, taken);
        const std::string key = "k" + std::to_string(taken++);
        ASSERT_EQ(batch.key(line), key);
        ASSERT_TRUE(batch.raw(line).find_first_not_of('v') == std::string_view::npos);
        std::string_view headers = batch.headers(line), name, value;
        ASSERT_TRUE(next_header(headers, name, value));
        ASSERT_EQ(value, key);
        ASSERT_FALSE(next_header(headers, name, value));
      }
    }
    RawBatch rest;
    while (!buffer.empty()) buffer.take(rest, 1000, 1 << 30);
    EXPECT_EQ(buffer.bytes(), 0u);
  }
}

}  // namespace
}  // namespace nudge::connectors::kafka
