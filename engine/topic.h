// The six input topics of the contract, in the order that breaks ties between records.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nudge {

enum class Topic : std::uint8_t { kTransactions, kPageViews, kCampaignEvents, kProducts, kCustomers, kCare };

inline constexpr std::size_t kTopicCount = 6;
inline constexpr std::array<std::string_view, kTopicCount> kTopicNames = {
    "transactions", "page_views", "campaign_events", "products", "customers", "care"};

constexpr std::string_view name_of(Topic topic) { return kTopicNames[static_cast<std::size_t>(topic)]; }

constexpr std::optional<Topic> topic_named(std::string_view name) {
  for (std::size_t i = 0; i < kTopicCount; ++i)
    if (kTopicNames[i] == name) return static_cast<Topic>(i);
  return std::nullopt;
}

}  // namespace nudge
