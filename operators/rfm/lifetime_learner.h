// Fits the lifetime models to all customers, once per epoch, and publishes them.
#pragma once

#include <optional>

#include "engine/operator.h"
#include "operators/rfm/lifetime_cells.h"
#include "operators/rfm/lifetime_model.h"

namespace nudge::rfm {

class LifetimeLearner {
 public:
  // Fewer customers with repeat orders than this say too little, of orders as of values.
  static constexpr std::int64_t kRepeatCustomersLeast = 100;

  explicit LifetimeLearner(PurchaseModel model) : model_(model) {}

  // The customers of one task.
  void merge(const LifetimeCells& cells) { cells_.merge(cells); }
  void learn(Millis epoch_end, bool last, GlobalContext& context);

  void encode(Encoder& out) const;
  void decode(Decoder& in);  // into an empty object

 private:
  void learn_from_all(Millis epoch_end, bool last, GlobalContext& context);
  std::optional<LifetimeModel> fit(Millis epoch_end, bool anew) const;
  void write_model(Millis epoch_end, std::int64_t repeat_customers, GlobalContext& context) const;

  const PurchaseModel model_;
  LifetimeCells cells_;  // of the tasks that this epoch has heard of
  std::int64_t version_ = 0;
  std::optional<LifetimeModel> published_;
  std::int64_t searched_at_ = 0;  // repeat customers when the search last began at several places
};

}  // namespace nudge::rfm
