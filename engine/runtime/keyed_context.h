// What operators see of a keyed task during one call (CustomerContext); private to keyed_task.cc.
#pragma once

#include "engine/runtime/keyed_task.h"

namespace nudge::runtime {

class KeyedTask::Context final : public CustomerContext {
 public:
  explicit Context(KeyedTask& task) : task_(task) {}

  void bind(Customer& customer, const Cause& cause, Millis now, Millis watermark) {
    customer_ = &customer;
    cause_ = cause;
    now_ = now;
    watermark_ = watermark;
  }
  // What follows is caused by a signal that was left for later, at the same time.
  void go_on() { cause_ = {.kind = Cause::Kind::kSignal, .event_time = now_, .record = {}}; }
  Context& at(std::uint8_t slot) {
    slot_ = slot;
    return *this;
  }

  std::string_view customer_id() const override { return customer_->id; }
  Millis now() const override { return now_; }
  Millis watermark() const override { return watermark_; }
  const Cause& cause() const override { return cause_; }
  Value value(const ColumnRef& column) const override {
    return column.column->read(customer_->slots.section(column.slot).get(), now_);
  }
  Value value_at(const ColumnRef& column, Millis later) const override {
    return column.column->read(customer_->slots.section(column.slot).get(), later);
  }
  void features(std::span<const ColumnRef> columns, FeatureReader reader, std::span<Value> values) const override {
    if (!reader) return CustomerContext::features(columns, reader, values);
    reader(customer_->slots.section(columns.front().slot).get(), now_, values.data());
  }
  void arm(Millis due) override {
    task_.customers_.mark_dirty(*customer_);
    task_.arm(*customer_, slot_, due);
  }
  Outputs& outputs() override { return task_.outputs_; }
  SignalBoard& signals() override { return task_.signals_; }
  void note(std::string_view bytes) override {
    task_.customers_.mark_dirty(*customer_);
    task_.note(*customer_, slot_, bytes);
  }
  void count(std::string_view what, std::uint64_t n) override {
    std::string name(task_.program_.operators()[slot_].spec->name);
    name.append(".").append(what);
    task_.counts_[name] += n;
  }

 protected:
  Section& own_section() override {
    std::unique_ptr<Section>& section = customer_->slots.section(slot_);
    if (!section) section = task_.program_.operators()[slot_].spec->section->make();
    if (cause_.kind != Cause::Kind::kFinish) task_.customers_.mark_dirty(*customer_);
    return *section;
  }
  const Section* own_section_or_null() const override { return customer_->slots.section(slot_).get(); }

 private:
  KeyedTask& task_;
  Customer* customer_ = nullptr;
  Cause cause_;
  Millis now_ = 0, watermark_ = 0;
  std::uint8_t slot_ = 0;
};

}  // namespace nudge::runtime
