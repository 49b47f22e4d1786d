#include "engine/runtime/visitor_links.h"

#include <algorithm>

namespace nudge::runtime {

namespace {

std::uint32_t owner_among(const std::vector<VisitorLinks::Link>& links, Millis time) {
  if (links.empty()) return VisitorLinks::kNobody;
  const auto after = std::upper_bound(links.begin(), links.end(), time,
                                      [](Millis t, const VisitorLinks::Link& link) { return t < link.time; });
  return after == links.begin() ? links.front().customer : std::prev(after)->customer;
}

}  // namespace

std::vector<VisitorLinks::Change> VisitorLinks::add(Millis time, std::string_view customer) {
  const std::uint32_t index = index_of(customer);
  // Where the link lies among older ones than the tail, everything is decoded once.
  if (!tail_.empty() && time < tail_.front().time && encoded_ > 0) assign(all());
  const auto place = std::upper_bound(tail_.begin(), tail_.end(), time,
                                      [](Millis t, const Link& link) { return t < link.time; });
  const bool first = place == tail_.begin() && encoded_ == 0;
  const Millis until = place == tail_.end() ? kNever : place->time;
  // What lay before the first link belonged to it; now it belongs to the new first one.
  const std::uint32_t before = first ? (tail_.empty() ? kNobody : first_.customer) : std::prev(place)->customer;
  std::vector<Change> changes;
  if (before != index) changes.push_back({first ? 0 : time, until, before, index});
  tail_.insert(place, {time, index});
  if (first) first_ = {time, index};
  if (tail_.size() > 2 * kTailLinks) settle_tail();
  return changes;
}

std::uint32_t VisitorLinks::owner(Millis time) const {
  if (tail_.empty()) return kNobody;
  if (customers_.size() == 1 || time < first_.time) return first_.customer;
  if (time >= tail_.front().time) return owner_among(tail_, time);
  return owner_among(all(), time);
}

std::uint32_t VisitorLinks::index_of(std::string_view customer) {
  const auto found = std::find(customers_.begin(), customers_.end(), customer);
  if (found != customers_.end()) return static_cast<std::uint32_t>(found - customers_.begin());
  customers_.emplace_back(customer);
  return static_cast<std::uint32_t>(customers_.size() - 1);
}

std::vector<VisitorLinks::Link> VisitorLinks::all() const {
  std::vector<Link> links;
  links.reserve(encoded_ + tail_.size() + 1);
  Decoder in(links_);
  Link link{0, 0};
  for (std::uint32_t i = 0; i < encoded_; ++i) {
    const std::uint64_t step = in.varint();
    link.time += static_cast<Millis>(step >> 1);
    if (step & 1) link.customer = static_cast<std::uint32_t>(in.varint());
    links.push_back(link);
  }
  links.insert(links.end(), tail_.begin(), tail_.end());
  return links;
}

void VisitorLinks::assign(const std::vector<Link>& links) {
  links_.clear();
  encoded_ = 0;
  before_tail_ = {0, 0};
  tail_ = links;
}

// Encodes all but the newest links.
void VisitorLinks::settle_tail() {
  const std::size_t settled = tail_.size() - kTailLinks;
  for (std::size_t i = 0; i < settled; ++i) {
    append(links_, before_tail_, tail_[i]);
    before_tail_ = tail_[i];
  }
  encoded_ += static_cast<std::uint32_t>(settled);
  tail_.erase(tail_.begin(), tail_.begin() + static_cast<std::ptrdiff_t>(settled));
}

void VisitorLinks::append(std::string& out, const Link& before, const Link& link) {
  Encoder encoder(out);
  const bool other = link.customer != before.customer;
  encoder.varint(static_cast<std::uint64_t>(link.time - before.time) << 1 | (other ? 1 : 0));
  if (other) encoder.varint(link.customer);
}

void VisitorLinks::encode(Encoder& out) const {
  out.varint(customers_.size());
  for (const std::string& customer : customers_) out.text(customer);
  out.varint(encoded_ + tail_.size());
  std::string newest;
  Link before = before_tail_;
  for (const Link& link : tail_) {
    append(newest, before, link);
    before = link;
  }
  out.varint(links_.size() + newest.size());
  out.out().append(links_).append(newest);
}

void VisitorLinks::decode(Decoder& in) {
  customers_.resize(in.count());
  for (std::string& customer : customers_) customer = in.text();
  encoded_ = static_cast<std::uint32_t>(in.varint());
  links_ = in.text();
  tail_.clear();
  if (!in.ok() || encoded_ > links_.size()) return in.fail();
  std::vector<Link> links = all();
  for (const Link& link : links)
    if (link.customer >= customers_.size()) return in.fail();
  assign(links);
  if (links.empty()) return;
  first_ = links.front();
  if (tail_.size() > kTailLinks) settle_tail();
}

}  // namespace nudge::runtime
