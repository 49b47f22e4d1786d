// What is known of a customer beside the orders: the newest profile, which channels they withdrew from, and the
// campaigns that reached them.
//
// Facts may come in any order and may be undone. Nothing here reads a clock: consent is judged at a time that is given.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <absl/container/inlined_vector.h>

#include "engine/compact_vector.h"
#include "engine/operator.h"
#include "engine/schema.h"

namespace nudge::profile {

// Limits of a section; what does not fit is left out, oldest first, and counted by the operator.
inline constexpr std::size_t kTextBytesMax = 1 << 10;          // of gender, city … (a longer one is unknown)
inline constexpr std::size_t kAttributesBytesMax = 128 << 10;  // of the attributes' JSON (a longer one is unknown)
inline constexpr std::size_t kIdentitiesBytesMax = 16 << 10;
inline constexpr std::size_t kConsentsPerChannelMax = 16;
inline constexpr std::size_t kWithdrawalsPerChannelMax = 16;
inline constexpr std::size_t kContactsMax = 64;

enum class Text : std::uint8_t { kGender, kAgeBand, kCity, kCitySize, kCountry, kAttributes, kIdentities };
inline constexpr std::size_t kTextCount = 7;

// One profile in compact bytes, and where in them its parts begin: small, since every customer has one.
class Profile {
 public:
  // Reads a `customers` record. `trimmed` grows by the parts that were left out for their size.
  Profile(const Event& event, std::size_t& trimmed);
  // Nothing, where the bytes are none that bytes() gave.
  static std::optional<Profile> decode(std::string_view bytes);

  std::string_view bytes() const { return {bytes_.data(), bytes_.size()}; }
  std::size_t memory_bytes() const { return bytes_.capacity() > kBytesInline ? bytes_.capacity() : 0; }
  Millis time() const { return time_; }
  // data() is null where it is unknown. kIdentities: the members of a JSON object without its braces, the type being
  // the name and the last value of the type the value; a type `customer_id` is left out.
  std::string_view text(Text which) const {
    const std::uint32_t at = texts_[static_cast<std::size_t>(which)];
    return at == 0 ? std::string_view() : Decoder(bytes().substr(at)).text();
  }
  std::optional<std::int64_t> birth_year() const { return numbers().birth_year; }
  std::optional<Millis> joined_at() const { return numbers().joined_at; }

  // A channel's entries come by rising time, equal times in their order; `at` always has a value.
  template <typename Visitor>
  void for_each_consent(Visitor visitor) const {
    Decoder in(bytes().substr(consents_));
    for (std::size_t left = in.count(); left > 0; --left) {
      const auto channel = static_cast<Channel>(in.byte());
      const auto status = static_cast<ConsentStatus>(in.byte());
      visitor(Consent{channel, status, static_cast<Millis>(in.varint())});
    }
  }

 private:
  // A profile of a few short texts and consents lies in place.
  static constexpr std::size_t kBytesInline = 72;

  struct Numbers {
    std::optional<std::int64_t> birth_year;
    std::optional<Millis> joined_at;
  };

  Profile() = default;
  bool parse();
  static Numbers numbers(Decoder& in);
  Numbers numbers() const {
    Decoder in(bytes().substr(numbers_));
    return numbers(in);
  }

  absl::InlinedVector<char, kBytesInline> bytes_;
  Millis time_ = kBeforeAll;
  std::array<std::uint32_t, kTextCount> texts_{};  // 0: unknown; it is where the time stands
  std::uint32_t numbers_ = 0, consents_ = 0;
};

// A channel's consent at some time. kWithdrawn: granted, but withdrawn by the customer after that.
enum class ConsentState : std::uint8_t { kUnknown, kGranted, kDenied, kRevoked, kWithdrawn };
std::string_view name_of(ConsentState state);  // empty for kUnknown

class ProfileSection final : public Section {
 public:
  // Takes the profile if it is not older than the one that is held. Gives the number of parts left out.
  std::size_t hold(const Event& profile);
  // Forgets the profile if it is the one that is held.
  void drop(const Event& profile);
  // False where the list of the channel was full: the oldest withdrawal is gone.
  bool add_withdrawal(Channel channel, Millis at);
  void remove_withdrawal(Channel channel, Millis at);
  void count_sent(Millis at, int sign);
  void count_opened(int sign) { add(opened_, sign); }
  void count_clicked(int sign) { add(clicked_, sign); }

  const Profile* profile() const { return profile_ ? &*profile_ : nullptr; }
  // The latest entry not after `now` holds, unless the customer withdrew after it.
  ConsentState consent(Channel channel, Millis now) const;
  // The next time after `now` at which an entry of any channel begins to hold.
  std::optional<Millis> consent_changes_at(Millis now) const;

  std::uint64_t sent() const { return sent_; }
  std::uint64_t opened() const { return opened_; }
  std::uint64_t clicked() const { return clicked_; }
  // Of the newest kContactsMax ones.
  std::size_t sent_after(Millis time) const;
  std::optional<Millis> last_sent_at() const {
    return contacts_.empty() ? std::nullopt : std::optional(contacts_.back());
  }

  void encode(Encoder& out) const override;
  std::size_t memory_bytes() const override;
  static std::unique_ptr<Section> make();
  static std::unique_ptr<Section> decode(std::uint32_t version, std::string_view bytes);

 private:
  struct Withdrawal {
    Channel channel;
    Millis at;
    auto operator<=>(const Withdrawal&) const = default;
  };
  static void add(std::uint32_t& counter, int sign) {
    if (sign > 0 || counter > 0) counter += static_cast<std::uint32_t>(sign);
  }

  std::optional<Profile> profile_;
  CompactVector<Withdrawal> withdrawals_;  // sorted
  CompactVector<Millis> contacts_;         // when the newest campaigns were sent, rising
  std::uint32_t sent_ = 0, opened_ = 0, clicked_ = 0;
};

}  // namespace nudge::profile
