#include "engine/runtime/visitor_links.h"

#include <algorithm>
#include <span>

namespace nudge::runtime {

namespace {

std::uint32_t owner_among(std::span<const VisitorLinks::Link> links, Millis time) {
  if (links.empty()) return VisitorLinks::kNobody;
  const auto after = std::upper_bound(links.begin(), links.end(), time,
                                      [](Millis t, const VisitorLinks::Link& link) { return t < link.time; });
  return after == links.begin() ? links.front().customer : std::prev(after)->customer;
}

}  // namespace

std::vector<VisitorLinks::Change> VisitorLinks::add(Millis time, std::string_view customer) {
  const Link link{time, index_of(customer)};
  // The links around it: the last at or before its time, and the first after it.
  std::uint32_t before = kNobody, after = kNobody;
  Millis until = kNever;
  std::vector<Change> changes;
  const auto told = [&](std::span<const Link> links, const Block* earlier, Millis next, std::uint32_t next_customer) {
    const auto place =
        std::upper_bound(links.begin(), links.end(), time, [](Millis t, const Link& each) { return t < each.time; });
    if (place != links.begin())
      before = std::prev(place)->customer;
    else if (earlier)
      before = earlier->last.customer;
    until = place == links.end() ? next : place->time;
    after = place == links.end() ? next_customer : place->customer;
  };
  // The block whose span it falls into; behind all blocks it belongs to the tail.
  std::size_t block = blocks_.size();
  while (block > 0 && time < blocks_[block - 1].first.time) --block;
  const bool in_tail = blocks_.empty() || time >= blocks_.back().last.time;
  if (in_tail) {
    told({tail_.data(), tail_.size()}, blocks_.empty() ? nullptr : &blocks_.back(), kNever, kNobody);
  } else {
    block = block == 0 ? 0 : block - 1;
    const bool last = block + 1 == blocks_.size();
    const Link next = !last ? blocks_[block + 1].first : tail_.empty() ? Link{kNever, kNobody} : tail_.front();
    told(decoded(blocks_[block]), block == 0 ? nullptr : &blocks_[block - 1], next.time, next.customer);
  }
  const bool first = before == kNobody;
  // What lay before the first link belonged to it; now it belongs to the new first one.
  const std::uint32_t owner = first ? after : before;
  if (owner != link.customer) changes.push_back({first ? 0 : time, until, owner, link.customer});
  if (!in_tail) {
    insert_in_block(block, link);
    return changes;
  }
  tail_.insert(
      std::upper_bound(tail_.begin(), tail_.end(), time, [](Millis t, const Link& each) { return t < each.time; }),
      link);
  keep_tail_short();
  return changes;
}

void VisitorLinks::forget(std::string_view customer) {
  const auto found = std::find(customers_.begin(), customers_.end(), customer);
  if (found == customers_.end()) return;
  const auto index = static_cast<std::uint32_t>(found - customers_.begin());
  customers_.erase(found);
  std::vector<Link> links;
  for (const Block& block : blocks_)
    for (const Link& link : decoded(block)) links.push_back(link);
  links.insert(links.end(), tail_.begin(), tail_.end());
  blocks_.clear();
  tail_.clear();
  for (Link& link : links) {
    if (link.customer == index) continue;
    if (link.customer > index) --link.customer;
    tail_.push_back(link);
    keep_tail_short();
  }
}

std::uint32_t VisitorLinks::owner(Millis time) const {
  if (empty()) return kNobody;
  const Link& first = blocks_.empty() ? tail_.front() : blocks_.front().first;
  if (customers_.size() == 1 || time < first.time) return first.customer;
  if (!tail_.empty() && time >= tail_.front().time) return owner_among({tail_.data(), tail_.size()}, time);
  std::size_t block = blocks_.size();
  while (time < blocks_[block - 1].first.time) --block;
  return owner_among(decoded(blocks_[block - 1]), time);
}

std::uint32_t VisitorLinks::index_of(std::string_view customer) {
  const auto found = std::find(customers_.begin(), customers_.end(), customer);
  if (found != customers_.end()) return static_cast<std::uint32_t>(found - customers_.begin());
  customers_.emplace_back(customer);
  return static_cast<std::uint32_t>(customers_.size() - 1);
}

void VisitorLinks::keep_tail_short() {
  if (tail_.size() <= 2 * kTailLinks) return;
  blocks_.push_back(encoded(tail_.data(), kTailLinks));
  tail_.erase(tail_.begin(), tail_.begin() + kTailLinks);
}

// ---- blocks -------------------------------------------------------------------------------------------

void VisitorLinks::append(std::string& out, const Link& before, const Link& link) {
  Encoder encoder(out);
  const bool other = link.customer != before.customer;
  encoder.varint(static_cast<std::uint64_t>(link.time - before.time) << 1 | (other ? 1 : 0));
  if (other) encoder.varint(link.customer);
}

VisitorLinks::Block VisitorLinks::encoded(const Link* links, std::size_t count) {
  Block block{links[0], links[count - 1], static_cast<std::uint32_t>(count), {}};
  for (std::size_t i = 1; i < count; ++i) append(block.steps, links[i - 1], links[i]);
  return block;
}

std::vector<VisitorLinks::Link> VisitorLinks::decoded(const Block& block) const {
  std::vector<Link> links{block.first};
  links.reserve(block.count);
  Decoder in(block.steps);
  Link link = block.first;
  while (!in.at_end()) {
    const std::uint64_t step = in.varint();
    link.time += static_cast<Millis>(step >> 1);
    if (step & 1) link.customer = static_cast<std::uint32_t>(in.varint());
    links.push_back(link);
  }
  return links;
}

void VisitorLinks::insert_in_block(std::size_t block, const Link& link) {
  std::vector<Link> links = decoded(blocks_[block]);
  links.insert(
      std::upper_bound(links.begin(), links.end(), link.time, [](Millis t, const Link& each) { return t < each.time; }),
      link);
  if (links.size() <= 2 * kTailLinks) {
    blocks_[block] = encoded(links.data(), links.size());
    return;
  }
  blocks_[block] = encoded(links.data(), kTailLinks);
  blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(block) + 1,
                 encoded(links.data() + kTailLinks, links.size() - kTailLinks));
}

