#include "tools/nudge/evaluate/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

namespace nudge::evaluate {
namespace {

using Json = nlohmann::ordered_json;
using Figure = std::function<std::optional<double>(const Judgement&)>;

constexpr std::size_t kFeaturesTold = 10;

// Over the repeats in which the figure is defined.
struct Spread {
  std::optional<double> mean, deviation;
};

Spread spread_of(const ModelResult& model, const Figure& figure) {
  std::vector<double> values;
  for (const Judgement& repeat : model.repeats)
    if (const auto value = figure(repeat)) values.push_back(*value);
  Spread spread;
  if (values.empty()) return spread;
  const double n = static_cast<double>(values.size());
  spread.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (values.size() < 2) return spread;
  double squares = 0;
  for (const double value : values) squares += (value - *spread.mean) * (value - *spread.mean);
  spread.deviation = std::sqrt(squares / (n - 1));
  return spread;
}

struct NamedFigure {
  const char *name, *heading;
  int decimals;
  std::optional<double> (*of)(const Judgement&);
};

std::optional<double> band_gap(const Judgement& judgement) {
  const scores::Quality& quality = judgement.quality;
  if (!quality.band_predicted) return std::nullopt;
  return *quality.band_predicted - *quality.band_actual;
}

constexpr NamedFigure kFigures[] = {
    {"balanced_accuracy_at_half", "bal. acc. at .5", 4,
     [](const Judgement& j) { return j.at_half.balanced_accuracy(); }},
    {"balanced_accuracy_at_threshold", "at threshold", 4,
     [](const Judgement& j) { return j.at_threshold.balanced_accuracy(); }},
    {"auc", "AUC", 4, [](const Judgement& j) { return j.quality.auc; }},
    {"log_loss", "log loss", 4, [](const Judgement& j) { return j.quality.log_loss; }},
    {"brier", "Brier", 4, [](const Judgement& j) { return j.quality.brier; }},
    {"ece", "ECE", 4, [](const Judgement& j) { return j.quality.ece; }},
    {"band_gap", "band gap", 4, band_gap},
};

std::string number_or_none(const std::optional<double>& value, int decimals) {
  return value ? fmt::format("{:.{}f}", *value, decimals) : "–";
}

// ---- text ---------------------------------------------------------------------------------------

// In characters: figures may have dashes and signs of several bytes.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// The first column is text, the others figures.
std::string table(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width_of(line[i]));
  std::string out;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string blanks(widths[i] - width_of(line[i]), ' ');
      out += i == 0 ? line[i] + blanks : "   " + blanks + line[i];
    }
    out += '\n';
  }
  return out;
}

