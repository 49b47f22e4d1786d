#include "operators/recommendations/global.h"

#include <algorithm>

#include "engine/log.h"
#include "operators/recommendations/item_learner.h"
#include "operators/recommendations/told.h"
#include "operators/rules/rule_set.h"
#include "operators/rules/told_sales.h"

namespace nudge::recommendations {
namespace {

// How many purchases a slide's rows come from, about; and how many rows are kept at most.
constexpr std::uint64_t kPurchasesWanted = 500;
constexpr std::size_t kRowsMost = 2'000'000;
// What products earned is kept in so many parts of the window, about.
constexpr Millis kMarginPanes = 8;

// What was foretold, and what came true: of rows that nothing had been learnt from yet.
struct Foretold {
  std::int64_t rows = 0, true_rows = 0;
  double expected = 0;

  void add(const Row& row, double probability) {
    ++rows;
    true_rows += row.is_true ? 1 : 0;
    expected += probability;
  }
  void report(std::string_view name, JsonWriter& json) const {
    json.key(name);
    json.begin_object();
    json.member("rows", rows);
    json.member("expected", expected);
    json.member("true", true_rows);
    json.end_object();
  }
  void encode(Encoder& out) const {
    out.zigzag(rows);
    out.zigzag(true_rows);
    out.real(expected);
  }
  void decode(Decoder& in) {
    rows = in.zigzag();
    true_rows = in.zigzag();
    expected = in.real();
  }
};

class GlobalRecommendations final : public GlobalOperator {
 public:
  explicit GlobalRecommendations(Settings settings)
      : settings_(std::move(settings)),
        sales_("recommendations", settings_.epoch),
        margins_(std::max(settings_.slide, settings_.window / kMarginPanes)),
        learner_(settings_) {}

  void merge(std::string_view partial) override {
    Decoder in(partial);
    sales_.hear(in.text());
    EarnedBySale earned;
    while (in.ok() && !in.at_end()) {
      switch (const auto kind = static_cast<Telling>(in.byte())) {
        case Telling::kRows:
          decode_rows(in, rows_);
          break;
        case Telling::kEarned:
        case Telling::kEarnedNot:
          earned.decode(in);
          for (const auto& [product, margin] : earned.lines)
            margins_.add(earned.time, product, margin, kind == Telling::kEarned ? 1 : -1);
          break;
        default:
          in.fail();
      }
    }
    NUDGE_CHECK(in.ok(), "a partial as a task wrote it");
  }

  void learn(Millis epoch_end, bool last, GlobalContext& context) override {
    // A slide may end before the epoch does.
    learner_.forget(sales_.settle(epoch_end - settings_.window - settings_.slide, settings_.sales_most));
    const Millis until = rules::floor_to(epoch_end, settings_.slide);
    if (last || until <= last_until_) return;
    last_until_ = until;
    margins_.forget_before(until - settings_.window);
    learn_blend();
    publish(until, context);
  }

  void report(JsonWriter& json) override {
    json.key("recommendations");
    json.begin_object();
    json.member("sales", static_cast<std::uint64_t>(sales_.window().size()));
    json.member("sales_left_out", sales_.left_out());
    json.member("rows_left_out", rows_left_out_);
    json.member("customers", learner_.customers());
    json.member("items", items_);
    json.key("foretold");
    json.begin_object();
    foretold_[0].report("repeat", json);
    foretold_[1].report("new", json);
    json.end_object();
    write_weights(json);
    json.end_object();
  }

  void encode(Encoder& out) const override {
    sales_.encode(out);
    margins_.encode(out);
    blend_.encode(out);
    out.zigzag(last_until_);
    out.varint(rows_left_out_);
    out.zigzag(items_);
    out.zigzag(version_);
    for (const Foretold& each : foretold_) each.encode(out);
    out.varint(rows_.size());
    for (const Row& row : rows_) row.encode(out);
  }

  void decode(Decoder& in) override {
    if (!sales_.decode(in)) return in.fail();
    margins_.decode(in);
    blend_.decode(in);
    last_until_ = in.zigzag();
    rows_left_out_ = in.varint();
    items_ = in.zigzag();
    version_ = in.zigzag();
    for (Foretold& each : foretold_) each.decode(in);
    rows_.clear();
    for (std::size_t left = in.count(); left > 0 && in.ok(); --left) rows_.emplace_back().decode(in);
  }

 private:
  // Predicts, then learns.
  void learn_blend() {
    std::sort(rows_.begin(), rows_.end());
    thin_out();
    for (const Row& row : rows_)
      foretold_[static_cast<std::size_t>(row.evidence)].add(row, blend_.probability(row.evidence, row.features));
    blend_.learn(rows_);
    rows_.clear();
  }

  // Of too many rows every second, third … is kept, so that those of each kind are.
  void thin_out() {
    const std::size_t step = (rows_.size() + kRowsMost - 1) / kRowsMost;
    if (step <= 1) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < rows_.size(); i += step) rows_[kept++] = rows_[i];
    rows_left_out_ += rows_.size() - kept;
    rows_.resize(kept);
  }

  void publish(Millis until, GlobalContext& context) {
    ItemModel model;
    model.items = learner_.learn(until, sales_.window(), sales_.products(), margins_, model.rhythms);
    items_ = static_cast<std::int64_t>(model.items.size());
    model.blend = blend_;
    const auto slides = std::max<std::int64_t>(1, settings_.window / settings_.slide);
    const auto sales_of_slide = static_cast<std::uint64_t>(learner_.sales() / slides);
    model.rows_every = std::max<std::uint64_t>(1, sales_of_slide / kPurchasesWanted);
    context.publish(std::string(ItemModel::kName), ++version_, until, model.encode());
    write_model(until, context);
  }

  void write_model(Millis until, GlobalContext& context) const {
    JsonWriter json = context.outputs().begin(output::kModels, ItemModel::kName, until);
    json.member("name", ItemModel::kName);
    json.member("version", version_);
    json.member_time("valid_from", context.valid_from());
    json.member_time("trained_until", until);
    json.member("sales", learner_.sales());
    json.member("customers", learner_.customers());
    json.member("items", items_);
    write_weights(json);
    context.outputs().end(json, output::kModels);
  }

  void write_weights(JsonWriter& json) const {
    json.key("weights");
    json.begin_object();
    for (const Evidence evidence : {Evidence::kRepeat, Evidence::kNew}) {
      json.key(evidence == Evidence::kRepeat ? "repeat" : "new");
      json.begin_object();
      const auto names = feature_names(evidence);
      for (std::size_t i = 0; i < names.size(); ++i) {
        json.key(names[i]);
        json.number(blend_.of(evidence).weights()[static_cast<Eigen::Index>(i)]);
      }
      json.end_object();
    }
    json.end_object();
  }

  const Settings settings_;
  rules::ToldSales sales_;
  Margins margins_;
  ItemLearner learner_;
  Blend blend_;
  std::vector<Row> rows_;
  Millis last_until_ = kBeforeAll;
  std::uint64_t rows_left_out_ = 0;
  std::int64_t items_ = 0, version_ = 0;
  Foretold foretold_[kEvidences];
};

}  // namespace

std::unique_ptr<GlobalOperator> make_global(Settings settings) {
  return std::make_unique<GlobalRecommendations>(std::move(settings));
}

}  // namespace nudge::recommendations
