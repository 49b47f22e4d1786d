// SessionsSection against a sessioniser that passes over all events at once.
#include "operators/sessions/section.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace nudge::sessions {
namespace {

constexpr Millis kGap = 100;
constexpr std::string_view kNames[] = {"s1", "s2", "s3"};
constexpr std::string_view kDevices[] = {"", "phone", "desktop"};

struct View {
  Millis at = 0;
  int name = -1;  // index into kNames; −1: by visitor
  int visitor = 0;
  PageAction action = PageAction::kView;
  std::uint32_t product = 0;
  int device = 0;
};

PageView page_view(const View& view) {
  PageView made;
  made.touch.at = view.at;
  made.touch.named = view.name >= 0;
  made.touch.key = static_cast<std::uint64_t>(view.name >= 0 ? 100 + view.name : 200 + view.visitor);
  made.touch.action = view.action;
  made.touch.product = view.product;
  if (view.name >= 0) made.session_id = kNames[view.name];
  made.device = kDevices[view.device];
  return made;
}

// What a session must be, whatever its id.
struct Expected {
  std::uint64_t key = 0;
  Millis first = 0, last = 0, last_view = 0;
  std::uint32_t sales = 0, waiting = 0;
  std::array<std::uint32_t, kPageActions> actions = {};
  auto operator<=>(const Expected&) const = default;
};

std::vector<Expected> sessions_of(std::vector<View> views, std::vector<Millis> sales) {
  std::stable_sort(views.begin(), views.end(), [](const View& a, const View& b) { return a.at < b.at; });
  std::sort(sales.begin(), sales.end());
  std::vector<Expected> sessions;
  const auto sell = [&](Millis at) {
    for (Expected& session : sessions)
      if (at - session.last < kGap) {
        ++session.sales;
        session.last = at;
      } else {
        ++session.waiting;
      }
  };
  std::size_t sold = 0;
  for (const View& view : views) {
    while (sold < sales.size() && sales[sold] < view.at) sell(sales[sold++]);
    const Touch touch = page_view(view).touch;
    const auto found = std::find_if(sessions.rbegin(), sessions.rend(), [&](const Expected& session) {
      return session.key == touch.key && (touch.named || view.at - session.last < kGap);
    });
    auto place = static_cast<std::size_t>(found.base() - sessions.begin());
    if (found == sessions.rend()) {
      sessions.push_back({touch.key, view.at});
      place = sessions.size();
    }
    Expected& session = sessions[place - 1];
    session.last = session.last_view = view.at;
    session.sales += std::exchange(session.waiting, 0u);
    ++session.actions[static_cast<std::size_t>(view.action)];
  }
  while (sold < sales.size()) sell(sales[sold++]);
  for (Expected& session : sessions) session.waiting = 0;
  std::sort(sessions.begin(), sessions.end());
  return sessions;
}

std::vector<Expected> found_in(const SessionsSection& section) {
  std::vector<Expected> sessions;
  for (const SessionsSection::Visits* visits : {&section.open(), &section.ended()})
    for (const Visit& visit : *visits)
      sessions.push_back({visit.key, visit.first, visit.last, visit.last_view, visit.sales, 0, visit.actions});
  std::sort(sessions.begin(), sessions.end());
  return sessions;
}

void expect_equal(const std::vector<Expected>& found, const std::vector<Expected>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(found[i].key, expected[i].key);
    EXPECT_EQ(found[i].first, expected[i].first);
    EXPECT_EQ(found[i].last, expected[i].last);
    EXPECT_EQ(found[i].last_view, expected[i].last_view);
    EXPECT_EQ(found[i].sales, expected[i].sales);
    EXPECT_EQ(found[i].actions, expected[i].actions);
  }
}

View random_view(std::mt19937_64& random, Millis at) {
  return {at,
          static_cast<int>(random() % 5) - 2 < 0 ? -1 : static_cast<int>(random() % 3),
          static_cast<int>(random() % 2),
          static_cast<PageAction>(random() % kPageActions),
          static_cast<std::uint32_t>(random() % 4),
          static_cast<int>(random() % 3)};
}

std::string bytes_of(const SessionsSection& section) {
  std::string bytes;
  Encoder encoder(bytes);
  section.encode(encoder);
  return bytes;
}

SessionsSection& as_sessions(const std::unique_ptr<Section>& section) {
  return static_cast<SessionsSection&>(*section);
}

