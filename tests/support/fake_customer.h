// One customer in memory, for unit tests of operators: a CustomerContext whose clock, cause and foreign columns the
// test sets, and whose outputs, timers, notes and counts the test reads. Not for threads.
//
//   FakeCustomer customer({&rfm::spec()});
//   JsonEvents events;
//   customer.at(events(Topic::kTransactions, R"({"event_id": "1", …})"));
//   rfm->apply(customer.event(), customer);
//   rfm->settle(customer);
//   EXPECT_EQ(customer.take_lines(output::kRfm), …);
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/check.h"
#include "engine/decode.h"
#include "engine/operator.h"
#include "tests/support/stored_pieces.h"

namespace nudge::testing {

// Makes events from JSON text and keeps their bytes: they are valid as long as this is.
class JsonEvents {
 public:
  // A record that decodes badly stops the test with its message.
  Event operator()(Topic topic, std::string json) {
    json.append(kInputPadding, '\0');
    std::string& bytes = kept_.emplace_back();
    BadRecord bad;
    const std::string_view record = std::string_view(json).substr(0, json.size() - kInputPadding);
    const bool good = decoder_.decode(topic, record, bytes, bad);
    NUDGE_CHECK(good, (std::string(record) + ": " + bad.message).c_str());
    return Event(bytes);
  }

 private:
  RecordDecoder decoder_;
  std::deque<std::string> kept_;
};

class FakeCustomer final : public CustomerContext {
 public:
  // The operators get slots in this order. `foreign` are columns of operators that the test does not run; they
  // are unknown until set().
  explicit FakeCustomer(std::vector<const OperatorSpec*> specs, std::span<const Column> foreign = {},
                        std::string customer_id = "c1")
      : specs_(std::move(specs)), slots_(specs_.size()), customer_id_(std::move(customer_id)) {
    for (std::size_t slot = 0; slot < specs_.size(); ++slot)
      columns_.add(static_cast<std::uint8_t>(slot), specs_[slot]->columns, specs_[slot]->features);
    columns_.add(static_cast<std::uint8_t>(specs_.size()), foreign);
  }

  // ---- what the test sets ----

  // The operator whose own section, timer and notes the next calls mean.
  void act_as(std::size_t slot) { slot_ = slot; }
  // The next cause. The clock is its time, or the watermark where that is later.
  void at(Cause cause) { cause_ = std::move(cause); }
  void at(Event record) {
    cause_ = {.kind = Cause::Kind::kRecord,
              .event_time = record.time(),
              .record = record,
              .on_time = record.time() >= watermark_};
  }
  void at(Millis time, Cause::Kind kind = Cause::Kind::kRecord) {
    cause_ = {.kind = kind, .event_time = time, .record = {}};
  }
  void set_watermark(Millis watermark) { watermark_ = watermark; }
  // The value of a column of any operator from now on, whatever its section says. Text is kept here.
  void set(std::string_view column, Value value) {
    NUDGE_CHECK(columns_.find(column).has_value(), "no such column");
    Setting& setting = settings_[std::string(column)];
    setting.value = value;
    if (const auto* text = std::get_if<std::string_view>(&value)) {
      setting.text = *text;
      setting.value = std::string_view(setting.text);
    }
  }
  // As after a restart: every section is encoded, forgotten and decoded again. Stops the test where that fails.
  void reload() {
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      if (!slots_[slot].section) continue;
      slots_[slot].section->write_pieces(slots_[slot].pieces);
      const std::string bytes = encoded(slot);
      NUDGE_CHECK(bytes.size() <= specs_[slot]->section->bytes_max, "a section within its limit");
      slots_[slot].section = specs_[slot]->section->decode(specs_[slot]->section->version, bytes);
      NUDGE_CHECK(slots_[slot].section != nullptr, "a section decodes what it encoded");
      NUDGE_CHECK(slots_[slot].pieces.read_into(*slots_[slot].section), "a section reads the pieces that it wrote");
      NUDGE_CHECK(encoded(slot) == bytes, "a section encodes what it decoded to the same bytes");
    }
  }

  // ---- what the test reads ----

