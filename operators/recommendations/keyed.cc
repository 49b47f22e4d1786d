#include "operators/recommendations/keyed.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/check.h"
#include "engine/hash.h"
#include "operators/recommendations/record.h"
#include "operators/recommendations/told.h"
#include "operators/rules/line_items.h"
#include "operators/rules/rule_set.h"
#include "operators/rules/sale_reader.h"
#include "operators/rules/sale_teller.h"
#include "operators/rules/task_log.h"

namespace nudge::recommendations {
namespace {

using field::transactions::kLines;
using field::transactions::kTransactionId;

// Pieces of the log of rows and earnings stand behind those of the teller of sales.
constexpr std::uint64_t kOwnPieces = std::uint64_t{1} << 32;

class OwnPieces final : public PieceWriter {
 public:
  explicit OwnPieces(PieceWriter& out) : out_(out) {}
  void put(std::uint64_t number, std::string_view bytes) override { out_.put(kOwnPieces + number, bytes); }
  void erase(std::uint64_t number) override { out_.erase(kOwnPieces + number); }

 private:
  PieceWriter& out_;
};

rules::Telling telling_of(const Settings& settings) {
  rules::Telling telling;
  telling.reach = settings.window;
  for (const rules::Template& each : settings.templates())
    telling.with_discounts = telling.with_discounts || each.uses(rules::Attribute::kDiscountLevel);
  return telling;
}

bool is_return(const Event& event) {
  return event.topic() == Topic::kTransactions &&
         event.choice(field::transactions::kKind, TransactionKind::kCancel) == TransactionKind::kReturn;
}

class KeyedRecommendations final : public KeyedOperator {
 public:
  KeyedRecommendations(Settings settings, const OperatorSetup& setup)
      : settings_(std::move(settings)),
        items_(settings_.templates(), rules::PriceLevels(settings_.price_levels), setup.products),
        teller_(rules::make_sale_teller(telling_of(settings_), setup)),
        rules_(setup.columns) {}

  void apply(const Event& event, CustomerContext& customer) override {
    if (is_return(event)) {
      customer.section<History>().add_return(purchase_of(event, customer));
      touched_ = true;
    }
    if (!rules::is_sale(event)) return;
    teller_->apply(event, customer);
    tell_earned(event, Telling::kEarned);
    Purchase purchase = purchase_of(event, customer);
    History& history = customer.section<History>();
    touched_ = true;
    if (is_new(event, history, customer)) {
      fresh_ = true;
      tell_rows(purchase, history, customer);
    }
    history.add_purchase(std::move(purchase));
  }

  void retract(const Event& event, CustomerContext& customer) override {
    touched_ = touched_ || is_return(event) || rules::is_sale(event);
    const std::uint64_t transaction = hash64(event.text(kTransactionId));
    if (is_return(event)) customer.section<History>().remove_return(event.time(), transaction);
    if (!rules::is_sale(event)) return;
    teller_->retract(event, customer);
    tell_earned(event, Telling::kEarnedNot);
    customer.section<History>().remove_purchase(event.time(), transaction);
  }

  void unowned(const Event& event, bool holds) override {
    if (!rules::is_sale(event)) return;
    teller_->unowned(event, holds);
    tell_earned(event, holds ? Telling::kEarned : Telling::kEarnedNot);
  }

  void settle(CustomerContext& customer) override {
    const bool fresh = std::exchange(fresh_, false);
    if (!std::exchange(touched_, false) || !model_) return;
    if (fresh) recommend(customer);
    arm(customer);
  }

  void timer(CustomerContext& customer) override {
    if (!model_ || !customer.peek<History>()) return;
    remind(customer);
    arm(customer);
  }

  // Once the model of a slide is adopted: what is due by it.
  Millis next_sweep(Millis after) const override {
    const Millis adopted = 2 * settings_.epoch;
    return rules::floor_to(after - adopted, settings_.slide) + settings_.slide + adopted;
  }
  void sweep(CustomerContext& customer) override {
    if (model_ && customer.peek<History>()) arm(customer);
  }

  std::string partial(Millis epoch_end) override {
    std::string bytes;
    Encoder(bytes).text(teller_->partial(epoch_end));
    return bytes + log_.take();
  }

  void adopt(const Model& model) override {
    if (model.name == ItemModel::kName) {
      model_ = ItemModel::decode(model.bytes);
      NUDGE_CHECK(model_, "a model as it was published");
      return;
    }
    for (const std::string& rule_set : settings_.rule_sets) {
      if (model.name != rules::PublishedRules::model_name(rule_set)) continue;
      auto published = rules::PublishedRules::decode(model.bytes);
      NUDGE_CHECK(published.has_value(), "a model as it was published");
      rules_.set(rule_set, std::move(*published));
    }
  }

  void erase(CustomerContext& customer) override {
    touched_ = fresh_ = false;  // no settle follows what was applied before
    teller_->erase(customer);
  }

  void encode_task(Encoder&) const override {}
  void decode_task(Decoder&) override {}
  void write_task_pieces(PieceWriter& out) override {
    teller_->write_task_pieces(out);
    OwnPieces own(out);
    log_.write(own);
  }
  bool read_task_piece(std::uint64_t number, std::string_view bytes) override {
    return number < kOwnPieces ? teller_->read_task_piece(number, bytes) : log_.read(number - kOwnPieces, bytes);
  }

