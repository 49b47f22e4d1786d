// What an operator is: a folder that ends in one OperatorSpec (see operators/README.md).
//
// An operator's keyed part is a function of its section of one customer's state, of its task-wide state (only integers
// and other things that merge in any order) and of what arrives. It reads no clock, draws no chance and does no I/O.
// One instance per keyed task; a task is owned by one thread. Its global part is one instance that merges partials and
// learns.
//
// For one customer the calls come in this order: `retract` and `apply` for every fact that one cause (an input
// record) changed, then `settle` once; a timer or a sweep is also followed by `settle`. Operators are called in the
// order of their signals: who writes a signal comes before who reads it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/parameter.h"
#include "engine/check.h"
#include "engine/event.h"
#include "engine/model.h"
#include "engine/output.h"
#include "engine/status.h"
#include "engine/value.h"
#include "state/codec.h"

namespace nudge {

// ---- state ------------------------------------------------------------------------------------

// Takes pieces of state that are stored on their own, known by a number each.
class PieceWriter {
 public:
  virtual ~PieceWriter() = default;
  virtual void put(std::uint64_t number, std::string_view bytes) = 0;
  virtual void erase(std::uint64_t number) = 0;
};
struct PieceRange {
  std::uint64_t begin = 0, end = 0;  // one behind the last
  bool holds(std::uint64_t number) const { return begin <= number && number < end; }
};

// An operator's state of one customer, decoded.
//
// A list in it that is too long to be written with every change is cut into pieces, so that a change costs what it
// changes: encode() leaves them out, and a section whose spec says `in_pieces` has the three calls.
class Section {
 public:
  virtual ~Section() = default;
  virtual void encode(Encoder& out) const = 0;
  virtual std::size_t memory_bytes() const = 0;  // an estimate, for the cache's budget

  // Those that differ from what is stored, in rising order; they are stored before the next call.
  virtual void write_pieces(PieceWriter&) {}
  // After decode(): which are to be read. Then each, in rising order; false where the bytes are damaged.
  virtual PieceRange pieces() const { return {}; }
  virtual bool read_piece(std::uint64_t, std::string_view) { return false; }
};

struct SectionSpec {
  std::uint32_t version = 1;
  std::uint32_t bytes_max = 256 << 10;  // What would exceed it must be trimmed and counted by the operator.
  std::unique_ptr<Section> (*make)() = nullptr;
  // Understands every version up to the current one; null where the bytes are none that encode() wrote.
  std::unique_ptr<Section> (*decode)(std::uint32_t version, std::string_view bytes) = nullptr;
  bool in_pieces = false;
};

// ---- columns: SQL over customers, features of models, `where` of lists -------------------------

enum class ColumnUse : std::uint8_t {
  kNone = 0,
  kSql = 1,              // a column of `customers`
  kCustomerFeature = 2,  // a feature of every score
  kSessionFeature = 4,   // a feature of session scores only
};
constexpr ColumnUse operator|(ColumnUse a, ColumnUse b) {
  return static_cast<ColumnUse>(static_cast<int>(a) | static_cast<int>(b));
}
constexpr bool has_use(ColumnUse uses, ColumnUse use) { return (static_cast<int>(uses) & static_cast<int>(use)) != 0; }

struct Column {
  std::string_view name;
  ValueType type = ValueType::kReal;
  std::string_view unit = {};     // days, currency, share, count
  std::string_view meaning = {};  // one phrase, also the readable name in reasons
  ColumnUse use = ColumnUse::kSql;
  // `section` is the operator's own, null for a customer that has none yet. Text is borrowed from it.
  Value (*get)(const Section* section, Millis now) = nullptr;
  bool may_be_negative = false;
  // Instead of `get`, where several columns are read alike: with what the column says.
  Value (*get_by)(const Section* section, Millis now, std::uint64_t argument) = nullptr;
  std::uint64_t argument = 0;