  const ColumnCatalog& columns() const { return columns_; }
  const Event& event() const { return *cause_.record; }
  bool has_section(std::size_t slot = 0) const { return slots_[slot].section != nullptr; }
  const Section* state(std::size_t slot = 0) const { return slots_[slot].section.get(); }
  std::string encoded(std::size_t slot = 0) const {
    std::string bytes;
    Encoder encoder(bytes);
    slots_[slot].section->encode(encoder);
    return bytes;
  }
  Millis due(std::size_t slot = 0) const { return slots_[slot].due; }
  const std::vector<std::string>& notes(std::size_t slot = 0) const { return slots_[slot].notes; }
  // By "what"; of all operators together.
  std::uint64_t counted(const std::string& what) const {
    const auto found = counts_.find(what);
    return found == counts_.end() ? 0 : found->second;
  }
  Value value_of(std::string_view column) const {
    const auto ref = columns_.find(column);
    NUDGE_CHECK(ref.has_value(), "no such column");
    return value(*ref);
  }
  // The records of a topic since the last take, without the line feeds. Takes those of all topics away.
  std::vector<std::string> take_lines(OutputTopic topic) {
    std::vector<std::string> lines;
    std::string_view rest = outputs_.lines(topic);
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      lines.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    outputs_.clear();
    return lines;
  }

  // ---- CustomerContext ----

  std::string_view customer_id() const override { return customer_id_; }
  Millis now() const override { return std::max(cause_.event_time, watermark_); }
  Millis watermark() const override { return watermark_; }
  const Cause& cause() const override { return cause_; }
  Value value(const ColumnRef& ref) const override {
    const auto found = settings_.find(ref.column->name);
    if (found != settings_.end()) return found->second.value;
    if (ref.slot >= slots_.size()) return {};
    return ref.column->read(slots_[ref.slot].section.get(), now());
  }
  Value value_at(const ColumnRef& ref, Millis later) const override {
    const auto found = settings_.find(ref.column->name);
    if (found != settings_.end()) return found->second.value;
    if (ref.slot >= slots_.size()) return {};
    return ref.column->read(slots_[ref.slot].section.get(), later);
  }
  void arm(Millis due) override { slots_[slot_].due = due; }
  Outputs& outputs() override { return outputs_; }
  SignalBoard& signals() override { return signals_; }
  void note(std::string_view bytes) override { slots_[slot_].notes.emplace_back(bytes); }
  void count(std::string_view what, std::uint64_t n = 1) override { counts_[std::string(what)] += n; }

 protected:
  Section& own_section() override {
    Slot& own = slots_[slot_];
    if (!own.section) own.section = specs_[slot_]->section->make();
    return *own.section;
  }
  const Section* own_section_or_null() const override { return slots_[slot_].section.get(); }

 private:
  struct Slot {
    std::unique_ptr<Section> section;
    StoredPieces pieces;
    Millis due = kNever;
    std::vector<std::string> notes;
  };
  struct Setting {
    Value value;
    std::string text;
  };

  std::vector<const OperatorSpec*> specs_;
  std::vector<Slot> slots_;
  std::size_t slot_ = 0;
  std::string customer_id_;
  ColumnCatalog columns_;
  Cause cause_;
  Millis watermark_ = kBeforeAll;
  std::map<std::string, Setting, std::less<>> settings_;
  Outputs outputs_;
  SignalBoard signals_;
  std::map<std::string, std::uint64_t> counts_;
};

// A timeline that the test writes down: for `finish`.
class FakeTimeline final : public TimelineReader {
 public:
  void apply(Event event) { entries_.push_back({TimelineEntry::Kind::kApply, 0, event, {}}); }
  void retract(Event event) { entries_.push_back({TimelineEntry::Kind::kRetract, 0, event, {}}); }
  void record(Event event) { entries_.push_back({TimelineEntry::Kind::kRecord, 0, event, {}}); }
  // `bytes` must outlive the timeline.
  void note(std::uint8_t slot, std::string_view bytes) {
    entries_.push_back({TimelineEntry::Kind::kNote, slot, Event(), bytes});
  }

  bool next(TimelineEntry& entry) override {
    if (place_ == entries_.size()) return false;
    entry = entries_[place_++];
    return true;
  }
  void rewind() override { place_ = 0; }

 private:
  std::vector<TimelineEntry> entries_;
  std::size_t place_ = 0;
};

}  // namespace nudge::testing
