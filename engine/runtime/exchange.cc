#include "engine/runtime/exchange.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "state/codec.h"

namespace nudge::runtime {
namespace {

// A record holds parcels, or a part of one, up to about this size.
constexpr std::size_t kRecordBytes = 512 << 10;
constexpr std::chrono::milliseconds kAskedEvery(100);

}  // namespace

Exchange::Exchange(ExchangeLog& log, std::uint32_t tasks, std::function<Status()> goes_on)
    : log_(log), tasks_(tasks), goes_on_(std::move(goes_on)), receivers_(tasks + 1), outgoing_(tasks + 1) {}

Status Exchange::open(std::uint32_t to, std::uint64_t step, std::uint64_t offset) {
  Receiver& receiver = receivers_[to];
  receiver.open = true;
  receiver.step = step;
  receiver.next_offset = offset;
  return log_.follow(to, offset);
}

// A record: step, then for each part of a parcel stage, sender, its number, whether it is the last one, bytes.
Status Exchange::send(std::uint64_t step, Stage stage, std::uint32_t from, std::uint32_t to, std::string_view parcel) {
  std::string& record = outgoing_[to];
  for (std::uint32_t part = 0;; ++part) {
    const std::string_view bytes = parcel.substr(0, kRecordBytes);
    parcel.remove_prefix(bytes.size());
    if (!record.empty() && record.size() + bytes.size() > kRecordBytes) NUDGE_TRY(append(to));
    Encoder out(record);
    if (record.empty()) out.varint(step);
    out.byte(static_cast<std::uint8_t>(stage));
    out.varint(from);
    out.varint(part);
    out.boolean(parcel.empty());
    out.text(bytes);
    if (parcel.empty()) return Status::ok();
  }
}

Status Exchange::append(std::uint32_t to) {
  const Status appended = log_.append(to, outgoing_[to]);
  outgoing_[to].clear();
  return appended;
}

Status Exchange::post() {
  for (std::uint32_t to = 0; to < outgoing_.size(); ++to)
    if (!outgoing_[to].empty()) NUDGE_TRY(append(to));
  return Status::ok();
}

Status Exchange::take(std::uint32_t to, std::uint64_t offset, std::string_view record) {
  Receiver& receiver = receivers_[to];
  receiver.next_offset = offset + 1;
  Decoder in(record);
  const std::uint64_t step = in.varint();
  if (step <= receiver.step && in.ok()) return Status::ok();
  receiver.records.emplace_back(offset, step);
  while (in.ok() && !in.at_end()) {
    const auto stage = static_cast<Stage>(in.byte());
    const auto from = static_cast<std::uint32_t>(in.varint());
    const auto part = static_cast<std::uint32_t>(in.varint());
    const bool is_last = in.boolean();
    const std::string_view bytes = in.text();
    if (!in.ok()) break;
    Parcel& parcel = receiver.parcels[{step, stage, from}];
    if (parcel.whole) continue;
    parcel.parts.try_emplace(part, bytes);
    if (is_last) parcel.count = part + 1;
    if (!parcel.count || parcel.parts.size() < *parcel.count) continue;
    for (const auto& [number, each] : parcel.parts) parcel.bytes.append(each);
    parcel.parts.clear();
    parcel.whole = true;
  }
  if (in.ok()) return Status::ok();
  return Status::io(fmt::format(
      "the exchange's partition {}: record {} cannot be read: it was written by another version", to, offset));
}

Exchange::Parcel* Exchange::find(std::uint64_t step, Stage stage, std::uint32_t from, std::uint32_t to) {
  auto& parcels = receivers_[to].parcels;
  const auto found = parcels.find({step, stage, from});
  return found == parcels.end() || !found->second.whole ? nullptr : &found->second;
}

Result<bool> Exchange::arrived(std::uint64_t step, Stage stage, std::uint32_t from, std::uint32_t to,
                               std::chrono::milliseconds timeout) {
  if (find(step, stage, from, to)) return true;
  NUDGE_TRY(log_.poll(timeout, [this](std::uint32_t receiver, std::uint64_t offset,
                                      std::string_view record) { return take(receiver, offset, record); })
                .status());
  return find(step, stage, from, to) != nullptr;
}

Result<std::string_view> Exchange::receive(std::uint64_t step, Stage stage, std::uint32_t from, std::uint32_t to) {
  for (;;) {
    NUDGE_ASSIGN(const bool is_here, arrived(step, stage, from, to, kAskedEvery));
    if (is_here) return std::string_view(find(step, stage, from, to)->bytes);
    NUDGE_TRY(goes_on_());
  }
}

void Exchange::done(std::uint32_t to, std::uint64_t step) {
  Receiver& receiver = receivers_[to];
  receiver.step = std::max(receiver.step, step);
  auto& parcels = receiver.parcels;
  parcels.erase(parcels.begin(), parcels.lower_bound({receiver.step + 1, Stage::kRouted, 0}));
  while (!receiver.records.empty() && receiver.records.front().second <= receiver.step) receiver.records.pop_front();
}

std::uint64_t Exchange::offset(std::uint32_t to) const {
  const Receiver& receiver = receivers_[to];
  return receiver.records.empty() ? receiver.next_offset : receiver.records.front().first;
}

}  // namespace nudge::runtime