  Value read(const Section* section, Millis now) const {
    return get ? get(section, now) : get_by(section, now, argument);
  }
};

// Columns that an operator's configuration makes, with the texts that they borrow.
struct ConfiguredColumns {
  std::deque<std::string> texts;
  std::vector<Column> columns;
};

constexpr bool is_feature(const Column& column) {
  return has_use(column.use, ColumnUse::kCustomerFeature) || has_use(column.use, ColumnUse::kSessionFeature);
}

// Reads all features among an operator's columns at once, in the order of their declaration.
using FeatureReader = void (*)(const Section* section, Millis now, Value* values);

// The reader of a constant table: the compiler sees through every `get` and makes one function of them.
template <const auto& kColumns>
void read_features(const Section* section, Millis now, Value* values) {
  const auto read = [&]<std::size_t kPlace>(std::integral_constant<std::size_t, kPlace>) {
    if constexpr (is_feature(kColumns[kPlace])) *values++ = kColumns[kPlace].get(section, now);
  };
  [&]<std::size_t... kPlaces>(std::index_sequence<kPlaces...>) {
    (read(std::integral_constant<std::size_t, kPlaces>()), ...);
  }
  (std::make_index_sequence<std::size(kColumns)>());
}

struct ColumnRef {
  std::uint8_t slot = 0;  // of the operator
  const Column* column = nullptr;
};

// All columns of all operators of this program, by name.
class ColumnCatalog {
 public:
  void add(std::uint8_t slot, std::span<const Column> columns, FeatureReader reader = nullptr);
  void add(std::uint8_t slot, std::shared_ptr<const ConfiguredColumns> configured);
  const std::vector<ColumnRef>& all() const { return columns_; }
  std::optional<ColumnRef> find(std::string_view name) const;
  // Null where the operator has none.
  FeatureReader reader(std::uint8_t slot) const { return slot < readers_.size() ? readers_[slot] : nullptr; }

 private:
  std::vector<ColumnRef> columns_;
  std::vector<FeatureReader> readers_;  // by slot
  std::vector<std::shared_ptr<const ConfiguredColumns>> configured_;
};

// ---- what a call sees ---------------------------------------------------------------------------

// Why the keyed operators are called for a customer.
struct Cause {
  enum class Kind : std::uint8_t { kRecord, kMove, kTimer, kSweep, kSignal, kFinish };
  Kind kind = Kind::kRecord;
  Millis event_time = 0;  // of the record, or when the timer was due
  // kRecord: the customer's own record that caused it. A move or a correction has none.
  std::optional<Event> record;
  bool on_time = true;  // not older than the watermark: only then it may cause a score
};

// Typed messages between the operators of one customer within one cause. A signal is a struct with
// `static constexpr std::string_view kName`; it is declared in operators/signals.h and named in `reads` and `writes`.
//
// Who is called before the writer cannot read a signal in the same pass. Such a one is left for `later`: when all have
// settled, they settle once more, at the same time of the event clock, and find it under `of`; the cause is kSignal.
class SignalBoard {
 public:
  template <typename Signal>
  std::vector<Signal>& of() {
    return box_of<Signal>().signals;
  }
  template <typename Signal>
  std::vector<Signal>& later() {
    any_later_ = true;
    return box_of<Signal>().later;
  }
  // Forgets what was told; what was left for later is told now. False where nothing was.
  bool turn();
  void clear();

 private:
  struct BoxBase {
    virtual ~BoxBase() = default;
    virtual void clear() = 0;
    virtual void turn() = 0;
  };
  template <typename Signal>
  struct Box final : BoxBase {
    std::vector<Signal> signals, later;
    void clear() override {
      signals.clear();
      later.clear();
    }
    void turn() override {
      signals.clear();
      signals.swap(later);
    }
  };
  template <typename Signal>
  Box<Signal>& box_of() {
    return static_cast<Box<Signal>&>(box(index_of<Signal>(), [] { return std::unique_ptr<BoxBase>(new Box<Signal>); }));
  }
  static std::size_t next_index();
  template <typename Signal>
  static std::size_t index_of() {
    static const std::size_t index = next_index();
    return index;
  }
  template <typename Make>
  BoxBase& box(std::size_t index, Make make) {
    if (index >= boxes_.size()) boxes_.resize(index + 1);
    if (!boxes_[index]) boxes_[index] = make();
    return *boxes_[index];
  }
  std::vector<std::unique_ptr<BoxBase>> boxes_;
  bool any_later_ = false;
};

// One customer during one call; the operator must not keep it.
class CustomerContext {
 public:
  virtual ~CustomerContext() = default;

  virtual std::string_view customer_id() const = 0;
  // The event clock: the cause's event time, or the watermark where that is later. Never goes back in one task
  // by more than `engine.disorder`.
  virtual Millis now() const = 0;
  virtual Millis watermark() const = 0;
  virtual const Cause& cause() const = 0;

  // The operator's own section, made where missing; it is written at the next commit.
  template <typename State>
  State& section() {
    return static_cast<State&>(own_section());
  }
  // The same without marking it as changed; null where the customer has none.
  template <typename State>
  const State* peek() const {
    return static_cast<const State*>(own_section_or_null());
  }

  // A column of any operator.
  virtual Value value(const ColumnRef& column) const = 0;
  // As it will be at a later time if nothing happens until then.
  virtual Value value_at(const ColumnRef& column, Millis later) const = 0;
  // All features of one operator with one call: `columns` in the order of their declaration, the operator's reader, and
  // as many places for the values.
  virtual void features(std::span<const ColumnRef> columns, FeatureReader /*reader*/, std::span<Value> values) const {
    for (std::size_t i = 0; i < columns.size(); ++i) values[i] = value(columns[i]);
  }

