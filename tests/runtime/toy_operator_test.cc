// An operator that uses the whole interface, written here and known to nobody else: it runs through replay like any
// other, and gives the same for any number of partitions, threads and any size of a batch.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "connectors/json_text.h"
#include "engine/hash.h"
#include "engine/operator.h"
#include "tests/runtime/replayed.h"

namespace nudge {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// What a customer saw: how many facts hold, how often the hour after an event struck, how many weekly visits, and the
// largest total that a model told.
struct ToyState final : Section {
  std::int64_t facts = 0, records = 0, strikes = 0, visits = 0;
  Millis last = 0;
  void encode(Encoder& out) const override {
    for (const std::int64_t each : {facts, records, strikes, visits, last}) out.zigzag(each);
  }
  std::size_t memory_bytes() const override { return sizeof *this; }
};
std::unique_ptr<Section> decode_toy(std::uint32_t version, std::string_view bytes) {
  auto state = std::make_unique<ToyState>();
  Decoder in(bytes);
  for (std::int64_t* each : {&state->facts, &state->records, &state->strikes, &state->visits, &state->last})
    *each = in.zigzag();
  if (version != 1 || !in.ok() || !in.at_end()) return nullptr;
  return state;
}

struct ToyTouched {
  static constexpr std::string_view kName = "toy_touched";
};

class ToyKeyed final : public KeyedOperator {
 public:
  void apply(const Event& event, CustomerContext& context) override {
    auto& state = context.section<ToyState>();
    ++state.facts;
    ++total_;
    state.last = std::max(state.last, event.time());
    context.arm(state.last + kHour);
    context.signals().of<ToyTouched>().push_back({});
    context.note("n");
  }
  void retract(const Event&, CustomerContext& context) override {
    --context.section<ToyState>().facts;
    --total_;
  }
  void record(const Event&, bool added, CustomerContext& context) override {
    context.section<ToyState>().records += added ? 1 : -1;
  }
  void settle(CustomerContext& context) override {
    if (!context.signals().of<ToyTouched>().empty()) context.count("touched");
  }
  void timer(CustomerContext& context) override {
    auto& state = context.section<ToyState>();
    EXPECT_EQ(context.cause().event_time, state.last + kHour);
    ++state.strikes;
    JsonWriter json = context.outputs().begin(output::kQuality, context.customer_id(), context.now());
    json.member("what", "strike");
    json.member("known", known_);
    context.outputs().end(json, output::kQuality);
  }
  Millis next_sweep(Millis after) const override { return (after / kWeek + 1) * kWeek; }
  void sweep(CustomerContext& context) override { ++context.section<ToyState>().visits; }
  std::string partial(Millis) override {
    std::string bytes;
    Encoder(bytes).zigzag(total_);
    return bytes;
  }
  void adopt(const Model& model) override { known_ = Decoder(model.bytes).zigzag(); }
  void finish(CustomerContext& context, TimelineReader& timeline) override {
    std::int64_t notes = 0, facts = 0;
    for (TimelineEntry entry; timeline.next(entry);) {
      if (entry.kind == TimelineEntry::Kind::kNote) notes += entry.note == "n";
      if (entry.kind == TimelineEntry::Kind::kApply) ++facts;
      if (entry.kind == TimelineEntry::Kind::kRetract) --facts;
    }
    const auto* state = context.peek<ToyState>();
    if (!state) return;
    EXPECT_EQ(facts, state->facts);
    JsonWriter json = context.outputs().begin(output::kQuality, context.customer_id(), context.now());
    json.member("what", "final");
    json.member("facts", state->facts);
    json.member("records", state->records);
    json.member("strikes", state->strikes);
    json.member("visits", state->visits);
    json.member("notes", notes);
    json.member("known", known_);
    context.outputs().end(json, output::kQuality);
    finished_ += state->facts;
  }
  std::string conclude() override {
    std::string bytes;
    Encoder(bytes).zigzag(finished_);
    return bytes;
  }
  void erase(CustomerContext& context) override { total_ -= context.section<ToyState>().facts; }
  void encode_task(Encoder& out) const override { out.zigzag(total_); }
  void decode_task(Decoder& in) override { total_ = in.zigzag(); }

 private:
  std::int64_t total_ = 0, known_ = 0, finished_ = 0;
};

class ToyGlobal final : public GlobalOperator {
 public:
  void merge(std::string_view partial) override { sum_ += Decoder(partial).zigzag(); }
  void learn(Millis epoch_end, bool, GlobalContext& context) override {
    std::string bytes;
    Encoder(bytes).zigzag(sum_);
    context.publish("toy.total", ++version_, epoch_end, bytes);
    sum_ = 0;
  }
  void conclude(std::string_view from_task) override { finished_ += Decoder(from_task).zigzag(); }
  void report(JsonWriter& json) override { json.member("toy", finished_); }
  void encode(Encoder& out) const override { out.zigzag(version_); }
  void decode(Decoder& in) override { version_ = in.zigzag(); }

