#include "operators/rfm/order_history.h"

#include <algorithm>
#include <cmath>

#include "engine/check.h"

namespace nudge::rfm {
namespace {

// Cutting a block at a time keeps the cost of a cut off the single order. Whole pieces.
constexpr std::size_t kBlock = 512;
// So few orders are summed up each time; customers with more get running sums.
constexpr std::size_t kSummedDirectly = 16;
constexpr double kDayMillis = static_cast<double>(kDay);

Int128 square(Millis gap) { return static_cast<Int128>(gap) * gap; }

}  // namespace

Int128 OrderHistory::squares_at(std::size_t place) const {
  const Millis at = kept_[place].at;
  const bool has_before = place > 0 || older_ > 0, has_after = place + 1 < kept_.size();
  const Millis before = place > 0 ? kept_[place - 1].at : newest_older_;
  const Millis after = has_after ? kept_[place + 1].at : 0;
  Int128 squares = 0;
  if (has_before) squares += square(at - before);
  if (has_after) squares += square(after - at);
  if (has_before && has_after) squares -= square(after - before);
  return squares;
}

bool OrderHistory::add(const Order& order) {
  if (older_ > 0 && order.at <= newest_older_) {
    ++older_;
    oldest_ = std::min(oldest_, order.at);
    return false;
  }
  const auto place =
      kept_.empty() || kept_.back() <= order ? kept_.end() : std::upper_bound(kept_.begin(), kept_.end(), order);
  const auto index = static_cast<std::size_t>(place - kept_.begin());
  kept_.insert(place, order);
  changed_at(index);
  squared_gaps_ += squares_at(index);
  if (kept_.size() >= kKept + kBlock) trim();
  return true;
}

bool OrderHistory::remove(const Order& order) {
  const auto place = std::lower_bound(kept_.begin(), kept_.end(), order);
  if (place != kept_.end() && *place == order) {
    const auto index = static_cast<std::size_t>(place - kept_.begin());
    squared_gaps_ -= squares_at(index);
    kept_.erase(place);
    changed_at(index);
    return true;
  }
  NUDGE_CHECK(older_ > 0, "only an order that was added is removed");
  if (--older_ == 0) {
    squared_gaps_ = squares_of_kept();
    oldest_ = newest_older_ = 0;
    return true;
  }
  return false;
}

void OrderHistory::trim() {
  static_assert(kBlock % kPiece == 0);
  const std::size_t cut = (kept_.size() - kKept) / kPiece * kPiece;
  if (older_ == 0) oldest_ = kept_.front().at;
  newest_older_ = kept_[cut - 1].at;
  older_ += cut;
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(cut));
  dropped_ += static_cast<std::uint32_t>(cut);
  if (sums_) sums_->known = 0;
}

Int128 OrderHistory::squares_of_kept() const {
  Int128 squares = 0;
  for (std::size_t i = 1; i < kept_.size(); ++i) squares += square(kept_[i].at - kept_[i - 1].at);
  return squares;
}

std::optional<double> OrderHistory::interval_mean_days() const {
  if (count() < 2) return std::nullopt;
  return static_cast<double>(last() - first()) / static_cast<double>(count() - 1) / kDayMillis;
}

// n·Σg² − (Σg)² in integers: no digits cancel, and it fits, since Σg² ≤ (Σg)² < 2^96.
std::optional<double> OrderHistory::interval_deviation_days() const {
  if (count() < 3) return std::nullopt;
  const auto gaps = static_cast<Int128>(count() - 1);
  const Int128 spread = std::max<Int128>(0, gaps * squared_gaps_ - square(last() - first()));
  return std::sqrt(static_cast<double>(spread) / static_cast<double>(gaps * (gaps - 1))) / kDayMillis;
}

std::optional<double> OrderHistory::last_interval_days() const {
  if (count() < 2 || kept_.empty()) return std::nullopt;
  const Millis before = kept_.size() > 1 ? kept_[kept_.size() - 2].at : newest_older_;
  return static_cast<double>(last() - before) / kDayMillis;
}

std::size_t OrderHistory::count_after(Millis time) const {
  const auto place = std::upper_bound(kept_.begin(), kept_.end(), time,
                                      [](Millis bound, const Order& order) { return bound < order.at; });
  return static_cast<std::size_t>(kept_.end() - place);
}