// 12,330
std::string grouped(std::size_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string data_lines(const Evaluation& evaluation) {
  const Dataset& data = evaluation.dataset;
  std::string out = fmt::format("data       {}: {} rows", evaluation.data, grouped(data.read));
  if (data.without_target > 0) out += fmt::format(", {} without a target left out", grouped(data.without_target));
  if (data.with_unknown > 0) out += fmt::format(", {} with an unknown left out", grouped(data.with_unknown));
  if (data.without_treatment > 0)
    out += fmt::format(", {} without a treatment left out", grouped(data.without_treatment));
  const auto count = [&](ColumnType type) {
    return std::count_if(data.features.begin(), data.features.end(),
                         [type](const Feature& feature) { return feature.type == type; });
  };
  out += fmt::format("\ntarget     {} = {}: {} of {} ({})\n", data.target, data.positive, grouped(data.positives),
                     grouped(data.rows.size()),
                     percent(static_cast<double>(data.positives) / static_cast<double>(data.rows.size())));
  out += fmt::format("features   {} numbers, {} texts, {} booleans\n", count(ColumnType::kNumber),
                     count(ColumnType::kText), count(ColumnType::kBoolean));
  const Contest& contest = evaluation.contest;
  out += fmt::format("split      {}: {} {}, {} rows to learn{}, {} tested{}\n", evaluation.split, contest.parts,
                     contest.parts == 1 ? "part" : "parts", grouped(contest.taught),
                     contest.parts == 1 ? "" : " on average", grouped(contest.tested),
                     evaluation.seeds > 1 ? fmt::format("; mean of {} seeds", evaluation.seeds) : "");
  return out;
}

std::string models_table(const Contest& contest) {
  std::vector<std::vector<std::string>> lines{{"model"}};
  for (const NamedFigure& figure : kFigures) lines[0].emplace_back(figure.heading);
  for (const ModelResult& model : contest.models) {
    auto& line = lines.emplace_back(std::vector<std::string>{std::string(model.name)});
    for (const NamedFigure& figure : kFigures) {
      const Spread spread = spread_of(model, figure.of);
      std::string cell = number_or_none(spread.mean, figure.decimals);
      if (spread.deviation) cell += " ±" + number_or_none(spread.deviation, figure.decimals).substr(1);
      line.push_back(std::move(cell));
    }
  }
  return table(lines);
}

// Nothing where no model ever was one.
std::string champion_line(const Contest& contest, std::string_view heading, std::size_t ModelResult::*championships) {
  std::string names;
  for (const ModelResult& model : contest.models)
    if (model.*championships > 0)
      names += fmt::format("{}{} in {}", names.empty() ? "" : ", ", model.name, grouped(model.*championships));
  if (names.empty()) return names;
  return fmt::format("{:<10} {} of {} parts\n", heading, names,
                     grouped(contest.parts * contest.models.front().repeats.size()));
}

std::string confusion_table(const ModelResult& model) {
  const Judgement& first = model.repeats.front();
  std::vector<std::vector<std::string>> lines{
      {"champion", "true, chosen", "true, not chosen", "false, chosen", "false, not chosen"}};
  const auto add = [&](std::string name, const Confusion& confusion) {
    lines.push_back({std::move(name), grouped(confusion.true_positives), grouped(confusion.false_negatives),
                     grouped(confusion.false_positives), grouped(confusion.true_negatives)});
  };
  add("at .5", first.at_half);
  add(fmt::format("at {:.3f} (mean)", model.threshold), first.at_threshold);
  return table(lines);
}

std::string calibration_table(const ModelResult& model) {
  const Judgement& first = model.repeats.front();
  std::vector<std::vector<std::string>> lines{{"champion", "rows", "predicted", "actual"}};
  for (std::size_t bin = 0; bin < first.calibration.size(); ++bin) {
    const CalibrationBin& each = first.calibration[bin];
    lines.push_back({fmt::format("probability, part {}", bin + 1), grouped(each.n),
                     fmt::format("{:.3f}", each.predicted), fmt::format("{:.3f}", each.actual)});
  }
  const scores::Quality& quality = first.quality;
  if (quality.band_n > 0)
    lines.push_back({fmt::format("from {:.0f} to {:.0f} %", 100 * kBandLow, 100 * kBandHigh), grouped(quality.band_n),
                     fmt::format("{:.3f}", *quality.band_predicted), fmt::format("{:.3f}", *quality.band_actual)});
  return table(lines);
}

// Features by what the champion loses without them.
std::vector<std::size_t> by_importance(const std::vector<double>& importance) {
  std::vector<std::size_t> order(importance.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return importance[a] > importance[b]; });
  return order;
}

std::string importance_table(const Evaluation& evaluation) {
  const std::vector<double>& importance = evaluation.contest.models.back().importance;
  std::vector<std::vector<std::string>> lines{{"feature", "AUC lost when shuffled", "AUC alone", "unknown"}};
  for (const std::size_t feature : by_importance(importance)) {
    if (lines.size() > kFeaturesTold) break;
    const Feature& each = evaluation.dataset.features[feature];
    lines.push_back({each.name, fmt::format("{:.4f}", importance[feature]),
                     fmt::format("{:.3f}", evaluation.lone_aucs[feature]),
                     percent(static_cast<double>(each.unknown) / static_cast<double>(evaluation.dataset.rows.size()))});
  }
  return table(lines);
}