  // The operator's one timer for this customer: `timer` is called when the watermark passes `due`. A new due time
  // replaces the old; kNever disarms.
  virtual void arm(Millis due) = 0;

  virtual Outputs& outputs() = 0;
  virtual SignalBoard& signals() = 0;

  // Appends a note of this operator to the customer's timeline: read back by `finish`.
  virtual void note(std::string_view bytes) = 0;
  // Counts under the operator's name in report.json and the metrics.
  virtual void count(std::string_view what, std::uint64_t n = 1) = 0;

 protected:
  virtual Section& own_section() = 0;
  virtual const Section* own_section_or_null() const = 0;
};

// The customer's whole history in the order in which it became known.
struct TimelineEntry {
  enum class Kind : std::uint8_t {
    kApply,    // a fact holds from here
    kRetract,  // a fact holds no more; `event` is the fact
    kRecord,   // a record without a fact of its own: a cancel, an outdated version
    kNote,     // of the operator in `slot`
  };
  Kind kind = Kind::kApply;
  std::uint8_t slot = 0;
  Event event;
  std::string_view note;
};
class TimelineReader {
 public:
  virtual ~TimelineReader() = default;
  // False at the end. The entry is valid until the next call.
  virtual bool next(TimelineEntry& entry) = 0;
  virtual void rewind() = 0;
};

// ---- the keyed part -----------------------------------------------------------------------------

// What an operator implements; the engine never calls the rest.
enum class Call : std::uint16_t {
  kApply = 1,
  kRetract = 2,
  kSettle = 4,
  kTimer = 8,
  kSweep = 16,
  kPartial = 32,
  kAdopt = 64,
  kFinish = 128,
  kErase = 256,
  kTaskState = 512,
  kRecord = 1024,
  kRestore = 2048,
  kTaskPieces = 4096,
  kClose = 8192,
  kUnowned = 16384,
};
constexpr Call operator|(Call a, Call b) { return static_cast<Call>(static_cast<int>(a) | static_cast<int>(b)); }
constexpr bool has_call(Call calls, Call call) { return (static_cast<int>(calls) & static_cast<int>(call)) != 0; }

class KeyedOperator {
 public:
  virtual ~KeyedOperator() = default;

  // A fact of an input topic of the spec, which is never `products`, holds from now on: a page view, a sale in its
  // highest version that no cancel voids, a profile …
  virtual void apply(const Event&, CustomerContext&) { unsupported("apply"); }
  // Undoes an earlier apply of the same bytes: a cancel, a higher version, a visitor who is somebody else.
  virtual void retract(const Event&, CustomerContext&) { unsupported("retract"); }
  // The customer comes to own a transaction record (any version, a cancel too: also what no fact follows from), or
  // loses it to another customer (`added` is false). Before `settle`.
  virtual void record(const Event&, bool /*added*/, CustomerContext&) { unsupported("record"); }
  // A sale or return of a visitor who is no customer holds from now on, or no more: it was voided or corrected, or the
  // visitor has turned out to be a customer, who is then told of it as of any other. Each is told to one task, always
  // the same, in no order with what customers do.
  virtual void unowned(const Event&, bool /*holds*/) { unsupported("unowned"); }
  // After all changes of one cause: outputs are written here.
  virtual void settle(CustomerContext&) { unsupported("settle"); }
  // The operator's timer is due; cause().event_time is when.
  virtual void timer(CustomerContext&) { unsupported("timer"); }

  // The next event time after `after` at which every customer of the task is visited (kNever: none); strictly rising.
  virtual Millis next_sweep(Millis /*after*/) const { return kNever; }
  virtual void sweep(CustomerContext&) { unsupported("sweep"); }

  // What the global part must know at the end of an epoch; it is the sum over all tasks that counts.
  virtual std::string partial(Millis /*epoch_end*/) { unsupported("partial"); }
  virtual void adopt(const Model&) { unsupported("adopt"); }

  // The input has ended: called for every customer before the last partial, which may tell what it saw. No state
  // changes.
  virtual void close(CustomerContext&) { unsupported("close"); }
  // The input has ended: called for every customer, after a last partial, learn and adopt. `timeline` may be read.
  virtual void finish(CustomerContext&, TimelineReader&) { unsupported("finish"); }
  // After the last customer of the task: what the global part's `conclude` must know.
  virtual std::string conclude() { return {}; }

  // The customer is erased: task-wide sums forget it. The section goes by itself.
  virtual void erase(CustomerContext&) { unsupported("erase"); }

