// What a session needs to know of one page view.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "engine/event.h"

namespace nudge::sessions {

inline constexpr std::size_t kPageActions = 11;

// Where a visit came from, by the referrer's host and the landing page's marks.
enum class Referrer : std::uint8_t { kUnknown, kInternal, kSearch, kSocial, kMail, kCampaign, kOther };
std::string_view name_of(Referrer referrer);  // empty for kUnknown
Referrer referrer_of(std::string_view referrer, std::string_view url);

// Number of a text in the customer's word list; 0: unknown.
using Word = std::uint8_t;

struct Touch {
  Millis at = 0;
  std::uint64_t key = 0;      // hash of the session_id, else of the visitor; 0 where the record has neither
  Micro price = -1;           // −1: unknown
  std::uint32_t product = 0;  // hash; 0: unknown
  bool named = false;         // the key is a session_id's
  PageAction action = PageAction::kView;
  Word device = 0, region = 0;
  Referrer referrer = Referrer::kUnknown;
  auto operator<=>(const Touch&) const = default;
};

// A page view as it came: its touch without the words, and the texts, borrowed from the event.
struct PageView {
  Touch touch;
  std::string_view session_id, device, region;
};
PageView page_view_of(const Event& event);

}  // namespace nudge::sessions
