#include "operators/scores/watch.h"

#include "engine/portable_math.h"
#include "operators/scores/quality.h"

namespace nudge::scores {

void Watch::add(std::int32_t probability_micro, bool label, std::uint64_t group) {
  if (probability_micro >= 0) {
    const double truth = label ? 1 : 0;
    const double probability = static_cast<double>(probability_micro) / kProbabilityOne;
    const double share = (static_cast<double>(positives_) + 0.5) / (static_cast<double>(known_) + 1);
    epoch_.judged += 1;
    epoch_.right += (probability >= 0.5) == label;
    epoch_.majority_right += (share >= 0.5) == label;
    epoch_.no_change_right += last_label_ == label;
    epoch_.majority_loss -= portable::log(label ? share : 1 - share);
    epoch_.majority_squares += (share - truth) * (share - truth);
    if (group != epoch_.group) end_group();
    epoch_.group = group;
    epoch_.group_rows += 1;
    epoch_.group_errors += (probability - truth) * (probability - truth);
  }
  known_ += 1;
  positives_ += label;
  last_label_ = label;
}

void Watch::end_group() {
  if (epoch_.group_rows == 0) return;
  const double error = epoch_.group_errors / static_cast<double>(epoch_.group_rows);
  epoch_.group_rows = 0;
  epoch_.group_errors = 0;
  if (const Adwin::Change change = adwin_.add(error); change != Adwin::Change::kNone) epoch_.adwin = change;
  epoch_.page_hinkley |= page_hinkley_.add(error);
}

void Watch::end_epoch() { end_group(); }

void Watch::write(JsonWriter& writer) const {
  const auto mean = [&](std::string_view name, double sum) {
    if (epoch_.judged == 0)
      writer.member_null(name);
    else
      writer.member_fixed(name, sum / static_cast<double>(epoch_.judged), 6);
  };
  mean("accuracy", static_cast<double>(epoch_.right));
  writer.key("baselines");
  writer.begin_object();
  writer.key("majority");
  writer.begin_object();
  mean("accuracy", static_cast<double>(epoch_.majority_right));
  mean("log_loss", epoch_.majority_loss);
  mean("brier", epoch_.majority_squares);
  writer.end_object();
  writer.key("no_change");
  writer.begin_object();
  mean("accuracy", static_cast<double>(epoch_.no_change_right));
  writer.end_object();
  writer.end_object();
  writer.key("errors");
  writer.begin_object();
  writer.key("adwin");
  writer.begin_object();
  writer.member("n", adwin_.size());
  writer.member_fixed("mean", adwin_.mean(), 6);
  constexpr std::string_view kChanges[] = {"none", "rise", "fall"};
  writer.member("change", kChanges[static_cast<std::size_t>(epoch_.adwin)]);
  writer.end_object();
  writer.key("page_hinkley");
  writer.begin_object();
  writer.member_fixed("excess", page_hinkley_.excess(), 6);
  writer.member_fixed("threshold", PageHinkley::kThreshold, 0);
  writer.member("change", epoch_.page_hinkley ? std::string_view("rise") : std::string_view("none"));
  writer.end_object();
  writer.end_object();
}

void Watch::encode(Encoder& out) const {
  adwin_.encode(out);
  page_hinkley_.encode(out);
  out.varint(known_);
  out.varint(positives_);
  out.boolean(last_label_);
}

void Watch::decode(Decoder& in) {
  adwin_.decode(in);
  page_hinkley_.decode(in);
  known_ = in.varint();
  positives_ = in.varint();
  last_label_ = in.boolean();
  epoch_ = {};
}

}  // namespace nudge::scores