  // Task-wide state, stored as a whole at every commit: so it is short.
  virtual void encode_task(Encoder&) const { unsupported("encode_task"); }
  virtual void decode_task(Decoder&) { unsupported("decode_task"); }
  // Task-wide state that is too long for that, in pieces: those that differ from what is stored, in rising order; they
  // are stored before the next call. And each of them again, in rising order, after decode_task; false where the bytes
  // are damaged.
  virtual void write_task_pieces(PieceWriter&) { unsupported("write_task_pieces"); }
  virtual bool read_task_piece(std::uint64_t, std::string_view) { unsupported("read_task_piece"); }
  // Task-wide state that follows from the customers is not stored but made again: after decode_task, once for every
  // customer, in any order. Nothing may change.
  virtual void restore(const CustomerContext&) { unsupported("restore"); }

 protected:
  [[noreturn]] static void unsupported(const char* call) {
    check_failed(call, "unsupported by this operator", __FILE__, __LINE__);
  }
};

// ---- the global part ----------------------------------------------------------------------------

class GlobalContext {
 public:
  virtual ~GlobalContext() = default;
  // Tasks adopt it at the start of the epoch after the next boundary. Also stored and written to `models` by the
  // operator.
  virtual void publish(std::string name, std::int64_t version, Millis trained_until, std::string bytes) = 0;
  // When what is published now becomes valid.
  virtual Millis valid_from() const = 0;
  virtual Outputs& outputs() = 0;
};

class GlobalOperator {
 public:
  virtual ~GlobalOperator() = default;
  // One task's partial of the epoch; the order of tasks must not show.
  virtual void merge(std::string_view partial) = 0;
  // All partials of the epoch are merged: learn from them and publish. At a replay's end it is called once
  // more with `last`, and what it publishes is adopted before `finish`.
  virtual void learn(Millis epoch_end, bool last, GlobalContext&) = 0;
  // At a replay's end: one call per task; then `finish` writes what only now is known, and `report` adds members to the
  // open object of report.json.
  virtual void conclude(std::string_view /*from_task*/) {}
  virtual void finish(Millis /*end*/, GlobalContext&) {}
  virtual void report(JsonWriter&) {}
  virtual void encode(Encoder&) const = 0;
  virtual void decode(Decoder&) = 0;
};

// ---- the spec -----------------------------------------------------------------------------------

class ProductCatalog;

struct OperatorSetup {
  const config::Value& config;  // the operator's own, checked
  const config::Value& root;    // the whole configuration
  const ColumnCatalog& columns;
  std::uint8_t slot = 0;  // under which the operator's own notes stand in a timeline
  // For `make`, where `reads_products` says so: the products as they are known at the place of each call in the order
  // of the input. Outlives the operator. Null otherwise.
  const ProductCatalog* products = nullptr;
  // For `make`: which of how many tasks it is for. What concerns no customer is told to the global part by one of them:
  // that of partition_of(id, tasks).
  std::uint32_t task = 0, tasks = 1;
};

struct OperatorSpec {
  std::string_view name;  // the key under `operators`
  std::string_view summary;
  bool on_by_default = false;  // runs though the configuration does not name it
  std::span<const Topic> inputs = {};
  std::span<const OutputTopic> outputs = {};
  config::Parameter parameters;  // kObject, or kList of kObject
  std::optional<SectionSpec> section;
  std::span<const Column> columns = {};
  std::span<const Column> derived = {};  // features that it makes of other operators' columns, for the documents
  FeatureReader features = nullptr;      // read_features<columns>, where scores are to be cheap
  // Further columns, none of them a feature, that follow from the operator's own configuration, which may be wrong yet.
  std::shared_ptr<const ConfiguredColumns> (*columns_of)(const config::Value& config) = nullptr;
  std::span<const std::string_view> reads = {}, writes = {};  // signals
  std::span<const std::string_view> reads_later = {};         // signals that are left for later: no order follows
  // `finish` does: the facts of its inputs and its notes are kept, whatever the user wants.
  bool reads_timeline = false;
  // Whether an operator with this configuration reads the catalogue of products, which is kept only then. Null: it
  // never does.
  bool (*reads_products)(const config::Value& config) = nullptr;
  Call calls = {};
  // Checks what single parameters cannot: names that refer to each other, expressions. May be null.
  void (*check)(const OperatorSetup&, std::vector<config::Problem>&) = nullptr;
  std::unique_ptr<KeyedOperator> (*make)(const OperatorSetup&) = nullptr;
  std::unique_ptr<GlobalOperator> (*make_global)(const OperatorSetup&) = nullptr;  // null: no global part
};

// Every operator of the program, in the order of the generated list (build/…/registry.cc).
std::span<const OperatorSpec* const> all_operators();

}  // namespace nudge