 private:
  Purchase purchase_of(const Event& event, CustomerContext& customer) {
    Purchase purchase{event.time(), hash64(event.text(kTransactionId)), {}};
    ItemReader<LineItem> lines = event.lines(kLines);
    for (LineItem line; lines.next(line);)
      items_.for_each(line, [&](std::string_view item) { purchase.items.push_back(hash64(item)); });
    std::sort(purchase.items.begin(), purchase.items.end());
    purchase.items.erase(std::unique(purchase.items.begin(), purchase.items.end()), purchase.items.end());
    if (purchase.items.size() > History::kItemsMost) {
      customer.count("items_left_out", purchase.items.size() - History::kItemsMost);
      purchase.items.resize(History::kItemsMost);
    }
    return purchase;
  }

  // The customer's newest purchase has just been made: not one that is corrected, nor one that is known late.
  static bool is_new(const Event& event, const History& history, const CustomerContext& customer) {
    const Cause& cause = customer.cause();
    return cause.kind == Cause::Kind::kRecord && cause.on_time && cause.record &&
           cause.record->bytes() == event.bytes() &&
           (history.purchases().empty() || history.purchases().back().time <= event.time());
  }

  // What was foretold of the purchase, and what came true.
  void tell_rows(const Purchase& purchase, const History& before, CustomerContext& customer) {
    if (!model_ || before.purchases().empty() || purchase.transaction % model_->rows_every != 0) return;
    rows_.clear();
    for (const Candidate& each : finder_.find(before, *model_, rules_, customer)) {
      const ItemHash item = hash64(model_->items[each.item].text);
      rows_.push_back(
          {each.evidence, each.features, std::binary_search(purchase.items.begin(), purchase.items.end(), item)});
    }
    Encoder out(log_.open());
    encode_rows(rows_, out);
    log_.end_entry();
  }

  void tell_earned(const Event& event, Telling kind) {
    earned_.time = event.time();
    earned_.lines.clear();
    ItemReader<LineItem> lines = event.lines(kLines);
    for (LineItem line; lines.next(line);) {
      if (line.unit_cost)
        earned_.lines.emplace_back(line.product_id, product(line.quantity, line.unit_price - *line.unit_cost));
      else if (settings_.margin_rate)
        earned_.lines.emplace_back(
            line.product_id,
            static_cast<Nano>(as_double(product(line.quantity, line.unit_price)) * *settings_.margin_rate * 1e9));
    }
    if (earned_.lines.empty()) return;
    Encoder out(log_.open());
    earned_.encode(kind, out);
    log_.end_entry();
  }

  void recommend(CustomerContext& customer) {
    const History& history = *customer.peek<History>();
    if (history.purchases().empty()) return;
    const auto& candidates = finder_.find(history, *model_, rules_, customer);
    const RecordPlace place{customer.customer_id(), customer.now(), *model_, settings_.channel};
    std::size_t rank = 0;
    for (Recommendation& each : choose(candidates, *model_, history, customer.now(), settings_)) {
      each.goes_with = finder_.goes_with(model_->items[each.candidate->item], *model_);
      write_recommendation(place, each, ++rank, static_cast<std::int64_t>(history.purchases().size()),
                           customer.outputs());
    }
    customer.count("recommendations", rank);
  }

  // A model may have been adopted since the timer was set, and say that something was due before: it is too late for
  // that.
  void remind(CustomerContext& customer) {
    History& history = customer.section<History>();
    const Millis now = customer.now();
    const RecordPlace place{customer.customer_id(), now, *model_, settings_.channel};
    std::erase_if(history.sent, [&](Millis time) { return time <= now - settings_.limit.per; });
    for (const Reminder& each : reminders_of(history, now - 1, *model_, rules_, settings_, customer)) {
      if (each.at > now) break;
      if (static_cast<std::int64_t>(history.sent.size()) >= settings_.limit.most) {
        customer.count("reminders_over_limit");
        continue;
      }
      write_reminder(place, each, customer.outputs());
      customer.count("reminders");
      history.sent.push_back(now);
    }
  }

  void arm(CustomerContext& customer) {
    if (!settings_.reminders) return;
    const auto reminders =
        reminders_of(*customer.peek<History>(), customer.now(), *model_, rules_, settings_, customer);
    customer.arm(reminders.empty() ? kNever : reminders.front().at);
  }

  const Settings settings_;
  rules::LineItems items_;
  const std::unique_ptr<KeyedOperator> teller_;
  RuleBook rules_;
  std::unique_ptr<ItemModel> model_;
  CandidateFinder finder_;
  rules::TaskLog log_;
  std::vector<Row> rows_;
  EarnedBySale earned_;
  bool touched_ = false, fresh_ = false;
};

}  // namespace

std::unique_ptr<KeyedOperator> make_keyed(Settings settings, const OperatorSetup& setup) {
  return std::make_unique<KeyedRecommendations>(std::move(settings), setup);
}

}  // namespace nudge::recommendations
