// A task's part of segmentations over a restart: what it has not told the global part yet is stored in pieces, and who
// moves costs a commit what one customer is.
#include "operators/segments/keyed.h"

#include <gtest/gtest.h>

#include "operators/segments/section.h"
#include "tests/support/fake_customer.h"

namespace nudge::segments {

const OperatorSpec& spec();

namespace {

constexpr Column kForeign[] = {{"orders", ValueType::kInteger, "count"}, {"gross", ValueType::kReal, "currency"}};

Settings settings() {
  Settings settings;
  for (const std::uint32_t id : {9u, 3u}) {  // not in the order of their pieces
    Segmentation& each = settings.all.emplace_back();
    each.name = "s" + std::to_string(id);
    each.id = id;
    each.features = {{.column = {1, &kForeign[0]}, .transform = Transform::kLog1p},
                     {.column = {1, &kForeign[1]}, .transform = Transform::kLog1p}};
  }
  return settings;
}

struct Desk {
  testing::FakeCustomer customer{{&spec()}, kForeign};
  testing::JsonEvents events;
  std::unique_ptr<KeyedOperator> keyed = make_keyed(settings(), customer.columns());

  void order(std::int64_t orders) {
    customer.set("orders", orders);
    customer.set("gross", 10.0 * static_cast<double>(orders));
    customer.at(events(Topic::kPageViews, R"({"event_id":"1","event_time":1,"customer_id":"c1","action":"view"})"));
    keyed->apply(customer.event(), customer);
    keyed->settle(customer);
  }
};

TEST(KeyedSegments, KeepsItsTaskStateOverARestart) {
  Desk desk;
  testing::StoredPieces stored;
  for (std::int64_t orders = 1; orders < 2'000; ++orders) desk.order(orders);
  desk.keyed->write_task_pieces(stored);
  const std::size_t before = stored.bytes_put();
  desk.order(2'000);
  desk.keyed->write_task_pieces(stored);
  EXPECT_LT(stored.bytes_put() - before, 12'000u);

  std::string bytes;
  Encoder out(bytes);
  desk.keyed->encode_task(out);
  Desk again;
  Decoder in(bytes);
  again.keyed->decode_task(in);
  ASSERT_TRUE(in.ok() && in.at_end());
  for (const auto& [number, piece] : stored.pieces()) EXPECT_TRUE(again.keyed->read_task_piece(number, piece));
  const std::string partial = desk.keyed->partial(kDay);
  EXPECT_EQ(again.keyed->partial(kDay), partial);
  desk.keyed->write_task_pieces(stored);
  EXPECT_TRUE(stored.pieces().empty());
}

TEST(KeyedSegments, ForgetsWhatBelongsToNoSegmentationAnyMore) {
  Desk desk;
  testing::StoredPieces stored;
  stored.put(5, "what");
  stored.put((std::uint64_t{5} << 32) + 1, "ever");
  stored.put((std::uint64_t{12} << 32) + 1, "it was");
  const auto pieces = stored.pieces();
  for (const auto& [number, piece] : pieces) EXPECT_TRUE(desk.keyed->read_task_piece(number, piece));
  desk.order(1);
  desk.keyed->write_task_pieces(stored);
  EXPECT_EQ(stored.pieces().size(), 2u);
}

}  // namespace
}  // namespace nudge::segments