std::string segments_table(const Evaluation& evaluation) {
  std::vector<std::vector<std::string>> lines{{"segment", "rows", "true", "chosen", "success ratio", "true, chosen",
                                               "true, not chosen", "false, chosen", "false, not chosen"}};
  const auto& segments = evaluation.contest.models.back().segments;
  for (std::size_t segment = 0; segment < segments.size(); ++segment) {
    const SegmentResult& each = segments[segment];
    const double n = static_cast<double>(each.size());
    const auto success = each.success_ratio();
    lines.push_back({fmt::format("{}: {}", segment + 1, evaluation.segments->descriptions[segment]),
                     grouped(each.size()), n > 0 ? percent(static_cast<double>(each.positives()) / n) : "–",
                     grouped(each.chosen()), success ? percent(*success) : "–", grouped(each.confusion.true_positives),
                     grouped(each.confusion.false_negatives), grouped(each.confusion.false_positives),
                     grouped(each.confusion.true_negatives)});
  }
  return table(lines);
}

std::string uplift_table(const UpliftArm& arm) {
  std::string out =
      fmt::format("treatment  {}: {} of {} true, {} of {} without; the effect is {:+.2f} ± {:.2f} points\n", arm.name,
                  grouped(arm.positives[1]), grouped(arm.rows[1]), grouped(arm.positives[0]), grouped(arm.rows[0]),
                  100 * arm.effect(), 100 * arm.effect_error());
  std::vector<std::vector<std::string>> lines{{"order by", "Qini", "90 % from", "to", "above response, at least"}};
  for (const UpliftModel& model : arm.models)
    lines.push_back({std::string(model.name), number_or_none(model.qini, 4), number_or_none(model.low, 4),
                     number_or_none(model.high, 4), number_or_none(model.gain_low, 4)});
  return out + table(lines) +
         (arm.uses_uplift() ? "Choose by the effect: it is better than the response, and not by chance.\n"
                            : "Choose by the response: that the effect is better may be chance.\n");
}

// ---- JSON ---------------------------------------------------------------------------------------

Json json_of(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json json_of(const Confusion& confusion) {
  return {{"true_positives", confusion.true_positives},
          {"false_negatives", confusion.false_negatives},
          {"false_positives", confusion.false_positives},
          {"true_negatives", confusion.true_negatives}};
}

Json json_of(const Judgement& judgement) {
  Json json;
  for (const NamedFigure& figure : kFigures) json[figure.name] = json_of(figure.of(judgement));
  const scores::Quality& quality = judgement.quality;
  json["n"] = quality.n;
  json["positives"] = quality.positives;
  json["band"] = {{"from", kBandLow},
                  {"to", kBandHigh},
                  {"n", quality.band_n},
                  {"predicted", json_of(quality.band_predicted)},
                  {"actual", json_of(quality.band_actual)}};
  json["confusion"] = {{"at_half", json_of(judgement.at_half)}, {"at_threshold", json_of(judgement.at_threshold)}};
  json["calibration"] = Json::array();
  for (const CalibrationBin& bin : judgement.calibration)
    json["calibration"].push_back({{"n", bin.n}, {"predicted", bin.predicted}, {"actual", bin.actual}});
  return json;
}

Json json_of(const ModelResult& model, const Dataset& data) {
  Json json = {{"name", model.name},
               {"championships", model.championships},
               {"championships_at_half", model.championships_at_half},
               {"threshold", model.threshold}};
  for (const NamedFigure& figure : kFigures) {
    const Spread spread = spread_of(model, figure.of);
    json[figure.name] = {{"mean", json_of(spread.mean)}, {"sd", json_of(spread.deviation)}};
  }
  json["importance"] = Json::array();
  if (!model.importance.empty())
    for (const std::size_t feature : by_importance(model.importance))
      json["importance"].push_back({{"feature", data.features[feature].name}, {"auc_lost", model.importance[feature]}});
  json["repeats"] = Json::array();
  for (const Judgement& repeat : model.repeats) json["repeats"].push_back(json_of(repeat));
  return json;
}

Json json_of(const Segments& segments, const ModelResult& champion) {
  Json json = {{"davies_bouldin", segments.davies_bouldin}, {"segments", Json::array()}};
  for (std::size_t segment = 0; segment < champion.segments.size(); ++segment) {
    const SegmentResult& each = champion.segments[segment];
    json["segments"].push_back({{"segment", segment + 1},
                                {"description", segments.descriptions[segment]},
                                {"n", each.size()},
                                {"positives", each.positives()},
                                {"chosen", each.chosen()},
                                {"success_ratio", json_of(each.success_ratio())},
                                {"confusion", json_of(each.confusion)}});
  }
  return json;
}

Json json_of(const UpliftArm& arm) {
  Json json = {{"treatment", arm.name},
               {"treated", {{"n", arm.rows[1]}, {"positives", arm.positives[1]}}},
               {"untreated", {{"n", arm.rows[0]}, {"positives", arm.positives[0]}}},
               {"effect", arm.effect()},
               {"effect_se", arm.effect_error()},
               {"uses_uplift", arm.uses_uplift()},
               {"models", Json::array()}};
  for (const UpliftModel& model : arm.models)
    json["models"].push_back({{"name", model.name},
                              {"qini", json_of(model.qini)},
                              {"low", json_of(model.low)},
                              {"high", json_of(model.high)},
                              {"above_response_low", json_of(model.gain_low)}});
  return json;
}

}  // namespace

