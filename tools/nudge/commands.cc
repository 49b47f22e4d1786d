// The table of commands, in the order of the help.
#include "tools/nudge/command.h"

namespace nudge::program {

Run declare_demo(CLI::App& command);
Run declare_run(CLI::App& command);
Run declare_replay(CLI::App& command);
Run declare_validate(CLI::App& command);
Run declare_evaluate(CLI::App& command);
Run declare_fit_net(CLI::App& command);
Run declare_similar(CLI::App& command);
Run declare_propose(CLI::App& command);
Run declare_recommend(CLI::App& command);
Run declare_generate(CLI::App& command);
Run declare_deliver(CLI::App& command);
Run declare_topics(CLI::App& command);
Run declare_dlq(CLI::App& command);
Run declare_state(CLI::App& command);
Run declare_schema(CLI::App& command);
Run declare_completion(CLI::App& command);

std::span<const Command> commands() {
  static constexpr Command kCommands[] = {
      {"demo", "Replay the bundled shop and show what it finds", declare_demo},
      {"run", "Work live on Kafka until SIGTERM or SIGINT", declare_run},
      {"replay", "Run a bounded backtest and write every output topic and a report", declare_replay},
      {"validate", "Name every problem of a configuration at once", declare_validate},
      {"evaluate", "Try the scoring models on a table, beside a dummy", declare_evaluate},
      {"fit-net", "Train one back-propagation net on a table and write its weights", declare_fit_net},
      {"similar", "Find the customers who are most like one, and the segments of one who may not exist",
       declare_similar},
      {"propose", "Propose a customer's next order by similar orders, and try it on later ones", declare_propose},
      {"recommend", "Say what goes with a basket, by the rules that later sales have borne out", declare_recommend},
      {"generate", "Write a synthetic shop whose truth is known", declare_generate},
      {"deliver", "Tell receivers over HTTP who enters and leaves the lists", declare_deliver},
      {"topics", "Create or check the topics that a configuration needs on Kafka", declare_topics},
      {"dlq", "List, show and reinject the records that were refused", declare_dlq},
      {"state", "Tell what a state folder holds, copy it elsewhere, or make one of such a copy", declare_state},
      {"schema", "Print the JSON Schema or the reference page of the configuration", declare_schema},
      {"completion", "Print the completion script of a shell", declare_completion},
  };
  return kCommands;
}

}  // namespace nudge::program
