#include "operators/rfm/keyed.h"

#include "engine/hash.h"
#include "operators/rfm/lifetime_cells.h"
#include "operators/rfm/lifetime_model.h"
#include "operators/rfm/population.h"
#include "operators/rfm/record.h"
#include "operators/rfm/section.h"

namespace nudge::rfm {
namespace {

class Rfm final : public KeyedOperator {
 public:
  void apply(const Event& transaction, CustomerContext& customer) override {
    if (!customer.section<RfmSection>().apply(transaction)) customer.count("orders_older_than_kept");
  }
  void retract(const Event& transaction, CustomerContext& customer) override {
    if (!customer.section<RfmSection>().retract(transaction)) customer.count("orders_older_than_kept");
  }
  void record(const Event&, bool added, CustomerContext& customer) override {
    customer.section<RfmSection>().count_record(added);
  }

  void settle(CustomerContext& customer) override {
    const Cause& cause = customer.cause();
    const bool own_record =
        cause.kind == Cause::Kind::kRecord && cause.record && cause.record->topic() == Topic::kTransactions;
    const auto* state = customer.peek<RfmSection>();
    if (!own_record && !(state && state->has_changed())) return;
    auto& section = customer.section<RfmSection>();
    if (section.has_changed()) {
      const RfmSection::Change change = section.take_change();
      population_.replace(hash64(customer.customer_id()), change.before, section.standing(), change.is_new);
      cells_.replace(change.purchases, section.purchases());
    }
    section.set_classes(classes_of(section));
    write_record(section, lifetime_of(section, customer.now()), customer.now(),
                 own_record ? cause.record->event_id() : "move", customer);
  }

  std::string partial(Millis epoch_end) override {
    std::string bytes;
    Encoder encoder(bytes);
    population_.encode(encoder);
    cells_.purchases.advance(epoch_end);
    cells_.encode(encoder);
    return bytes;
  }

  void adopt(const Model& model) override {
    if (model.name == kCutPointsName) {
      cut_points_ = CutPoints::decode(model.bytes);
      NUDGE_CHECK(cut_points_.has_value(), "cut points as they were published");
    } else if (model.name == kLifetimeName) {
      const auto lifetime = LifetimeModel::decode(model.bytes);
      NUDGE_CHECK(lifetime.has_value(), "a lifetime model as it was published");
      lifetime_.emplace(*lifetime);
    }
  }

  void finish(CustomerContext& customer, TimelineReader&) override {
    const auto* state = customer.peek<RfmSection>();
    if (!state || state->records() <= 0) return;
    if (const auto classes = classes_of(*state); classes != state->classes())
      customer.section<RfmSection>().set_classes(classes);
    const RfmSection& section = *customer.peek<RfmSection>();
    const Millis as_of = customer.cause().event_time;
    write_record(section, lifetime_of(section, as_of), as_of, "final", customer);
  }

  void erase(CustomerContext& customer) override {
    const auto* state = customer.peek<RfmSection>();
    if (!state) return;
    population_.replace(hash64(customer.customer_id()), state->standing(), std::nullopt, false);
    cells_.replace(state->purchases(), std::nullopt);
  }

  void encode_task(Encoder& out) const override {
    out.varint(population_.ever());
    out.zigzag(cells_.purchases.now());
  }
  void decode_task(Decoder& in) override {
    population_.set_ever(in.varint());
    cells_.purchases.advance(in.zigzag());
  }
  void restore(const CustomerContext& customer) override {
    const auto* state = customer.peek<RfmSection>();
    if (!state) return;
    population_.replace(hash64(customer.customer_id()), std::nullopt, state->standing(), false);
    cells_.replace(std::nullopt, state->purchases());
  }

 private:
  std::optional<Classes> classes_of(const RfmSection& section) const {
    const auto standing = section.standing();
    if (!standing || !cut_points_) return std::nullopt;
    return cut_points_->classes_of(*standing);
  }
  std::optional<Lifetime> lifetime_of(const RfmSection& section, Millis as_of) {
    const auto purchases = section.purchases();
    if (!purchases || !lifetime_) return std::nullopt;
    return lifetime_->of(*purchases, as_of);
  }

  Population population_;
  LifetimeCells cells_;
  // As adopted; nothing before any.
  std::optional<CutPoints> cut_points_;
  std::optional<LifetimeFigures> lifetime_;
};

}  // namespace

std::unique_ptr<KeyedOperator> make_keyed(const OperatorSetup&) { return std::make_unique<Rfm>(); }

}  // namespace nudge::rfm
