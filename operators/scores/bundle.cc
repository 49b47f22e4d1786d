#include "operators/scores/bundle.h"

#include <algorithm>
#include <cmath>

#include "engine/json_writer.h"
#include "operators/scores/model.h"
#include "operators/scores/scorer.h"

namespace nudge::scores {
namespace {

Status wrong(std::string_view feature, std::string_view what) {
  return Status::bad_data(std::string(feature) + ": " + std::string(what));
}

}  // namespace

BundleScorer::BundleScorer(const Target& target, const ColumnCatalog& columns)
    : target_(target), features_(columns, target.of == Entity::kSessions, target.excluded), reasons_(features_) {}

Status BundleScorer::place(std::span<const BundleEntry> bundle) {
  values_.assign(features_.size(), Value());
  std::vector<bool> given(features_.size());
  for (const BundleEntry& entry : bundle) {
    std::size_t feature = 0;
    while (feature < features_.size() && features_.column(feature).column->name != entry.name) ++feature;
    if (feature == features_.size()) return wrong(entry.name, "is no feature of " + target_.name);
    if (given[feature]) return wrong(entry.name, "is there twice");
    given[feature] = true;
    if (!is_known(entry.value)) continue;
    if (std::holds_alternative<std::string_view>(entry.value) != features_.is_text(feature))
      return wrong(entry.name, features_.is_text(feature) ? "must be a text" : "must be a number");
    if (!features_.is_text(feature) && std::isnan(feature_value(entry.value)))
      return wrong(entry.name, "must be a number of common size");
    values_[feature] = entry.value;
  }
  features_.derive(values_);
  return Status::ok();
}

Result<std::string> BundleScorer::score(const Model& model, std::span<const BundleEntry> bundle) {
  const std::optional<ScoringModel> scoring =
      model.name == target_.model_name() ? ScoringModel::decode(model.bytes) : std::nullopt;
  if (!scoring) return Status::internal(model.name + " is no model of " + target_.name);
  NUDGE_TRY(place(bundle));
  std::string json;
  JsonWriter writer(json);
  writer.begin_object();
  writer.member("target", std::string_view(target_.name));
  if (!scoring->active() || scoring->schema() != features_.schema()) {
    writer.members(R"("probability":null,"percentile":null,"band":null,"uncertain":null,"model":null,"reasons":[])");
    writer.end_object();
    return json;
  }
  std::vector<float> row;
  for (const Value& value : values_) row.push_back(feature_value(value));
  std::vector<double> contributions(row.size());
  const double margin = scoring->margin(row, contributions);
  const Judged judged = judge(*scoring, margin, target_);
  writer.key("probability");
  writer.decimal(judged.probability_micro, 6);
  writer.key("percentile");
  writer.decimal(judged.percentile_centi, 2);
  writer.member("band", judged.band);
  writer.member("uncertain", judged.is_uncertain);
  write_model(writer, model);
  writer.key("reasons");
  std::string reasons;
  reasons_.write(contributions, values_, reasons);
  writer.raw(reasons);
  writer.end_object();
  return json;
}

}  // namespace nudge::scores
