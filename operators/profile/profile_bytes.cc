// Profile: version 1 of its bytes is
//   zigzag event_time · byte mask of the texts that are known · those texts · zigzag birth_year and zigzag joined_at,
//   each behind a byte 0 or 1 · varint number of consents · those: byte channel, byte status, varint at.
#include <algorithm>
#include <vector>

#include "engine/json_writer.h"
#include "operators/profile/state.h"

namespace nudge::profile {
namespace {

namespace customers = field::customers;

struct TextField {
  Field field;
  std::size_t bytes_max;
};
// In the order of Text, but for the identities.
constexpr TextField kTextFields[] = {
    {customers::kGender, kTextBytesMax},  {customers::kAgeBand, kTextBytesMax},
    {customers::kCity, kTextBytesMax},    {customers::kCitySize, kTextBytesMax},
    {customers::kCountry, kTextBytesMax}, {customers::kAttributes, kAttributesBytesMax},
};

// The members of the JSON object of identities.
std::string identities_of(const Event& event, std::size_t& trimmed) {
  std::vector<Identity> newest;
  auto identities = event.identities(customers::kIdentities);
  for (Identity identity; identities.next(identity);) {
    if (identity.type == "customer_id") continue;
    const auto same =
        std::find_if(newest.begin(), newest.end(), [&](const Identity& held) { return held.type == identity.type; });
    if (same == newest.end())
      newest.push_back(identity);
    else
      same->value = identity.value;
  }
  std::string json;
  for (const Identity& identity : newest) {
    const std::size_t before = json.size();
    if (before > 0) json.push_back(',');
    JsonWriter(json).text(identity.type);
    json.push_back(':');
    JsonWriter(json).text(identity.value);
    if (json.size() <= kIdentitiesBytesMax) continue;
    json.resize(before);
    ++trimmed;
  }
  return json;
}

std::vector<Consent> consents_of(const Event& event, std::size_t& trimmed) {
  std::vector<Consent> all, kept;
  auto consents = event.consents(customers::kConsents);
  for (Consent consent; consents.next(consent);) {
    if (!consent.at) consent.at = event.time();
    all.push_back(consent);
  }
  std::stable_sort(all.begin(), all.end(), [](const Consent& a, const Consent& b) {
    return a.channel != b.channel ? a.channel < b.channel : *a.at < *b.at;
  });
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool newest =
        i + kConsentsPerChannelMax >= all.size() || all[i + kConsentsPerChannelMax].channel != all[i].channel;
    if (newest)
      kept.push_back(all[i]);
    else
      ++trimmed;
  }
  return kept;
}

}  // namespace

Profile::Profile(const Event& event, std::size_t& trimmed) {
  Encoder out(bytes_);
  out.zigzag(event.time());
  std::array<std::string_view, kTextCount> texts;
  for (std::size_t i = 0; i < std::size(kTextFields); ++i) {
    texts[i] = event.text(kTextFields[i].field);
    if (texts[i].size() <= kTextFields[i].bytes_max) continue;
    texts[i] = {};
    ++trimmed;
  }
  const std::string identities = identities_of(event, trimmed);
  texts[static_cast<std::size_t>(Text::kIdentities)] = identities;
  std::uint8_t mask = 0;
  for (std::size_t i = 0; i < kTextCount; ++i)
    if (!texts[i].empty()) mask |= static_cast<std::uint8_t>(1u << i);
  out.byte(mask);
  for (const std::string_view text : texts)
    if (!text.empty()) out.text(text);
  for (const auto number : {event.number(customers::kBirthYear), event.number(customers::kJoinedAt)}) {
    out.boolean(number.has_value());
    if (number) out.zigzag(*number);
  }
  const std::vector<Consent> consents = consents_of(event, trimmed);
  out.varint(consents.size());
  for (const Consent& consent : consents) {
    out.byte(static_cast<std::uint8_t>(consent.channel));
    out.byte(static_cast<std::uint8_t>(consent.status));
    out.varint(static_cast<std::uint64_t>(*consent.at));
  }
  NUDGE_CHECK(parse(), "a profile reads what it wrote");
}

std::unique_ptr<Profile> Profile::decode(std::string_view bytes) {
  auto profile = std::make_unique<Profile>();
  profile->bytes_ = bytes;
  return profile->parse() ? std::move(profile) : nullptr;
}

bool Profile::parse() {
  Decoder in(bytes_);
  const auto is_time = [](std::int64_t time) { return time >= 0 && time <= kLastTime; };
  time_ = in.zigzag();
  const std::uint8_t mask = in.byte();
  for (std::size_t i = 0; i < kTextCount; ++i) {
    if ((mask & (1u << i)) == 0) continue;
    texts_[i] = in.text();
    if (texts_[i].empty()) return false;
  }
  if (in.boolean()) birth_year_ = in.zigzag();
  if (in.boolean()) {
    joined_at_ = in.zigzag();
    if (!is_time(*joined_at_)) return false;
    write_time(*joined_at_, joined_at_text_.data());
  }
  consents_.resize(in.count(3));
  for (Consent& consent : consents_) {
    const std::uint8_t channel = in.byte(), status = in.byte();
    const auto at = static_cast<Millis>(in.varint());
    if (channel >= kChannelCount || status > static_cast<std::uint8_t>(ConsentStatus::kRevoked) || !is_time(at))
      return false;
    consent = {static_cast<Channel>(channel), static_cast<ConsentStatus>(status), at};
  }
  return in.ok() && in.at_end() && mask < (1u << kTextCount) && is_time(time_);
}

}  // namespace nudge::profile
