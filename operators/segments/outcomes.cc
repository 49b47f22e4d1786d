#include "operators/segments/outcomes.h"

namespace nudge::segments {

void Outcomes::add(std::string_view target, std::int32_t segment, bool success) {
  auto found = by_target_.find(target);
  if (found == by_target_.end()) found = by_target_.try_emplace(std::string(target)).first;
  Outcome& outcome = found->second[segment];
  ++outcome.n;
  outcome.successes += success;
}

void Outcomes::merge(const Outcomes& other) {
  for (const auto& [target, segments] : other.by_target_)
    for (const auto& [segment, outcome] : segments) {
      Outcome& own = by_target_[target][segment];
      own.n += outcome.n;
      own.successes += outcome.successes;
    }
}

void Outcomes::encode(Encoder& out) const {
  out.varint(by_target_.size());
  for (const auto& [target, segments] : by_target_) {
    out.text(target);
    out.varint(segments.size());
    for (const auto& [segment, outcome] : segments) {
      out.zigzag(segment);
      out.zigzag(outcome.n);
      out.zigzag(outcome.successes);
    }
  }
}

bool Outcomes::decode(Decoder& in) {
  by_target_.clear();
  for (std::size_t left = in.count(2); left > 0 && in.ok(); --left) {
    auto& segments = by_target_[std::string(in.text())];
    for (std::size_t each = in.count(3); each > 0 && in.ok(); --each) {
      Outcome& outcome = segments[static_cast<std::int32_t>(in.zigzag())];
      outcome.n = in.zigzag();
      outcome.successes = in.zigzag();
    }
  }
  return in.ok();
}

}  // namespace nudge::segments