TEST(SessionsSection, CutsHandWorkedEvents) {
  const struct {
    const char* name;
    std::vector<View> views;
    std::vector<Millis> sales;
    std::vector<std::pair<Millis, Millis>> spans;
    std::vector<std::uint32_t> sales_in;
  } rows[] = {
      {"a silence of the gap ends a visitor's session", {{0}, {99}, {199}}, {}, {{0, 99}, {199, 199}}, {0, 0}},
      {"a session_id holds together whatever the time", {{0, 0}, {5'000, 0}}, {}, {{0, 5'000}}, {0}},
      {"two visitors have two sessions", {{0, -1, 0}, {1, -1, 1}}, {}, {{0, 0}, {1, 1}}, {0, 0}},
      {"a sale extends the session", {{0}, {150}}, {90}, {{0, 150}}, {1}},
      {"a sale after the gap belongs to none", {{0}}, {100}, {{0, 0}}, {0}},
      {"sales extend one after the other", {{0}}, {99, 198, 297, 397}, {{0, 297}}, {3}},
      {"a sale before belongs to none", {{10}}, {9}, {{10, 10}}, {0}},
      {"a sale at the page view's time belongs to it", {{10}}, {10}, {{10, 10}}, {1}},
      {"a sale between distant page views of a session_id lies in it", {{0, 0}, {1'000, 0}}, {500}, {{0, 1'000}}, {1}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    SessionsSection section;
    for (const Millis sale : row.sales) section.apply_sale(sale, {kGap, -1});
    for (const View& view : row.views) section.apply(page_view(view), {kGap, -1});
    auto found = found_in(section);
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    ASSERT_EQ(found.size(), row.spans.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].first, row.spans[i].first);
      EXPECT_EQ(found[i].last, row.spans[i].second);
      EXPECT_EQ(found[i].sales, row.sales_in[i]);
    }
  }
}

TEST(SessionsSection, AnyAppliesAndRetractsOfOpenSessionsEqualOnePass) {
  const Clock clock{kGap, -1};
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::unique_ptr<Section> owned = std::make_unique<SessionsSection>();
    std::vector<View> views;
    std::vector<Millis> sales;
    Millis newest = 0;
    for (int step = 0; step < 60; ++step) {
      SessionsSection& section = as_sessions(owned);
      const Millis at =
          random() % 2 ? (newest += static_cast<Millis>(random() % 80)) : static_cast<Millis>(random() % 2'000);
      switch (random() % 6) {
        case 0:
          sales.push_back(at);
          section.apply_sale(at, clock);
          break;
        case 1:
          if (views.empty()) break;
          std::swap(views[random() % views.size()], views.back());
          section.retract(page_view(views.back()), clock);
          views.pop_back();
          break;
        case 2:
          if (sales.empty() || random() % 2) break;
          std::swap(sales[random() % sales.size()], sales.back());
          section.retract_sale(sales.back(), clock);
          sales.pop_back();
          break;
        default:
          views.push_back(random_view(random, at));
          section.apply(page_view(views.back()), clock);
      }
      ASSERT_EQ(section.page_views(), views.size());
      expect_equal(found_in(section), sessions_of(views, sales));
      if (HasFatalFailure()) return;
      if (random() % 5 == 0) {
        const std::string bytes = bytes_of(section);
        const SessionsSection::Visits open = section.open();
        owned = SessionsSection::decode(SessionsSection::kVersion, bytes);
        ASSERT_NE(owned, nullptr);
        EXPECT_EQ(bytes_of(as_sessions(owned)), bytes);
        for (const Visit& visit : open) {
          const auto& again = as_sessions(owned).open();
          EXPECT_NE(std::find(again.begin(), again.end(), visit), again.end());
        }
      }
    }
  }
}

TEST(SessionsSection, SessionsThatEndAsTimePassesEqualOnePass) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    SessionsSection section;
    std::vector<View> views;
    std::vector<Millis> sales;
    Millis time = 50;
    for (int step = 0; step < 80; ++step) {
      time += static_cast<Millis>(random() % 4 ? random() % 40 : random() % 150);
      const Clock clock{kGap, time - 50};
      section.end_silent(clock);
      const Millis at = time - static_cast<Millis>(random() % 50);
      if (random() % 5 == 0) {
        sales.push_back(at);
        section.apply_sale(at, clock);
      } else {
        views.push_back(random_view(random, at));
        section.apply(page_view(views.back()), clock);
      }
    }
    expect_equal(found_in(section), sessions_of(views, sales));
    if (HasFatalFailure()) return;
    section.end_silent({kGap, time + kGap});
    EXPECT_TRUE(section.open().empty());
    expect_equal(found_in(section), sessions_of(views, sales));
    for (const View& view : views) section.retract(page_view(view), {kGap, time + kGap});
    EXPECT_EQ(section.page_views(), 0u);
    EXPECT_TRUE(section.ended().empty());
  }
}

