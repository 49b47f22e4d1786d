#include "operators/profile/columns.h"

#include "operators/profile/state.h"

namespace nudge::profile {
namespace {

constexpr ColumnUse kFeature = ColumnUse::kSql | ColumnUse::kCustomerFeature;

const ProfileSection* of(const Section* section) { return static_cast<const ProfileSection*>(section); }
const Profile* profile_of(const Section* section) { return section == nullptr ? nullptr : of(section)->profile(); }
Value known_text(std::string_view text) { return text.empty() ? Value() : Value(text); }

template <Text which>
Value text(const Section* section, Millis) {
  const Profile* profile = profile_of(section);
  return profile == nullptr ? Value() : known_text(profile->text(which));
}

template <Channel channel>
Value consent(const Section* section, Millis now) {
  return section == nullptr ? Value() : known_text(name_of(of(section)->consent(channel, now)));
}

Value birth_year(const Section* section, Millis) {
  const Profile* profile = profile_of(section);
  return profile != nullptr && profile->birth_year() ? Value(*profile->birth_year()) : Value();
}
Value joined_at(const Section* section, Millis) {
  const Profile* profile = profile_of(section);
  return profile != nullptr && profile->joined_at() ? time_value(*profile->joined_at()) : Value();
}
Value member_days(const Section* section, Millis now) {
  const Profile* profile = profile_of(section);
  if (profile == nullptr || !profile->joined_at()) return {};
  return static_cast<double>(now - *profile->joined_at()) / static_cast<double>(kDay);
}
Value consent_changes_at(const Section* section, Millis now) {
  if (section == nullptr) return {};
  const auto at = of(section)->consent_changes_at(now);
  return at ? Value(*at) : Value();
}

template <std::uint64_t (ProfileSection::*counter)() const>
Value counted(const Section* section, Millis) {
  return section == nullptr ? std::int64_t{0} : static_cast<std::int64_t>((of(section)->*counter)());
}
Value sent_90d(const Section* section, Millis now) {
  return section == nullptr ? std::int64_t{0} : static_cast<std::int64_t>(of(section)->sent_after(now - 90 * kDay));
}
Value last_campaign_at(const Section* section, Millis) {
  const auto at = section == nullptr ? std::nullopt : of(section)->last_sent_at();
  return at ? time_value(*at) : Value();
}

template <Channel channel>
constexpr Column consent_column(std::string_view name) {
  return {.name = name,
          .type = ValueType::kText,
          .meaning = "consent: granted, denied, revoked or withdrawn",
          .use = ColumnUse::kSql,
          .get = consent<channel>};
}

constexpr Column kColumns[] = {
    {"gender", ValueType::kText, {}, "gender", kFeature, text<Text::kGender>},
    {"birth_year", ValueType::kInteger, "year", "year of birth", kFeature, birth_year},
    {"age_band", ValueType::kText, {}, "age band", kFeature, text<Text::kAgeBand>},
    {"city", ValueType::kText, {}, "city", ColumnUse::kSql, text<Text::kCity>},
    {"city_size", ValueType::kText, {}, "size of the city", kFeature, text<Text::kCitySize>},
    {"country", ValueType::kText, {}, "country", kFeature, text<Text::kCountry>},
    {"joined_at", ValueType::kText, "time", "when the customer joined", ColumnUse::kSql, joined_at},
    {"member_days", ValueType::kReal, "days", "days since the customer joined", kFeature, member_days},
    {"attributes", ValueType::kText, {}, "the profile's attributes, as JSON", ColumnUse::kSql, text<Text::kAttributes>},
    {"identities_json",
     ValueType::kText,
     {},
     "the members of the JSON object of identities by type",
     ColumnUse::kNone,
     text<Text::kIdentities>},
    consent_column<Channel::kEmail>("consent_email"),
    consent_column<Channel::kSms>("consent_sms"),
    consent_column<Channel::kPush>("consent_push"),
    consent_column<Channel::kWeb>("consent_web"),
    consent_column<Channel::kCall>("consent_call"),
    consent_column<Channel::kMail>("consent_mail"),
    consent_column<Channel::kAds>("consent_ads"),
    consent_column<Channel::kVideo>("consent_video"),
    {"consent_changes_at", ValueType::kInteger, "ms", "when an entry of a channel begins to hold", ColumnUse::kNone,
     consent_changes_at},
    {"last_campaign_at", ValueType::kText, "time", "when the last campaign was sent", ColumnUse::kSql,
     last_campaign_at},
    {"campaigns_sent", ValueType::kInteger, "count", "campaigns sent", kFeature, counted<&ProfileSection::sent>},
    {"campaigns_opened", ValueType::kInteger, "count", "campaigns opened by a person", kFeature,
     counted<&ProfileSection::opened>},
    {"campaigns_clicked", ValueType::kInteger, "count", "campaigns clicked", kFeature,
     counted<&ProfileSection::clicked>},
    {"campaigns_sent_90d", ValueType::kInteger, "count", "campaigns sent in the last 90 days", kFeature, sent_90d},
};

}  // namespace

std::span<const Column> columns() { return kColumns; }
FeatureReader features() { return read_features<kColumns>; }

}  // namespace nudge::profile