std::vector<std::string> warnings_of(const Evaluation& evaluation) {
  std::vector<std::string> warnings = evaluation.dataset.warnings;
  for (std::size_t feature = 0; feature < evaluation.lone_aucs.size(); ++feature)
    if (evaluation.lone_aucs[feature] >= kSuspiciousAuc)
      warnings.push_back(
          fmt::format("column {} alone reaches an AUC of {:.3f}: is it known before the fact? If not, leave "
                      "it out with --drop",
                      evaluation.dataset.features[feature].name, evaluation.lone_aucs[feature]));
  return warnings;
}

std::string text_report(const Evaluation& evaluation) {
  const Contest& contest = evaluation.contest;
  std::string out = data_lines(evaluation) + champion_line(contest, "champion", &ModelResult::championships) +
                    champion_line(contest, "at .5", &ModelResult::championships_at_half);
  for (const std::string& warning : warnings_of(evaluation)) out += "warning    " + warning + "\n";
  out += "\n" + models_table(contest);
  const ModelResult& champion = contest.models.back();
  out += "\n" + confusion_table(champion) + "\n" + calibration_table(champion);
  out += "\n" + importance_table(evaluation);
  if (evaluation.segments) out += "\n" + segments_table(evaluation);
  for (const UpliftArm& arm : evaluation.arms) out += "\n" + uplift_table(arm);
  return out;
}

std::string json_report(const Evaluation& evaluation) {
  const Dataset& data = evaluation.dataset;
  const Contest& contest = evaluation.contest;
  Json json = {{"data", evaluation.data},
               {"target", {{"column", data.target}, {"positive", data.positive}}},
               {"rows",
                {{"read", data.read},
                 {"without_target", data.without_target},
                 {"with_unknown", data.with_unknown},
                 {"used", data.rows.size()},
                 {"positives", data.positives}}},
               {"split",
                {{"kind", evaluation.split},
                 {"seeds", evaluation.seeds},
                 {"parts", contest.parts},
                 {"taught", contest.taught},
                 {"tested", contest.tested}}},
               {"warnings", warnings_of(evaluation)}};
  json["features"] = Json::array();
  for (std::size_t feature = 0; feature < data.features.size(); ++feature) {
    const Feature& each = data.features[feature];
    json["features"].push_back({{"name", each.name},
                                {"type", name_of(each.type)},
                                {"unknown", each.unknown},
                                {"distinct", each.distinct},
                                {"auc_alone", evaluation.lone_aucs[feature]}});
  }
  json["models"] = Json::array();
  for (const ModelResult& model : contest.models) json["models"].push_back(json_of(model, data));
  if (evaluation.segments) json["segmentation"] = json_of(*evaluation.segments, contest.models.back());
  if (!evaluation.arms.empty()) {
    json["uplift"] = Json::array();
    for (const UpliftArm& arm : evaluation.arms) json["uplift"].push_back(json_of(arm));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace nudge::evaluate
