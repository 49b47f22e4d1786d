// Writing an output record of the size and shape of a score with its reasons (about 700 bytes).
#include <string>

#include <benchmark/benchmark.h>

#include "engine/output.h"

namespace nudge {
namespace {

void WriteScore(benchmark::State& state) {
  Outputs outputs;
  double probability = 0.1;
  std::size_t bytes = 0;
  for (auto _ : state) {
    outputs.clear();
    probability = probability < 0.9 ? probability + 0.000'123'4 : 0.1;
    JsonWriter json = outputs.begin(output::kScores, "c0012345", 1'709'287'872'123);
    json.member("customer_id", "c0012345");
    json.member("target", "hesitation");
    json.member_fixed("probability", probability, 6);
    json.member_fixed("percentile", probability * 100, 2);
    json.member("band", "hesitant");
    json.key("model");
    json.begin_object();
    json.member("name", "hesitation");
    json.member("version", std::int64_t{17});
    json.member_time("trained_until", 1'709'287'872'123);
    json.end_object();
    json.key("reasons");
    json.begin_array();
    for (int i = 0; i < 3; ++i) {
      json.begin_object();
      json.member("feature", "session_cart_adds");
      json.member("value", probability * i);
      json.member_fixed("contribution", probability * (i - 1), 6);
      json.member("text", "3 products were put into the cart in this visit");
      json.end_object();
    }
    json.end_array();
    json.member("session_id", "s12345678");
    outputs.end(json, output::kScores);
    bytes = outputs.bytes();
    benchmark::DoNotOptimize(outputs.lines(output::kScores).data());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}
BENCHMARK(WriteScore);

}  // namespace
}  // namespace nudge
