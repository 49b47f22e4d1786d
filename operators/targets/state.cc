// TargetsSection: version 1 is nothing at all for a customer without lists, timer and early scores, else
//   varint armed + 1 (0: not) · varint number of early scores · those: fixed32 score, varint at · varint number of
//   lists · each: text name · varint number of starts · those: varint time since the one before · byte: 0 no member, 1
//   updated, 2 entered · of a member: varint probability, varint percentile + 1, texts band, reasons, identifiers, byte
//   suppressed, varints scored_at, valid_until, recorded_at.
#include "operators/targets/state.h"

#include <algorithm>

namespace nudge::targets {
namespace {

constexpr std::uint8_t kNoMember = 0, kUpdated = 1, kEntered = 2;
constexpr std::int32_t kMicroMax = 1'000'000, kCentiMax = 10'000;

void encode_member(const Membership& member, Encoder& out) {
  out.varint(static_cast<std::uint64_t>(member.probability_micro));
  out.varint(static_cast<std::uint64_t>(member.percentile_centi) + 1);
  out.text(member.band);
  out.text(member.reasons);
  out.text(member.identifiers);
  out.byte(member.suppressed);
  for (const Millis time : {member.scored_at, member.valid_until, member.recorded_at})
    out.varint(static_cast<std::uint64_t>(time));
}

bool decode_time(Decoder& in, Millis& time) {
  const std::uint64_t value = in.varint();
  time = static_cast<Millis>(value);
  return value <= static_cast<std::uint64_t>(2 * kLastTime);  // the end of a validity may lie beyond the last event
}

bool decode_member(Decoder& in, Membership& member) {
  const std::uint64_t probability = in.varint(), percentile = in.varint();
  if (probability > kMicroMax || percentile > kCentiMax + 1) return false;
  member.probability_micro = static_cast<std::int32_t>(probability);
  member.percentile_centi = static_cast<std::int32_t>(percentile) - 1;
  member.band = in.text();
  member.reasons = in.text();
  member.identifiers = in.text();
  member.suppressed = in.byte();
  return member.suppressed < kSuppressionEnd && decode_time(in, member.scored_at) &&
         decode_time(in, member.valid_until) && decode_time(in, member.recorded_at);
}

bool decode_list(Decoder& in, ListState& state) {
  state.list = in.text();
  const std::size_t starts = in.count();
  if (state.list.empty() || starts > kStartsMax) return false;
  state.starts.resize(starts);
  Millis before = 0;
  for (Millis& start : state.starts) {
    Millis since = 0;
    if (!decode_time(in, since)) return false;
    start = before += since;
    if (start > kLastTime) return false;
  }
  const std::uint8_t kind = in.byte();
  if (kind == kNoMember) return in.ok();
  if (kind > kEntered) return false;
  state.member.emplace().entered = kind == kEntered;
  return decode_member(in, *state.member);
}

}  // namespace

const ListState* TargetsSection::find(std::string_view list) const {
  for (const ListState& state : lists)
    if (state.list == list) return &state;
  return nullptr;
}

ListState& TargetsSection::find_or_add(std::string_view list) {
  for (ListState& state : lists)
    if (state.list == list) return state;
  return lists.emplace_back(ListState{std::string(list), {}, {}});
}

bool TargetsSection::has_members() const {
  return std::any_of(lists.begin(), lists.end(), [](const ListState& state) { return state.member.has_value(); });
}

bool TargetsSection::take_latest(std::uint32_t score, Millis at, Millis watermark) {
  std::erase_if(early_scores, [watermark](const EarlyScore& early) { return early.at <= watermark; });
  const auto same = std::find_if(early_scores.begin(), early_scores.end(),
                                 [score](const EarlyScore& early) { return early.score == score; });
  if (same != early_scores.end()) {
    if (at < same->at) return false;
    same->at = at;
  } else if (at > watermark) {
    early_scores.push_back({score, at});
  }
  return true;
}

void TargetsSection::tidy() {
  std::erase_if(lists, [](const ListState& state) { return !state.member && state.starts.empty(); });
}

void TargetsSection::encode(Encoder& out) const {
  if (lists.empty() && armed == kNever && early_scores.empty()) return;
  out.varint(armed == kNever ? 0 : static_cast<std::uint64_t>(armed) + 1);
  out.varint(early_scores.size());
  for (const EarlyScore& early : early_scores) {
    out.fixed32(early.score);
    out.varint(static_cast<std::uint64_t>(early.at));
  }
  out.varint(lists.size());
  for (const ListState& state : lists) {
    out.text(state.list);
    out.varint(state.starts.size());
    Millis before = 0;
    for (const Millis start : state.starts) {
      out.varint(static_cast<std::uint64_t>(start - before));
      before = start;
    }
    out.byte(!state.member ? kNoMember : state.member->entered ? kEntered : kUpdated);
    if (state.member) encode_member(*state.member, out);
  }
}

std::size_t TargetsSection::memory_bytes() const {
  std::size_t bytes =
      sizeof *this + lists.capacity() * sizeof(ListState) + early_scores.capacity() * sizeof(EarlyScore);
  for (const ListState& state : lists) {
    bytes += state.list.capacity() + state.starts.capacity() * sizeof(Millis);
    if (state.member)
      bytes += state.member->band.capacity() + state.member->reasons.capacity() + state.member->identifiers.capacity();
  }
  return bytes;
}

std::unique_ptr<Section> TargetsSection::make() { return std::make_unique<TargetsSection>(); }

std::unique_ptr<Section> TargetsSection::decode(std::uint32_t version, std::string_view bytes) {
  if (version != 1) return nullptr;
  auto section = std::make_unique<TargetsSection>();
  if (bytes.empty()) return section;
  Decoder in(bytes);
  Millis armed = 0;
  if (!decode_time(in, armed)) return nullptr;
  section->armed = armed == 0 ? kNever : armed - 1;
  section->early_scores.resize(in.count(5));
  for (EarlyScore& early : section->early_scores) {
    early.score = in.fixed32();
    if (!decode_time(in, early.at)) return nullptr;
  }
  section->lists.resize(in.count(3));
  for (std::size_t i = 0; i < section->lists.size(); ++i) {
    if (!decode_list(in, section->lists[i])) return nullptr;
    for (std::size_t j = 0; j < i; ++j)
      if (section->lists[j].list == section->lists[i].list) return nullptr;
  }
  return in.ok() && in.at_end() ? std::move(section) : nullptr;
}

}  // namespace nudge::targets
