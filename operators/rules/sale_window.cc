#include "operators/rules/sale_window.h"

#include <algorithm>
#include <utility>

#include "engine/check.h"

namespace nudge::rules {
namespace {

std::pair<std::uint32_t, std::uint64_t> key_of(const Sale& sale) { return {sale.customer, sale.transaction}; }

bool comes_before(const Sale& a, const Sale& b) { return key_of(a) < key_of(b); }

}  // namespace

void Pane::add(Sale sale, std::span<const Line> lines) {
  sale.begin = static_cast<std::uint32_t>(lines_.size());
  lines_.insert(lines_.end(), lines.begin(), lines.end());
  NUDGE_CHECK(lines_.size() < UINT32_MAX, "fewer than 2^32 lines in an epoch");
  sale.end = static_cast<std::uint32_t>(lines_.size());
  recent_[key_of(sale)] = sales_.size();
  sales_.push_back(sale);
}

bool Pane::remove(std::uint32_t customer, std::uint64_t transaction) {
  Sale wanted;
  wanted.customer = customer;
  wanted.transaction = transaction;
  Sale* found = nullptr;
  if (const auto recent = recent_.find({customer, transaction}); recent != recent_.end()) {
    found = &sales_[recent->second];
    recent_.erase(recent);
  } else {
    const auto end = sales_.begin() + static_cast<std::ptrdiff_t>(sorted_);
    const auto place = std::lower_bound(sales_.begin(), end, wanted, comes_before);
    if (place != end && key_of(*place) == key_of(wanted) && !place->gone) found = &*place;
  }
  if (!found) return false;
  found->gone = true;
  ++gone_;
  return true;
}

void Pane::settle() {
  recent_.clear();
  std::erase_if(sales_, [](const Sale& sale) { return sale.gone; });
  std::sort(sales_.begin(), sales_.end(), comes_before);
  if (gone_ > 0) {
    std::vector<Line> kept;
    for (Sale& sale : sales_) {
      const std::span<const Line> own = lines(sale);
      sale.begin = static_cast<std::uint32_t>(kept.size());
      kept.insert(kept.end(), own.begin(), own.end());
      sale.end = static_cast<std::uint32_t>(kept.size());
    }
    lines_ = std::move(kept);
  }
  sorted_ = sales_.size();
  gone_ = 0;
}

// ---- the window -------------------------------------------------------------------------------------------

std::int64_t SaleWindow::number_of(Millis time) const {
  const Millis before = time - 1;
  return before >= 0 ? before / pane_length_ : -1 - (-1 - before) / pane_length_;
}

std::uint32_t SaleWindow::customer_number(const Hash128& id) {
  const auto [found, is_new] = customer_numbers_.try_emplace({id.high, id.low}, 0);
  if (!is_new) return found->second;
  if (free_customers_.empty()) {
    found->second = static_cast<std::uint32_t>(customers_.size());
    customers_.push_back({id});
  } else {
    found->second = free_customers_.back();
    free_customers_.pop_back();
    customers_[found->second] = {id};
  }
  return found->second;
}

// One sale less.
void SaleWindow::leave(std::uint32_t number) {
  Customer& customer = customers_[number];
  --size_;
  if (--customer.sales > 0 || customer.segments != 0) return;
  customer_numbers_.erase({customer.id.high, customer.id.low});
  free_customers_.push_back(number);
}

void SaleWindow::add(const Hash128& customer, std::uint64_t transaction, Millis time, std::span<const Line> lines) {
  const std::int64_t pane = number_of(time);
  const std::uint32_t number = customer_number(customer);
  ++customers_[number].sales;
  ++size_;
  panes_[pane].add({.transaction = transaction, .time = time, .customer = number, .version = ++versions_}, lines);
  changed_.push_back(pane);
}

void SaleWindow::remove(const Hash128& customer, std::uint64_t transaction, Millis time) {
  const auto number = customer_numbers_.find({customer.high, customer.low});
  const auto pane = panes_.find(number_of(time));
  if (number == customer_numbers_.end() || pane == panes_.end()) return;
  if (!pane->second.remove(number->second, transaction)) return;
  changed_.push_back(pane->first);
  leave(number->second);
}

void SaleWindow::set_segments(const Hash128& customer, std::uint64_t segments) {
  const std::uint32_t number = customer_number(customer);
  customers_[number].segments = segments;
  if (segments != 0 || customers_[number].sales > 0) return;
  customer_numbers_.erase({customer.high, customer.low});
  free_customers_.push_back(number);
}

void SaleWindow::forget(const Hash128& customer) {
  const auto found = customer_numbers_.find({customer.high, customer.low});
  if (found == customer_numbers_.end()) return;
  const std::uint32_t number = found->second;
  customers_[number].segments = 0;
  for (auto& [pane_number, pane] : panes_) {
    const std::size_t gone = pane.remove_of([&](std::uint32_t each) { return each == number; });
    if (gone > 0) changed_.push_back(pane_number);
    for (std::size_t i = 0; i < gone; ++i) leave(number);
  }
  settle();  // the number is another customer's from here
  if (customers_[number].sales == 0 && customer_numbers_.erase({customer.high, customer.low}) > 0)
    free_customers_.push_back(number);
}

void SaleWindow::forget_before(Millis time) {
  while (!panes_.empty() && panes_.begin()->first < number_of(time + 1)) {
    for (const Sale& sale : panes_.begin()->second.sales())
      if (!sale.gone) leave(sale.customer);
    panes_.erase(panes_.begin());
  }
}

std::size_t SaleWindow::limit(std::size_t most) {
  const std::size_t before = size_;
  while (size_ > most && !panes_.empty()) forget_before((panes_.begin()->first + 1) * pane_length_);
  return before - size_;
}

void SaleWindow::settle() {
  std::sort(changed_.begin(), changed_.end());
  changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
  for (const std::int64_t number : std::exchange(changed_, {})) {
    const auto pane = panes_.find(number);
    if (pane == panes_.end()) continue;
    if (pane->second.empty())
      panes_.erase(pane);
    else
      pane->second.settle();
  }
}

void SaleWindow::encode(Encoder& out) const {
  out.varint(customer_numbers_.size());
  std::vector<std::uint32_t> numbers(customers_.size());
  std::uint32_t next = 0;
  for (std::uint32_t i = 0; i < customers_.size(); ++i) {
    const Customer& customer = customers_[i];
    if (customer.sales == 0 && customer.segments == 0) continue;
    numbers[i] = next++;
    out.fixed64(customer.id.high);
    out.fixed64(customer.id.low);
    out.varint(customer.segments);
  }
  out.varint(size_);
  for (const auto& [number, pane] : panes_)
    for (const Sale& sale : pane.sales()) {
      if (sale.gone) continue;
      out.varint(numbers[sale.customer]);
      out.fixed64(sale.transaction);
      out.zigzag(sale.time);
      out.varint(sale.end - sale.begin);
      for (const Line line : pane.lines(sale)) out.varint(line.value);
    }
}

bool SaleWindow::decode(Decoder& in) {
  *this = SaleWindow(pane_length_);
  std::vector<Hash128> ids;
  for (std::size_t left = in.count(17); left > 0 && in.ok(); --left) {
    const std::uint64_t high = in.fixed64(), low = in.fixed64();
    ids.push_back({high, low});
    customers_[customer_number(ids.back())].segments = in.varint();
  }
  std::vector<Line> lines;
  for (std::size_t left = in.count(11); left > 0 && in.ok(); --left) {
    const std::uint64_t customer = in.varint();
    const std::uint64_t transaction = in.fixed64();
    const Millis time = in.zigzag();
    lines.clear();
    for (std::size_t count = in.count(1); count > 0; --count)
      lines.push_back({static_cast<std::uint32_t>(in.varint())});
    if (customer >= ids.size()) return false;
    add(ids[customer], transaction, time, lines);
  }
  settle();
  return in.ok();
}

}  // namespace nudge::rules
