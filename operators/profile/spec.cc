#include "operators/profile/columns.h"
#include "operators/profile/state.h"

namespace nudge::profile {
namespace {

class ProfileOperator final : public KeyedOperator {
 public:
  void apply(const Event& event, CustomerContext& context) override {
    if (event.topic() == Topic::kCampaignEvents) {
      book(event, context, +1);
    } else if (const std::size_t trimmed = context.section<ProfileSection>().hold(event); trimmed > 0) {
      context.count("profile_parts_trimmed", trimmed);
    }
  }
  void retract(const Event& event, CustomerContext& context) override {
    if (event.topic() == Topic::kCampaignEvents)
      book(event, context, -1);
    else
      context.section<ProfileSection>().drop(event);
  }

 private:
  static void book(const Event& event, CustomerContext& context, int sign) {
    switch (event.choice(field::campaign_events::kAction, CampaignAction::kAssigned)) {
      case CampaignAction::kSent:
        return context.section<ProfileSection>().count_sent(event.time(), sign);
      case CampaignAction::kOpened:
        if (event.number(field::campaign_events::kMachine).value_or(0) == 0)
          context.section<ProfileSection>().count_opened(sign);
        return;
      case CampaignAction::kClicked:
        return context.section<ProfileSection>().count_clicked(sign);
      case CampaignAction::kUnsubscribed:
      case CampaignAction::kComplained:
        return withdraw(event, context, sign);
      case CampaignAction::kDelivered:
      case CampaignAction::kBounced:
      case CampaignAction::kConverted:
      case CampaignAction::kAssigned:
        return;
    }
  }

  // A withdrawal without a channel is of none.
  static void withdraw(const Event& event, CustomerContext& context, int sign) {
    const auto channel = event.number(field::campaign_events::kChannel);
    if (!channel) return context.count("withdrawals_without_channel");
    auto& section = context.section<ProfileSection>();
    if (sign < 0)
      section.remove_withdrawal(static_cast<Channel>(*channel), event.time());
    else if (!section.add_withdrawal(static_cast<Channel>(*channel), event.time()))
      context.count("withdrawals_trimmed");
  }
};

constexpr Topic kInputs[] = {Topic::kCampaignEvents, Topic::kCustomers};

}  // namespace

const OperatorSpec& spec() {
  static const OperatorSpec made = {
      .name = "profile",
      .summary = "Keeps each customer's newest profile, consents, withdrawals and campaign contacts.",
      .on_by_default = true,
      .inputs = kInputs,
      .parameters = {.name = "profile", .kind = config::Kind::kObject, .help = "Customer profiles; nothing to set."},
      .section =
          SectionSpec{
              .version = 1, .bytes_max = 256 << 10, .make = &ProfileSection::make, .decode = &ProfileSection::decode},
      .columns = columns(),
      .features = features(),
      .calls = Call::kApply | Call::kRetract,
      .make = [](const OperatorSetup&) -> std::unique_ptr<KeyedOperator> {
        return std::make_unique<ProfileOperator>();
      },
  };
  return made;
}

}  // namespace nudge::profile
