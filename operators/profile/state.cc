// ProfileSection: version 1 is
//   text of the profile's bytes, empty where there is none · varint number of withdrawals · those: byte channel,
//   varint at · varint number of contacts · those: varint time since the one before · varints sent, opened, clicked.
#include "operators/profile/state.h"

#include <algorithm>

#include "engine/check.h"

namespace nudge::profile {

std::string_view name_of(ConsentState state) {
  static constexpr std::string_view kNames[] = {"", "granted", "denied", "revoked", "withdrawn"};
  return kNames[static_cast<std::size_t>(state)];
}

std::size_t ProfileSection::hold(const Event& profile) {
  if (profile_ && profile.time() < profile_->time()) return 0;
  std::size_t trimmed = 0;
  profile_.emplace(profile, trimmed);
  return trimmed;
}

void ProfileSection::drop(const Event& profile) {
  std::size_t trimmed = 0;
  if (profile_ && profile_->bytes() == Profile(profile, trimmed).bytes()) profile_.reset();
}

bool ProfileSection::add_withdrawal(Channel channel, Millis at) {
  const Withdrawal added{channel, at};
  withdrawals_.insert(std::upper_bound(withdrawals_.begin(), withdrawals_.end(), added), added);
  const auto of_channel = [channel](const Withdrawal& held) { return held.channel == channel; };
  if (static_cast<std::size_t>(std::count_if(withdrawals_.begin(), withdrawals_.end(), of_channel)) <=
      kWithdrawalsPerChannelMax)
    return true;
  withdrawals_.erase(std::find_if(withdrawals_.begin(), withdrawals_.end(), of_channel));
  return false;
}

void ProfileSection::remove_withdrawal(Channel channel, Millis at) {
  const auto found = std::find(withdrawals_.begin(), withdrawals_.end(), Withdrawal{channel, at});
  if (found != withdrawals_.end()) withdrawals_.erase(found);
}

void ProfileSection::count_sent(Millis at, int sign) {
  add(sent_, sign);
  if (sign > 0) {
    contacts_.insert(std::upper_bound(contacts_.begin(), contacts_.end(), at), at);
    if (contacts_.size() > kContactsMax) contacts_.erase(contacts_.begin());
  } else {
    const auto found = std::lower_bound(contacts_.begin(), contacts_.end(), at);
    if (found != contacts_.end() && *found == at) contacts_.erase(found);
  }
}

ConsentState ProfileSection::consent(Channel channel, Millis now) const {
  std::optional<Consent> latest;
  if (profile_)
    profile_->for_each_consent([&](const Consent& entry) {
      if (entry.channel == channel && *entry.at <= now) latest = entry;
    });
  if (!latest) return ConsentState::kUnknown;
  if (latest->status == ConsentStatus::kDenied) return ConsentState::kDenied;
  if (latest->status == ConsentStatus::kRevoked) return ConsentState::kRevoked;
  const bool withdrawn = std::any_of(withdrawals_.begin(), withdrawals_.end(), [&](const Withdrawal& withdrawal) {
    return withdrawal.channel == channel && withdrawal.at > *latest->at;
  });
  return withdrawn ? ConsentState::kWithdrawn : ConsentState::kGranted;
}

std::optional<Millis> ProfileSection::consent_changes_at(Millis now) const {
  std::optional<Millis> next;
  if (profile_)
    profile_->for_each_consent([&](const Consent& entry) {
      if (*entry.at > now && (!next || *entry.at < *next)) next = entry.at;
    });
  return next;
}

std::size_t ProfileSection::sent_after(Millis time) const {
  return static_cast<std::size_t>(contacts_.end() - std::upper_bound(contacts_.begin(), contacts_.end(), time));
}

void ProfileSection::encode(Encoder& out) const {
  out.text(profile_ ? profile_->bytes() : std::string_view());
  out.varint(withdrawals_.size());
  for (const Withdrawal& withdrawal : withdrawals_) {
    out.byte(static_cast<std::uint8_t>(withdrawal.channel));
    out.varint(static_cast<std::uint64_t>(withdrawal.at));
  }
  out.varint(contacts_.size());
  Millis before = 0;
  for (const Millis contact : contacts_) {
    out.varint(static_cast<std::uint64_t>(contact - before));
    before = contact;
  }
  for (const std::uint32_t counter : {sent_, opened_, clicked_}) out.varint(counter);
}

std::size_t ProfileSection::memory_bytes() const {
  return sizeof *this + (profile_ ? profile_->memory_bytes() : 0) + withdrawals_.capacity() * sizeof(Withdrawal) +
         contacts_.capacity() * sizeof(Millis);
}

std::unique_ptr<Section> ProfileSection::make() { return std::make_unique<ProfileSection>(); }

std::unique_ptr<Section> ProfileSection::decode(std::uint32_t version, std::string_view bytes) {
  if (version != 1) return nullptr;
  auto section = std::make_unique<ProfileSection>();
  Decoder in(bytes);
  const auto is_time = [](std::uint64_t time) { return time <= static_cast<std::uint64_t>(kLastTime); };
  if (const std::string_view profile = in.text(); !profile.empty()) {
    section->profile_ = Profile::decode(profile);
    if (!section->profile_) return nullptr;
  }
  section->withdrawals_.resize(in.count(2));
  for (Withdrawal& withdrawal : section->withdrawals_) {
    const std::uint8_t channel = in.byte();
    const std::uint64_t at = in.varint();
    if (channel >= kChannelCount || !is_time(at)) return nullptr;
    withdrawal = {static_cast<Channel>(channel), static_cast<Millis>(at)};
  }
  section->contacts_.resize(in.count(1));
  std::uint64_t time = 0;
  for (Millis& contact : section->contacts_) {
    const std::uint64_t since = in.varint();
    if (!is_time(since) || !is_time(time += since)) return nullptr;
    contact = static_cast<Millis>(time);
  }
  for (std::uint32_t* counter : {&section->sent_, &section->opened_, &section->clicked_})
    *counter = static_cast<std::uint32_t>(in.varint());
  if (!in.ok() || !in.at_end() || section->contacts_.size() > kContactsMax) return nullptr;
  if (!std::is_sorted(section->withdrawals_.begin(), section->withdrawals_.end())) return nullptr;
  return section;
}

}  // namespace nudge::profile