 private:
  std::int64_t sum_ = 0, version_ = 0, finished_ = 0;
};

const OperatorSpec& toy_spec() {
  static constexpr Topic kInputs[] = {Topic::kTransactions, Topic::kPageViews, Topic::kCustomers};
  static constexpr OutputTopic kOutputs[] = {output::kQuality};
  static constexpr std::string_view kSignals[] = {ToyTouched::kName};
  static const OperatorSpec spec = [] {
    OperatorSpec toy;
    toy.name = "toy";
    toy.summary = "Counts.";
    toy.inputs = kInputs;
    toy.outputs = kOutputs;
    toy.parameters.kind = config::Kind::kObject;
    toy.section = SectionSpec{1, 256 << 10, [] { return std::unique_ptr<Section>(new ToyState); }, decode_toy};
    toy.writes = kSignals;
    toy.calls = Call::kApply | Call::kRetract | Call::kSettle | Call::kTimer | Call::kSweep | Call::kPartial |
                Call::kAdopt | Call::kFinish | Call::kErase | Call::kTaskState | Call::kRecord;
    toy.make = [](const OperatorSetup&) { return std::unique_ptr<KeyedOperator>(new ToyKeyed); };
    toy.make_global = [](const OperatorSetup&) { return std::unique_ptr<GlobalOperator>(new ToyGlobal); };
    return toy;
  }();
  return spec;
}

constexpr Millis kStart = 1'704'067'200'000;

bool is_link(int i) { return i > 1'000 && i % 7 == 0; }
std::uint64_t visitor_of(int i) { return mix(7, static_cast<std::uint64_t>(i)) % 30; }

Millis first_link(const std::string& customer) {
  int i = 0;
  while (!is_link(i) || "c" + std::to_string(visitor_of(i)) != customer) ++i;
  return kStart + i * 29 * kMinute;
}

int thursdays_after(Millis from, const std::string& until) {
  return static_cast<int>(*parse_time(until) / kWeek - from / kWeek);
}

// Sixty days of page views of thirty customers, some anonymous at first, one erased in the middle.
void write_input(const fs::path& folder) {
  fs::create_directories(folder);
  std::ofstream views(folder / "page_views.jsonl"), customers(folder / "customers.jsonl");
  for (int i = 0; i < 3'000; ++i) {
    const Millis at = kStart + i * 29 * kMinute;
    const auto who = visitor_of(i);
    views << R"({"event_id":")" << i << R"(","event_time":)" << at << R"(,"visitor_id":"v)" << who << '"';
    if (is_link(i)) views << R"(,"customer_id":"c)" << who << '"';
    views << R"(,"action":"view"})" << '\n';
  }
  customers << R"({"event_id":"x","event_time":)" << kStart + 40 * kDay << R"(,"customer_id":"c3","tombstone":true})"
            << '\n';
}

TEST(ToyOperator, TheWholeInterfaceIsUsedAndNothingButTheInputShows) {
  char pattern[] = "/tmp/nudge_toy_XXXXXX";
  const fs::path folder = mkdtemp(pattern);
  write_input(folder / "in");
  const auto run = [&](const std::string& variant, std::vector<std::string> overrides) {
    return runtime::replayed(toy_spec(), folder, variant, std::move(overrides));
  };
  const auto first = run("one", {"engine.partitions=1", "engine.threads=1"});
  ASSERT_FALSE(first.empty());
  // Every customer but the erased one has all its facts; the erased one those from after its tombstone.
  const Json report = connectors::parse_json(first.at("report").front());
  EXPECT_EQ(report.at("counters").at("page_views").at("processed"), 3'000);
  const Json someone = connectors::parse_json(first.at("c5").back());
  EXPECT_EQ(someone.at("what"), "final");
  EXPECT_EQ(someone.at("notes"), someone.at("facts"));
  EXPECT_EQ(someone.at("visits"), thursdays_after(first_link("c5"), report.at("until")))
      << "sweeps since the first link";
  EXPECT_EQ(someone.at("known"), report.at("toy")) << "the last model is adopted before finish";
  EXPECT_LT(connectors::parse_json(first.at("c3").back()).at("facts"), someone.at("facts"));
  const struct {
    const char* name;
    std::vector<std::string> overrides;
  } variants[] = {
      {"eight_partitions", {"engine.partitions=8", "engine.threads=2"}},
      {"tiny_batches", {"engine.partitions=3", "engine.threads=4", "engine.batch_events_max=7"}},
      {"often_committed", {"engine.partitions=2", "engine.replay_commit_interval=1ms", "engine.batch_events_max=50"}},
      {"little_memory", {"engine.partitions=2", "engine.memory_budget=64MiB", "engine.replay_commit_interval=1ms"}},
  };
  for (const auto& variant : variants) {
    SCOPED_TRACE(variant.name);
    EXPECT_EQ(run(variant.name, variant.overrides), first);
  }
  fs::remove_all(folder);
}

}  // namespace
}  // namespace nudge
