// What operators tell each other within a pass, and what they leave for the next.
#include <gtest/gtest.h>

#include "engine/operator.h"

namespace nudge {
namespace {

struct Told {
  static constexpr std::string_view kName = "told";
  int what = 0;
};
struct Asked {
  static constexpr std::string_view kName = "asked";
};

TEST(SignalBoard, LaterIsTheNextPass) {
  SignalBoard board;
  EXPECT_FALSE(board.turn());
  board.of<Told>().push_back({1});
  board.later<Told>().push_back({2});
  board.of<Asked>().push_back({});
  ASSERT_EQ(board.of<Told>().size(), 1u);
  EXPECT_EQ(board.of<Told>()[0].what, 1);
  EXPECT_TRUE(board.turn());
  ASSERT_EQ(board.of<Told>().size(), 1u);
  EXPECT_EQ(board.of<Told>()[0].what, 2);
  EXPECT_TRUE(board.of<Asked>().empty());
  EXPECT_FALSE(board.turn());
  EXPECT_TRUE(board.of<Told>().empty());
}

TEST(SignalBoard, ClearForgetsWhatWasLeftForLater) {
  SignalBoard board;
  board.later<Told>().push_back({1});
  board.clear();
  EXPECT_FALSE(board.turn());
  EXPECT_TRUE(board.of<Told>().empty());
}

}  // namespace
}  // namespace nudge
