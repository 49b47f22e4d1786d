// The bytes of a section. What follows from the touches is not stored but passed through again.
#include <algorithm>
#include <utility>

#include "operators/sessions/section.h"

namespace nudge::sessions {
namespace {

using Visits = SessionsSection::Visits;

void encode_visits(Encoder& out, const Visits& visits) {
  out.varint(visits.size());
  for (const Visit& visit : visits) visit.encode(out);
}

Visits decode_visits(Decoder& in) {
  Visits visits(in.count(12));
  for (Visit& visit : visits) visit = Visit::decode(in);
  return visits;
}

void encode_touch(Encoder& out, const Touch& touch, Millis before) {
  out.zigzag(touch.at - before);
  out.zigzag(touch.price);
  out.boolean(touch.product != 0);
  if (touch.product != 0) out.fixed32(touch.product);
  out.byte(static_cast<std::uint8_t>(touch.action));
  out.byte(touch.device);
  out.byte(touch.region);
  out.byte(static_cast<std::uint8_t>(touch.referrer));
}

void decode_touch(Decoder& in, Touch& touch, Millis before) {
  touch.at = before + in.zigzag();
  touch.price = in.zigzag();
  if (in.boolean()) touch.product = in.fixed32();
  const std::uint8_t action = in.byte();
  touch.device = in.byte();
  touch.region = in.byte();
  const std::uint8_t referrer = in.byte();
  if (action >= kPageActions || referrer > static_cast<std::uint8_t>(Referrer::kOther)) return in.fail();
  touch.action = static_cast<PageAction>(action);
  touch.referrer = static_cast<Referrer>(referrer);
}

}  // namespace

void SessionsSection::encode(Encoder& out) const {
  out.varint(static_cast<std::uint64_t>(gap_));
  out.varint(armed == kNever ? 0 : static_cast<std::uint64_t>(armed) + 1);
  for (const std::uint64_t number : {page_views_, forgotten_, forgotten_bought_}) out.varint(number);
  out.fixed64(touched_);
  words_.encode(out);
  out.varint(names_.size());
  for (const auto& [key, session_id] : names_) {
    out.fixed64(key);
    out.text(session_id);
  }
  encode_visits(out, bases_);
  encode_visits(out, ended_);
  out.varint(sales_.size());
  Millis before = 0;
  for (const Millis sale : sales_) out.zigzag(sale - std::exchange(before, sale));
  out.varint(open_.size());
  for (const Visit& visit : open_) {
    out.fixed64(visit.id);
    out.fixed64(visit.key);
    out.boolean(visit.named);
  }
  out.varint(touches_.size());
  before = 0;
  for (const OpenTouch& touch : touches_) {
    const auto place =
        std::find_if(open_.begin(), open_.end(), [&](const Visit& visit) { return visit.id == touch.session; });
    out.varint(static_cast<std::uint64_t>(place - open_.begin()));
    encode_touch(out, touch.touch, std::exchange(before, touch.touch.at));
  }
}

std::unique_ptr<Section> SessionsSection::decode(std::uint32_t version, std::string_view bytes) {
  if (version != kVersion) return nullptr;
  auto section = std::make_unique<SessionsSection>();
  SessionsSection& own = *section;
  Decoder in(bytes);
  own.gap_ = static_cast<Millis>(in.varint());
  const std::uint64_t armed = in.varint();
  own.armed = armed == 0 ? kNever : static_cast<Millis>(armed - 1);
  for (std::uint64_t* number : {&own.page_views_, &own.forgotten_, &own.forgotten_bought_}) *number = in.varint();
  own.touched_ = in.fixed64();
  own.words_.decode(in);
  own.names_.resize(in.count(9));
  for (auto& [key, session_id] : own.names_) {
    key = in.fixed64();
    session_id = in.text();
  }
  own.bases_ = decode_visits(in);
  own.ended_ = decode_visits(in);
  own.sales_.resize(in.count());
  Millis before = 0;
  for (Millis& sale : own.sales_) sale = before += in.zigzag();

  std::vector<Visit> open(in.count(17));
  for (Visit& visit : open) {
    visit.id = in.fixed64();
    visit.key = in.fixed64();
    visit.named = in.boolean();
  }
  own.touches_.resize(in.count(8));
  before = 0;
  for (OpenTouch& touch : own.touches_) {
    const std::uint64_t place = in.varint();
    decode_touch(in, touch.touch, before);
    before = touch.touch.at;
    if (place >= open.size()) in.fail();
    if (!in.ok()) return nullptr;
    touch.session = open[place].id;
    touch.touch.key = open[place].key;
    touch.touch.named = open[place].named;
  }
  const auto words = own.words_.size();
  const auto is_known = [&](const auto& item) { return item.device <= words && item.region <= words; };
  const auto all_known = [&](const Visits& visits) { return std::all_of(visits.begin(), visits.end(), is_known); };
  if (!in.ok() || !in.at_end() || !all_known(own.bases_) || !all_known(own.ended_) ||
      !std::all_of(own.touches_.begin(), own.touches_.end(),
                   [&](const OpenTouch& touch) { return is_known(touch.touch); }))
    return nullptr;
  own.rebuild();
  return section;
}

}  // namespace nudge::sessions
