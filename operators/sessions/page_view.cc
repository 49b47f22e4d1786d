#include "operators/sessions/page_view.h"

#include <algorithm>
#include <array>

#include "engine/hash.h"

namespace nudge::sessions {
namespace {

namespace page_views = field::page_views;

constexpr std::uint64_t kVisitorSeed = 1, kProductSeed = 2;

constexpr std::array<std::string_view, 10> kSearchHosts = {"google", "bing",   "duckduckgo", "yahoo",     "yandex",
                                                           "baidu",  "ecosia", "qwant",      "startpage", "seznam"};
constexpr std::array<std::string_view, 11> kSocialHosts = {
    "facebook", "instagram", "twitter", "x", "tiktok", "pinterest", "linkedin", "reddit", "youtube", "snapchat", "t"};
constexpr std::array<std::string_view, 4> kMailHosts = {"mail", "outlook", "webmail", "gmail"};

// shop.example of https://shop.example:443/path; empty where there is no host.
std::string_view host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/:?#"));
}

template <std::size_t N>
bool has_label(std::string_view host, const std::array<std::string_view, N>& labels) {
  while (!host.empty()) {
    const std::size_t end = std::min(host.find('.'), host.size());
    if (std::find(labels.begin(), labels.end(), host.substr(0, end)) != labels.end()) return true;
    host.remove_prefix(std::min(end + 1, host.size()));
  }
  return false;
}

// Whether the landing page carries the mark of a campaign. Each mark ends in one of two characters that most addresses
// have none of.
bool is_marked(std::string_view url) {
  if (url.find('_') == std::string_view::npos && url.find('=') == std::string_view::npos) return false;
  for (const std::string_view mark : {"utm_", "gclid=", "fbclid="})
    if (url.find(mark) != std::string_view::npos) return true;
  return false;
}

}  // namespace

std::string_view name_of(Referrer referrer) {
  constexpr std::string_view kNames[] = {"", "internal", "search", "social", "mail", "campaign", "other"};
  return kNames[static_cast<std::size_t>(referrer)];
}

Referrer referrer_of(std::string_view referrer, std::string_view url) {
  if (is_marked(url)) return Referrer::kCampaign;
  if (referrer.empty()) return Referrer::kUnknown;
  const std::string_view host = host_of(referrer);
  if (host.empty() || host == host_of(url)) return Referrer::kInternal;
  if (has_label(host, kMailHosts)) return Referrer::kMail;
  if (has_label(host, kSearchHosts)) return Referrer::kSearch;
  if (has_label(host, kSocialHosts)) return Referrer::kSocial;
  return Referrer::kOther;
}

PageView page_view_of(const Event& event) {
  const EventFields fields(event);
  PageView view;
  Touch& touch = view.touch;
  touch.at = event.time();
  view.session_id = fields.text(page_views::kSessionId);
  touch.named = !view.session_id.empty();
  if (touch.named) {
    touch.key = hash64(view.session_id);
  } else if (const std::string_view visitor = fields.text(field::kVisitorId); !visitor.empty()) {
    touch.key = hash64(visitor, kVisitorSeed);
  }
  touch.action = fields.choice(page_views::kAction, PageAction::kView);
  if (const std::string_view product = fields.text(page_views::kProductId); !product.empty())
    touch.product = static_cast<std::uint32_t>(hash64(product, kProductSeed)) | 1;
  touch.price = fields.number(page_views::kPrice).value_or(-1);
  touch.referrer = referrer_of(fields.text(page_views::kReferrer), fields.text(page_views::kUrl));
  view.device = fields.text(page_views::kDevice);
  view.region = fields.text(page_views::kRegion);
  return view;
}

}  // namespace nudge::sessions