// ---- encoding -----------------------------------------------------------------------------------------

namespace {

void encode_link(Encoder& out, const VisitorLinks::Link& link) {
  out.zigzag(link.time);
  out.varint(link.customer);
}

VisitorLinks::Link decode_link(Decoder& in) {
  const Millis time = in.zigzag();
  return {time, static_cast<std::uint32_t>(in.varint())};
}

}  // namespace

void VisitorLinks::encode(Encoder& out) const {
  out.varint(customers_.size());
  for (const std::string& customer : customers_) out.text(customer);
  out.varint(blocks_.size());
  for (const Block& block : blocks_) {
    encode_link(out, block.first);
    encode_link(out, block.last);
    out.varint(block.count);
    out.text(block.steps);
  }
  out.varint(tail_.size());
  for (const Link& link : tail_) encode_link(out, link);
}

void VisitorLinks::decode(Decoder& in) {
  customers_.resize(in.count());
  for (std::string& customer : customers_) customer = in.text();
  blocks_.resize(in.count());
  for (Block& block : blocks_) {
    block.first = decode_link(in);
    block.last = decode_link(in);
    block.count = static_cast<std::uint32_t>(in.varint());
    block.steps = in.text();
    for (const Link& link : {block.first, block.last})
      if (link.customer >= customers_.size()) return in.fail();
  }
  tail_.resize(in.count());
  for (Link& link : tail_) {
    link = decode_link(in);
    if (link.customer >= customers_.size()) return in.fail();
  }
}

}  // namespace nudge::runtime
