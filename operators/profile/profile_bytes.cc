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
std::string identities_of(const EventFields& fields, std::size_t& trimmed) {
  std::vector<Identity> newest;
  ItemReader<Identity> identities(fields.text(customers::kIdentities));
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

std::vector<Consent> consents_of(const EventFields& fields, Millis time, std::size_t& trimmed) {
  std::vector<Consent> all, kept;
  ItemReader<Consent> consents(fields.text(customers::kConsents));
  all.reserve(consents.left());
  for (Consent consent; consents.next(consent);) {
    if (!consent.at) consent.at = time;
    all.push_back(consent);
  }
  const auto before = [](const Consent& a, const Consent& b) {
    return a.channel != b.channel ? a.channel < b.channel : *a.at < *b.at;
  };
  if (!std::is_sorted(all.begin(), all.end(), before)) std::stable_sort(all.begin(), all.end(), before);
  if (all.size() <= kConsentsPerChannelMax) return all;
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
  const EventFields fields(event);
  std::string bytes;
  bytes.reserve(event.bytes().size());
  Encoder out(bytes);
  out.zigzag(event.time());
  std::array<std::string_view, kTextCount> texts;
  for (std::size_t i = 0; i < std::size(kTextFields); ++i) {
    texts[i] = fields.text(kTextFields[i].field);
    if (texts[i].size() <= kTextFields[i].bytes_max) continue;
    texts[i] = {};
    ++trimmed;
  }
  const std::string identities = identities_of(fields, trimmed);
  texts[static_cast<std::size_t>(Text::kIdentities)] = identities;
  std::uint8_t mask = 0;
  for (std::size_t i = 0; i < kTextCount; ++i)
    if (!texts[i].empty()) mask |= static_cast<std::uint8_t>(1u << i);
  out.byte(mask);
  for (const std::string_view text : texts)
    if (!text.empty()) out.text(text);
  for (const auto number : {fields.number(customers::kBirthYear), fields.number(customers::kJoinedAt)}) {
    out.boolean(number.has_value());
    if (number) out.zigzag(*number);
  }
  const std::vector<Consent> consents = consents_of(fields, event.time(), trimmed);
  out.varint(consents.size());
  for (const Consent& consent : consents) {
    out.byte(static_cast<std::uint8_t>(consent.channel));
    out.byte(static_cast<std::uint8_t>(consent.status));
    out.varint(static_cast<std::uint64_t>(*consent.at));
  }
  bytes_.assign(bytes.begin(), bytes.end());
  NUDGE_CHECK(parse(), "a profile reads what it wrote");
}

std::optional<Profile> Profile::decode(std::string_view bytes) {
  Profile profile;
  profile.bytes_.assign(bytes.begin(), bytes.end());
  if (!profile.parse()) return std::nullopt;
  return profile;
}

Profile::Numbers Profile::numbers(Decoder& in) {
  Numbers numbers;
  if (in.boolean()) numbers.birth_year = in.zigzag();
  if (in.boolean()) numbers.joined_at = in.zigzag();
  return numbers;
}

bool Profile::parse() {
  Decoder in(bytes());
  const auto place = [&] { return static_cast<std::uint32_t>(bytes_.size() - in.rest().size()); };
  const auto is_time = [](std::int64_t time) { return time >= 0 && time <= kLastTime; };
  time_ = in.zigzag();
  const std::uint8_t mask = in.byte();
  for (std::size_t i = 0; i < kTextCount; ++i) {
    if ((mask & (1u << i)) == 0) continue;
    texts_[i] = place();
    if (in.text().empty()) return false;
  }
  numbers_ = place();
  if (const auto joined = numbers(in).joined_at; joined && !is_time(*joined)) return false;
  consents_ = place();
  for (std::size_t left = in.count(3); left > 0; --left) {
    const std::uint8_t channel = in.byte(), status = in.byte();
    if (channel >= kChannelCount || status > static_cast<std::uint8_t>(ConsentStatus::kRevoked) ||
        !is_time(static_cast<Millis>(in.varint())))
      return false;
  }
  return in.ok() && in.at_end() && mask < (1u << kTextCount) && is_time(time_);
}

}  // namespace nudge::profile