TEST(SessionsSection, EventsOfLongAgoFormEndedSessions) {
  const Clock late{kGap, 1'000'000};
  SessionsSection section;
  section.apply_sale(130, late);
  for (const Millis at : {0, 60, 500}) section.apply(page_view({at}), late);
  EXPECT_TRUE(section.open().empty());
  expect_equal(found_in(section), sessions_of({{0}, {60}, {500}}, {130}));
}

TEST(SessionsSection, KeepsItsNameWhenALateEventMovesItsStart) {
  const Clock clock{kGap, -1};
  SessionsSection section;
  section.apply(page_view({50}), clock);
  const std::uint64_t id = section.open().front().id;
  section.apply(page_view({20}), clock);
  EXPECT_EQ(section.open().front().id, id);
  EXPECT_EQ(section.open().front().first, 20);

  section.apply(page_view({200}), clock);
  ASSERT_EQ(section.open().size(), 2u);
  const std::uint64_t second = section.open().back().id;
  section.apply(page_view({120}), clock);
  ASSERT_EQ(section.open().size(), 1u) << "a late event joins the two";
  EXPECT_EQ(section.open().front().id, id);
  const auto endings = section.take_endings();
  ASSERT_EQ(endings.size(), 1u);
  EXPECT_EQ(endings.front().session, second);
}

TEST(SessionsSection, ASessionIdThatReturnsGoesOn) {
  SessionsSection section;
  section.apply(page_view({0, 0, 0, PageAction::kCartAdd}), {kGap, 0});
  section.end_silent({kGap, 100});
  ASSERT_EQ(section.take_endings().size(), 1u);
  section.apply(page_view({5'000, 0, 0, PageAction::kCheckout}), {kGap, 4'990});
  ASSERT_EQ(section.open().size(), 1u);
  EXPECT_TRUE(section.ended().empty());
  EXPECT_EQ(section.open().front().first, 0);
  EXPECT_EQ(section.open().front().count(PageAction::kCartAdd), 1u);
  EXPECT_EQ(section.session_id_of(section.open().front()), "s1");
}

TEST(SessionsSection, StaysWithinItsLimits) {
  SessionsSection section;
  std::mt19937_64 random(1);
  std::vector<std::string> ids;
  for (int i = 0; i < 3'000; ++i) ids.push_back(std::string(700, 'x') + std::to_string(i));
  Millis at = 0;
  for (int i = 0; i < 30'000; ++i) {
    PageView view = page_view(random_view(random, at += static_cast<Millis>(random() % 50)));
    const std::string device = std::string(200, 'd') + std::to_string(i);
    view.device = device;
    if (i % 2) {
      view.session_id = ids[static_cast<std::size_t>(i) / 10];
      view.touch.named = true;
      view.touch.key = 1'000 + static_cast<std::uint64_t>(i) / 10;
    }
    const Clock clock{1'000'000'000, at - 50};
    section.apply(view, clock);
    if (i % 20 == 0) section.apply_sale(at, clock);
  }
  EXPECT_LE(section.open().size(), SessionsSection::kOpenMax);
  EXPECT_LE(section.ended().size(), SessionsSection::kEndedMax);
  EXPECT_GT(section.take_trimmed(), 0u);
  EXPECT_EQ(section.page_views(), 30'000u);
  const std::string bytes = bytes_of(section);
  EXPECT_LT(bytes.size(), std::size_t{256} << 10);
  const auto decoded = SessionsSection::decode(SessionsSection::kVersion, bytes);
  ASSERT_NE(decoded, nullptr);
  EXPECT_EQ(bytes_of(as_sessions(decoded)), bytes);
}

TEST(SessionsSection, RefusesBytesThatItNeverWrote) {
  SessionsSection section;
  std::mt19937_64 random(5);
  for (Millis at = 0; at < 1'000; at += 70) {
    section.apply(page_view(random_view(random, at)), {kGap, at - 50});
    section.end_silent({kGap, at - 50});
    if (at % 3 == 0) section.apply_sale(at, {kGap, at - 50});
  }
  const std::string bytes = bytes_of(section);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(SessionsSection::decode(SessionsSection::kVersion, std::string_view(bytes).substr(0, size)), nullptr)
        << size;
  for (unsigned seed = 1; seed <= 3'000; ++seed) {
    std::mt19937_64 noise(seed);
    std::string damaged = bytes;
    damaged[noise() % damaged.size()] ^= static_cast<char>(1 + noise() % 255);
    SessionsSection::decode(SessionsSection::kVersion, damaged);  // any answer but no harm
  }
}

}  // namespace
}  // namespace nudge::sessions
