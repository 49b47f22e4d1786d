// Takes the waiting items of all partitions in the order of the input, drops repeats, counts, and sends each record to
// the stage that needs it first.
//
// One thread. The order is (seen, topic, partition, offset); an item is taken only when no partition can still bring an
// earlier one.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/output.h"
#include "engine/runtime/arena.h"
#include "engine/runtime/ingest.h"
#include "engine/runtime/message.h"
#include "state/repeat_window.h"

namespace nudge::runtime {

struct TopicCounters {
  std::uint64_t read = 0, processed = 0, dead_letters = 0, duplicates = 0, late = 0;
};

class Router {
 public:
  struct Options {
    std::uint32_t partitions = 1;
    Millis disorder = 0;
    bool fail_on_bad_record = false;
    bool takes_products = false;        // every keyed task gets their records
    std::optional<Millis> from, until;  // only records of this event time, both included, have effects
  };
  Router(Options options, std::vector<std::unique_ptr<IngestTask>>& inputs, state::RepeatWindow& repeats);

  // Whether take() would take something.
  bool can_take(Millis boundary) const;
  // Takes at most `records_max` items, none whose watermark is at or beyond `boundary`; a tombstone of a customer
  // alone. Returns how many.
  Result<std::size_t> take(std::size_t records_max, Millis boundary);

  // Takes nothing beyond this place from now on; without one, as far as no partition can still bring an earlier item.
  void set_bound(const OrderKey& bound, Millis watermark) {
    bound_ = bound;
    bound_watermark_ = watermark;
  }
  // The watermark that everything taken and still to come allows; kNever at the end of the input.
  Millis watermark() const;
  // The watermark of the last item that was taken.
  Millis taken() const { return taken_ - options_.disorder; }
  // Of the first waiting item in the order of the input; nothing where it is bad or none waits. For the start of the
  // clock.
  std::optional<Millis> first_seen() const;

  std::vector<std::vector<VisitorMessage>>& to_visitors() { return to_visitors_; }
  std::vector<std::vector<LedgerMessage>>& to_ledger() { return to_ledger_; }
  std::vector<std::vector<KeyedMessage>>& to_keyed() { return to_keyed_; }
  const std::vector<ProductMessage>& to_all() const { return to_all_; }
  // The item that was taken is a tombstone; and whether the next one is.
  bool erases() const { return erases_; }
  bool erases_next() const;
  // Strings of the round become invalid.
  void clear();

  Outputs& outputs() { return outputs_; }  // dead letters, late events
  std::array<TopicCounters, kTopicCount>& counters() { return counters_; }
  const std::array<TopicCounters, kTopicCount>& counters() const { return counters_; }
  // Dead letters of this router by their class, in the order of kBadRecordClasses.
  const std::array<std::uint64_t, kBadRecordClasses.size()>& bad_records() const { return bad_records_; }
  Millis newest() const { return newest_; }
  void set_newest(Millis newest) { newest_ = newest; }

 private:
  std::optional<OrderKey> bound_;  // as set
  Millis bound_watermark_ = kBeforeAll;
  const IngestTask* first() const;
  std::optional<OrderKey> bound() const;
  void line_up();
  void step_back();
  void accept(const IngestTask& input, const IngestItem& item);
  Status dead_letter(const IngestTask& input, const IngestItem& item);
  void late(const IngestTask& input, const IngestItem& item, const Event& event);
  void route(const Origin& origin, const Event& event);
  void link(const Origin& origin, std::string_view visitor, std::string_view customer);

  // The inputs with a waiting item, in the order of their first ones; while take() is at work.
  struct Head {
    OrderKey order;
    IngestTask* input = nullptr;
    bool operator<(const Head& other) const { return order < other.order; }
  };

  Options options_;
  std::vector<Head> heads_;
  std::vector<std::unique_ptr<IngestTask>>& inputs_;
  state::RepeatWindow& repeats_;
  Outputs outputs_;
  std::array<TopicCounters, kTopicCount> counters_{};
  std::array<std::uint64_t, kBadRecordClasses.size()> bad_records_{};
  std::vector<std::vector<VisitorMessage>> to_visitors_;
  std::vector<std::vector<LedgerMessage>> to_ledger_;
  std::vector<std::vector<KeyedMessage>> to_keyed_;
  std::vector<ProductMessage> to_all_;
  std::uint32_t index_ = 0;
  bool erases_ = false;
  Millis taken_ = kBeforeAll;
  Millis newest_ = kBeforeAll;  // good event time of all input
};

}  // namespace nudge::runtime
