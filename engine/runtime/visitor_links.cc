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
  if (count_ != 0 && time >= last_.time) {
    std::vector<Change> changes;
    if (index != last_.customer) changes.push_back({time, kNever, last_.customer, index});
    append({time, index});
    return changes;
  }
  std::vector<Link> links = all();
  const auto place = std::upper_bound(links.begin(), links.end(), time,
                                      [](Millis t, const Link& link) { return t < link.time; });
  const Millis until = place == links.end() ? kNever : place->time;
  std::vector<Change> changes;
  // What lay before the first link belonged to it; now it belongs to the new first one.
  if (place == links.begin() && owner_among(links, 0) != index)
    changes.push_back({0, until, owner_among(links, 0), index});
  else if (place != links.begin() && owner_among(links, time) != index)
    changes.push_back({time, until, owner_among(links, time), index});
  links.insert(place, {time, index});
  assign(links);
  return changes;
}

std::uint32_t VisitorLinks::owner(Millis time) const {
  if (count_ == 0) return kNobody;
  if (time >= last_.time) return last_.customer;
  if (customers_.size() == 1 || time < first_.time) return first_.customer;
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
  links.reserve(count_ + 1);
  Decoder in(links_);
  Link link{0, 0};
  for (std::uint32_t i = 0; i < count_; ++i) {
    const std::uint64_t step = in.varint();
    link.time += static_cast<Millis>(step >> 1);
    if (step & 1) link.customer = static_cast<std::uint32_t>(in.varint());
    links.push_back(link);
  }
  return links;
}

void VisitorLinks::assign(const std::vector<Link>& links) {
  links_.clear();
  count_ = 0;
  for (const Link& link : links) append(link);
}

void VisitorLinks::append(Link link) {
  Encoder out(links_);
  const Link before = count_ == 0 ? Link{0, 0} : last_;
  const bool other = link.customer != before.customer;
  out.varint(static_cast<std::uint64_t>(link.time - before.time) << 1 | (other ? 1 : 0));
  if (other) out.varint(link.customer);
  if (count_++ == 0) first_ = link;
  last_ = link;
}

void VisitorLinks::encode(Encoder& out) const {
  out.varint(customers_.size());
  for (const std::string& customer : customers_) out.text(customer);
  out.varint(count_);
  out.text(links_);
}

void VisitorLinks::decode(Decoder& in) {
  customers_.resize(in.count());
  for (std::string& customer : customers_) customer = in.text();
  count_ = static_cast<std::uint32_t>(in.varint());
  links_ = in.text();
  const std::vector<Link> links = in.ok() ? all() : std::vector<Link>{};
  if (links.size() != count_) return in.fail();
  for (const Link& link : links)
    if (link.customer >= customers_.size()) return in.fail();
  if (links.empty()) return;
  first_ = links.front();
  last_ = links.back();
}

}  // namespace nudge::runtime
