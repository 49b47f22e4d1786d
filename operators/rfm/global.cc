#include "operators/rfm/global.h"

#include "operators/rfm/lifetime_learner.h"
#include "operators/rfm/population.h"

namespace nudge::rfm {
namespace {

void write_model(const CutPoints& points, std::uint64_t customers, std::int64_t version, Millis epoch_end,
                 GlobalContext& context) {
  JsonWriter json = context.outputs().begin(output::kModels, kCutPointsName, epoch_end);
  json.member("name", kCutPointsName);
  json.member("version", version);
  json.member_time("valid_from", context.valid_from());
  json.member_time("trained_until", epoch_end);
  json.member("customers", customers);
  const auto list = [&](std::string_view name, const auto& values, auto write) {
    json.key(name);
    json.begin_array();
    for (const auto value : values) write(value);
    json.end_array();
  };
  list("last_order_at", points.last_order_at, [&](Millis value) { json.time(value); });
  list("orders", points.orders, [&](std::int64_t value) { json.number(value); });
  list("net", points.net, [&](Nano value) { json.decimal(value, 9); });
  context.outputs().end(json, output::kModels);
}

class CutPointsLearner {
 public:
  void merge(const Population& population) { population_.merge(population); }

  void learn(Millis epoch_end, bool last, GlobalContext& context) {
    const auto points = population_.cut_points();
    const std::uint64_t customers = population_.total();
    population_ = Population();
    // The last one is published even if nothing changed: an earlier one may wait for an epoch that never comes.
    if (!points || (points == published_ && !last)) return;
    published_ = points;
    ++version_;
    std::string bytes;
    Encoder encoder(bytes);
    points->encode(encoder);
    write_model(*points, customers, version_, epoch_end, context);
    context.publish(std::string(kCutPointsName), version_, epoch_end, std::move(bytes));
  }

  void encode(Encoder& out) const {
    population_.encode(out);
    out.zigzag(version_);
    std::string bytes;
    if (published_) {
      Encoder encoder(bytes);
      published_->encode(encoder);
    }
    out.text(bytes);
  }

  void decode(Decoder& in) {
    if (!population_.decode(in)) in.fail();
    version_ = in.zigzag();
    const std::string_view bytes = in.text();
    published_ = CutPoints::decode(bytes);
    if (!bytes.empty() && !published_) in.fail();
  }

 private:
  Population population_;  // of the tasks that this epoch has heard of
  std::int64_t version_ = 0;
  std::optional<CutPoints> published_;
};

class Learner final : public GlobalOperator {
 public:
  explicit Learner(PurchaseModel model) : lifetime_(model) {}

  void merge(std::string_view partial) override {
    Population population;
    LifetimeCells cells;
    Decoder in(partial);
    NUDGE_CHECK(population.decode(in) && cells.decode(in) && in.at_end(), "a partial as a task wrote it");
    cut_points_.merge(population);
    lifetime_.merge(cells);
  }
  void learn(Millis epoch_end, bool last, GlobalContext& context) override {
    cut_points_.learn(epoch_end, last, context);
    lifetime_.learn(epoch_end, last, context);
  }
  void encode(Encoder& out) const override {
    cut_points_.encode(out);
    lifetime_.encode(out);
  }
  void decode(Decoder& in) override {
    cut_points_.decode(in);
    lifetime_.decode(in);
  }

 private:
  CutPointsLearner cut_points_;
  LifetimeLearner lifetime_;
};

}  // namespace

std::unique_ptr<GlobalOperator> make_global(PurchaseModel model) { return std::make_unique<Learner>(model); }

}  // namespace nudge::rfm
