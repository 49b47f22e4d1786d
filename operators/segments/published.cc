#include "operators/segments/published.h"

#include <algorithm>

#include "operators/segments/description.h"
#include "operators/segments/link_record.h"

namespace nudge::segments {
namespace {

constexpr int kNanoDecimals = 9;
constexpr std::size_t kTopFeatures = 5;

// Names of columns are identifiers: no escapes.
void write_number(JsonWriter& json, std::string_view name, double value) {
  json.key(name);
  json.number(value);
}

void write_scaling(const Segmentation& segmentation, const SegmentModel& model, JsonWriter& json) {
  json.key("scaling");
  json.begin_object();
  for (std::size_t j = 0; j < segmentation.features.size(); ++j) {
    json.key(segmentation.features[j].name());
    json.begin_object();
    json.member("transform", kTransformNames[static_cast<std::size_t>(model.scalings[j].transform)]);
    json.member("mean", model.scalings[j].mean);
    json.member("sd", model.scalings[j].sd);
    json.end_object();
  }
  json.end_object();
}

void write_distinctions(const Segmentation& segmentation, const Description& description, JsonWriter& json) {
  json.key("top_features");
  json.begin_array();
  for (std::size_t i = 0; i < std::min(kTopFeatures, description.distinctions.size()); ++i) {
    const Distinction& each = description.distinctions[i];
    json.begin_object();
    json.member("feature", segmentation.features[each.feature].name());
    json.member("value", each.value);
    json.member("elsewhere", each.elsewhere);
    json.member("contribution", each.contribution);
    json.end_object();
  }
  json.end_array();
}

void write_trend(const std::optional<Earlier>& earlier, const SegmentFigures& now, double share, JsonWriter& json) {
  if (!earlier) return json.member_null("trend");
  json.key("trend");
  json.begin_object();
  json.member_time("since", earlier->at);
  json.member("size", now.size - earlier->size);
  json.member("share", share - earlier->share);
  json.key("value");
  json.decimal(now.value - earlier->value, kNanoDecimals);
  json.end_object();
}

// The success ratio of each target whose labels have become known of members.
void write_outcomes(const Outcomes& outcomes, std::int32_t segment, JsonWriter& json) {
  json.key("targets");
  json.begin_object();
  for (const auto& [target, segments] : outcomes.by_target()) {
    const auto found = segments.find(segment);
    if (found == segments.end()) continue;
    json.key(target);
    json.begin_object();
    json.member("n", found->second.n);
    json.member("successes", found->second.successes);
    json.member("ratio", static_cast<double>(found->second.successes) / static_cast<double>(found->second.n));
    json.end_object();
  }
  json.end_object();
}

void write_ancestry(const Published& published, JsonWriter& json) {
  json.key("changes");
  json.begin_array();
  for (const Ancestry& each : published.ancestry) {
    json.begin_object();
    json.member("change", kFateNames[static_cast<std::size_t>(each.fate)]);
    const auto member = [&](std::string_view name, std::int32_t number) {
      if (number < 0)
        json.member_null(name);
      else
        json.member(name, segment_id(number));
    };
    member("from", each.from);
    member("to", each.to);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void write_model(const Segmentation& segmentation, const Published& published, const Population& population,
                 Millis event_time, Outputs& outputs) {
  const SegmentModel& model = published.model;
  const std::vector<SegmentFigures>& figures = population.figures;
  std::vector<std::int64_t> sizes;
  std::int64_t total = 0;
  for (const SegmentFigures& each : figures) {
    sizes.push_back(each.size);
    total += each.size;
  }
  const std::vector<Description> descriptions = describe(segmentation.features, model.scalings, model.centres, sizes);
  JsonWriter json = outputs.begin(output::kSegments, segmentation.model_name(), event_time);
  json.member("record", "segment_model");
  json.member("id", std::string_view(segmentation.name));
  json.member("version", published.version);
  json.member_time("valid_from", published.valid_from);
  json.member_time("trained_until", published.trained_until);
  json.member("final", population.is_final);
  json.member("k", static_cast<std::uint64_t>(model.k()));
  json.key("davies_bouldin");
  population.davies_bouldin ? json.number(*population.davies_bouldin) : json.null();
  json.key("stability");
  published.stability ? json.number(*published.stability) : json.null();
  json.member("left_out", published.left_out);
  json.key("features");
  json.begin_array();
  for (const Feature& feature : segmentation.features) json.text(feature.name());
  json.end_array();
  write_scaling(segmentation, model, json);
  json.key("influence");
  json.begin_object();
  const std::vector<double> shares = influences(model.centres, sizes);
  for (std::size_t j = 0; j < shares.size(); ++j) write_number(json, segmentation.features[j].name(), shares[j]);
  json.end_object();
  json.key("segments");
  json.begin_array();
  for (std::size_t i = 0; i < model.k(); ++i) {
    const double share = total > 0 ? static_cast<double>(sizes[i]) / static_cast<double>(total) : 0;
    json.begin_object();
    json.member("segment_id", segment_id(model.numbers[i]));
    json.member("name", descriptions[i].name);
    json.member("description", descriptions[i].sentence);
    json.member("size", sizes[i]);
    json.member("share", share);
    json.key("centroid");
    json.begin_object();
    for (std::size_t j = 0; j < segmentation.features.size(); ++j) {
      const Scaling& scaling = model.scalings[j];
      write_number(json, segmentation.features[j].name(),
                   restored(scaling.transform, scaling.y_of(model.centres.row(i)[j])));
    }
    json.end_object();
    json.key("value");
    json.decimal(figures[i].value, kNanoDecimals);
    json.key("margin");
    figures[i].margin ? json.decimal(*figures[i].margin, kNanoDecimals) : json.null();
    write_distinctions(segmentation, descriptions[i], json);
    write_trend(i < published.earlier.size() ? published.earlier[i] : std::nullopt, figures[i], share, json);
    write_outcomes(population.outcomes, model.numbers[i], json);
    json.end_object();
  }
  json.end_array();
  write_ancestry(published, json);
  if (population.links) write_links(*population.links, json);
  outputs.end(json, output::kSegments);
}

void Published::encode(Encoder& out) const {
  out.text(model.encode());
  out.zigzag(version);
  out.zigzag(valid_from);
  out.zigzag(trained_until);
  out.varint(ancestry.size());
  for (const Ancestry& each : ancestry) {
    out.byte(static_cast<std::uint8_t>(each.fate));
    out.zigzag(each.from);
    out.zigzag(each.to);
  }
  out.varint(earlier.size());
  for (const std::optional<Earlier>& each : earlier) {
    out.boolean(each.has_value());
    if (!each) continue;
    out.zigzag(each->at);
    out.zigzag(each->size);
    out.real(each->share);
    out.zigzag128(each->value);
  }
  out.boolean(stability.has_value());
  if (stability) out.real(*stability);
  out.varint(left_out);
}

bool Published::decode(Decoder& in) {
  const auto decoded = SegmentModel::decode(in.text());
  if (!decoded) return false;
  model = *decoded;
  version = in.zigzag();
  valid_from = in.zigzag();
  trained_until = in.zigzag();
  ancestry.resize(in.count(3));
  for (Ancestry& each : ancestry) {
    each.fate = static_cast<Fate>(in.byte());
    each.from = static_cast<std::int32_t>(in.zigzag());
    each.to = static_cast<std::int32_t>(in.zigzag());
  }
  earlier.resize(in.count());
  for (std::optional<Earlier>& each : earlier) {
    if (!in.boolean()) continue;
    each.emplace();
    each->at = in.zigzag();
    each->size = in.zigzag();
    each->share = in.real();
    each->value = in.zigzag128();
  }
  stability.reset();
  if (in.boolean()) stability = in.real();
  left_out = in.varint();
  return in.ok();
}

}  // namespace nudge::segments