double OrderHistory::value_after(Millis time) const {
  const std::size_t count = count_after(time);
  if (count == 0) return 0;
  if (count <= kSummedDirectly) {
    Int128 sum = 0;
    for (std::size_t i = kept_.size() - count; i < kept_.size(); ++i) sum += kept_[i].value;
    return static_cast<double>(sum) / 1e6;
  }
  if (!sums_) sums_ = std::make_unique<Sums>();
  auto& [upto, known] = *sums_;
  upto.resize(kept_.size());
  for (; known < kept_.size(); ++known) upto[known] = kept_[known].value + (known == 0 ? Int128{0} : upto[known - 1]);
  const Int128 before = count == kept_.size() ? Int128{0} : upto[kept_.size() - count - 1];
  return static_cast<double>(upto.back() - before) / 1e6;
}

bool OrderHistory::operator==(const OrderHistory& other) const {
  return kept_ == other.kept_ && squared_gaps_ == other.squared_gaps_ && older_ == other.older_ &&
         oldest_ == other.oldest_ && newest_older_ == other.newest_older_;
}

// ---- bytes --------------------------------------------------------------------------------------------------

void OrderHistory::encode_orders(std::size_t first, std::size_t last, Encoder& out) const {
  Millis before = 0;
  for (std::size_t i = first; i < last; ++i) {
    out.varint(static_cast<std::uint64_t>(kept_[i].at - before));
    out.zigzag(kept_[i].value);
    before = kept_[i].at;
  }
}

bool OrderHistory::decode_orders(std::size_t first, std::size_t last, Decoder& in) {
  std::uint64_t at = 0;
  for (std::size_t i = first; i < last; ++i) {
    const std::uint64_t step = in.varint();
    if (step > static_cast<std::uint64_t>(kLastTime) || (at += step) > static_cast<std::uint64_t>(kLastTime)) in.fail();
    kept_[i] = {static_cast<Millis>(at), in.zigzag()};
  }
  return in.ok();
}

void OrderHistory::encode(Encoder& out) const {
  const PieceRange whole = pieces();
  out.varint(older_);
  if (older_ > 0) {
    out.zigzag(oldest_);
    out.zigzag(newest_older_);
  }
  out.varint(dropped_ / kPiece);
  out.varint(whole.end - whole.begin);
  out.zigzag128(squared_gaps_);
  const std::size_t first = std::size_t{whole.end - whole.begin} * kPiece;
  out.varint(kept_.size() - first);
  encode_orders(first, kept_.size(), out);
}

bool OrderHistory::decode(Decoder& in) {
  older_ = in.varint();
  if (older_ > 0) {
    oldest_ = in.zigzag();
    newest_older_ = in.zigzag();
  }
  const std::uint64_t begin = in.varint(), count = in.varint();
  squared_gaps_ = in.zigzag128();
  const std::size_t rest = in.count(2);
  if (!in.ok() || count > (kKept + kBlock) / kPiece || begin > ~0u / kPiece - count || rest >= kPiece) return false;
  dropped_ = static_cast<std::uint32_t>(begin) * kPiece;
  const std::size_t first = count * kPiece;
  kept_.resize(first + rest);
  stored_ = pieces();
  return decode_orders(first, kept_.size(), in);
}

void OrderHistory::write_pieces(PieceWriter& out) {
  const PieceRange now = pieces();
  std::string bytes;
  for (std::uint64_t number = std::min(stored_.begin, now.begin); number < std::max(stored_.end, now.end); ++number) {
    if (!now.holds(number) && stored_.holds(number)) out.erase(number);
    if (!now.holds(number) || (stored_.holds(number) && number < changed_from_)) continue;
    bytes.clear();
    Encoder encoder(bytes);
    const std::size_t first = std::size_t{number - now.begin} * kPiece;
    encode_orders(first, first + kPiece, encoder);
    out.put(number, bytes);
  }
  stored_ = now;
  changed_from_ = ~0u;
}

bool OrderHistory::read_piece(std::uint64_t number, std::string_view bytes) {
  Decoder in(bytes);
  const std::size_t first = std::size_t{number - pieces().begin} * kPiece;
  return decode_orders(first, first + kPiece, in) && in.at_end();
}

}  // namespace nudge::rfm
