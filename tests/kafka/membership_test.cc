// Members of one group on a real broker: who leads, who owns what when members come and go, and that a generation that
// has passed commits nothing.
#include "connectors/kafka/membership.h"

#include <gmock/gmock.h>

#include <functional>

#include "connectors/kafka/topics.h"
#include "tests/kafka/broker.h"

namespace nudge::connectors::kafka {
namespace {

constexpr Milliseconds kTimeout(20'000);

class MembershipTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto admin = Admin::make(Broker::shared().settings());
    const std::vector<TopicSettings> topics = {{members_topic(name_), 1, -1, {}},
                                               {assignment_topic(name_), 1, -1, {{"cleanup.policy", "compact"}}}};
    ASSERT_TRUE((*admin)->create(topics));
  }
  Settings settings() const { return Settings::plain(Broker::shared().bootstrap(), name_); }
  std::unique_ptr<Membership> join(const std::string& instance) const {
    auto membership = Membership::join(
        settings(), {.instance = instance, .tasks = 4, .standbys = 1, .session_timeout = Milliseconds(6000)});
    EXPECT_TRUE(membership) << (membership ? "" : membership.status().message());
    return std::move(membership).value();
  }
  static std::string owners(const Assignment& assignment) {
    std::string text;
    for (const TaskPlacement& task : assignment.tasks) text += task.owner;
    return text;
  }
  static testing::AssertionResult comes(const Membership& membership,
                                        const std::function<bool(const Membership::View&)>& wanted) {
    const auto until = std::chrono::steady_clock::now() + kTimeout;
    for (;;) {
      const Membership::View view = membership.view();
      if (view.failure && wanted(view)) return testing::AssertionSuccess();
      if (std::chrono::steady_clock::now() > until)
        return testing::AssertionFailure() << encode(view.assignment) << " joined " << view.joined << " leads "
                                           << view.leads << (view.failure ? "" : view.failure.message());
      (void)membership.wait_for_change(view.version, Milliseconds(500));
    }
  }

  const std::string name_ = Broker::unique("app");
};

TEST_F(MembershipTest, TasksFollowWhoeverComesAndGoes) {
  auto a = join("a");
  ASSERT_TRUE(comes(*a, [](const auto& view) { return view.is_current() && owners(view.assignment) == "aaaa"; }));
  EXPECT_TRUE(a->view().leads);
  auto b = join("b");
  const auto shared = [](const Membership::View& view) {
    const std::string text = owners(view.assignment);
    return view.is_current() && std::ranges::count(text, 'a') == 2 && std::ranges::count(text, 'b') == 2;
  };
  ASSERT_TRUE(comes(*a, shared));
  ASSERT_TRUE(comes(*b, shared));
  EXPECT_NE(a->view().leads, b->view().leads);
  const Assignment before = b->view().assignment;
  EXPECT_THAT(before.tasks[0].standbys, testing::SizeIs(1));
  a.reset();
  ASSERT_TRUE(comes(*b, [](const auto& view) { return view.is_current() && owners(view.assignment) == "bbbb"; }));
  EXPECT_TRUE(b->view().leads);
  EXPECT_GT(b->view().assignment.generation, before.generation);
  // A new life of the same instance gets the same share, under another member id.
  a = join("a");
  ASSERT_TRUE(comes(*a, shared));
}

TEST_F(MembershipTest, AGenerationThatHasPassedCommitsNothing) {
  Broker& broker = Broker::shared();
  const std::string output = broker.topic("output", 1), input = broker.topic("input", 1);
  const auto a = join("a");
  ASSERT_TRUE(comes(*a, [](const auto& view) { return view.is_current(); }));
  const Membership::View old = a->view();
  const auto producer = Producer::make(settings(), {.transactional_id = name_ + ".a.0"});
  ASSERT_TRUE((*producer)->initialise(kTimeout));
  const auto commit = [&](const std::string& value, const GroupMetadata& group) {
    EXPECT_TRUE((*producer)->begin());
    EXPECT_TRUE((*producer)->send((*producer)->topic(output), {.key = "k", .value = value}));
    const CommittedOffset offset{{input, 0}, static_cast<std::int64_t>(value.size())};
    Outcome outcome = (*producer)->send_offsets({&offset, 1}, group, kTimeout);
    if (outcome) outcome = (*producer)->commit(kTimeout);
    EXPECT_TRUE(outcome || (*producer)->abort(kTimeout));
    return outcome;
  };
  const Outcome first = commit("1", old.group);
  ASSERT_TRUE(first) << first.message();
  const auto b = join("b");
  ASSERT_TRUE(comes(*a, [&](const auto& view) {
    return view.is_current() && view.assignment.generation > old.assignment.generation;
  }));
  const Outcome stale = commit("22", old.group);
  EXPECT_EQ(stale.verdict(), Verdict::kStaleGeneration) << stale.message();
  const Outcome fresh = commit("333", a->view().group);
  ASSERT_TRUE(fresh) << fresh.message();
  EXPECT_THAT(committed_records(output), testing::ElementsAre("k=1", "k=333"));
  const auto admin = Admin::make(broker.settings());
  const TopicPartition place{input, 0};
  EXPECT_EQ((*(*admin)->committed(members_topic(name_), {&place, 1}))[0], 3);
}

TEST(KafkaMembership, AnAssignmentReadsBackAsItWasWritten) {
  const Assignment written{7, {{"a", "a-1"}, {"b", "b-2"}}, {{"a", {"b"}}, {"b", {}}}, {{"a.5", "b.6"}, {}}};
  const auto read = decode_assignment(encode(written));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->generation, 7);
  EXPECT_EQ(read->members, written.members);
  EXPECT_EQ(read->tasks, written.tasks);
  EXPECT_EQ(read->earlier_writers, written.earlier_writers);
  EXPECT_FALSE(decode_assignment("{}"));
  EXPECT_EQ(decode_assignment("nonsense").status().message(), "is no assignment: it is no JSON");
}

}  // namespace
}  // namespace nudge::connectors::kafka
