// The journal of a live run: how its rounds were cut, and how far each commit came.
//
// Records of `<name>.journal` are JSON objects: {"generation": n, "writer": id}: from here on the cuts of this writer
// hold, and nobody else's; a cut (cut.h); or {"committed": round, "counters": {…}}. Cuts are there before anybody obeys
// them, and outlast whoever wrote them: the next writer goes on behind the last one. What tells of commits is part of
// their transactions.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/kafka/log_topic.h"
#include "connectors/kafka/settings.h"
#include "engine/runtime/cut.h"

namespace nudge::runtime {

std::string commit_note(std::uint64_t round, const std::string& counters);

// Which of the journal's cuts hold, as one record after the other is read.
class JournalReading {
 public:
  // Goes on behind `last`; round 0: from the beginning.
  JournalReading(const std::vector<connectors::PartitionInfo>& partitions, const Cut& last);

  // The cut, if the record is one that holds and lies behind the last. kInputOutput where it does not follow on that.
  Result<std::optional<Cut>> read(std::string_view record);
  const std::string& writer() const { return writer_; }  // whose cuts hold now

 private:
  const std::vector<connectors::PartitionInfo>& partitions_;
  std::uint64_t round_;
  std::int64_t generation_;
  std::string writer_;
};

// The cuts, in order; none where there is no journal. kInputOutput where it cannot be followed: its beginning is gone,
// or it names partitions that the input does not have.
Result<std::vector<Cut>> read_cuts(const connectors::kafka::Settings& settings,
                                   const std::vector<connectors::PartitionInfo>& partitions);
// `counters` of the last commit, as JSON; empty where there is none.
Result<std::string> read_counters(const connectors::kafka::Settings& settings);

// Writes cuts. One thread.
class Journal {
 public:
  // Takes over in this generation: nobody who wrote before is believed from here on. `last`: the last cut that was
  // done; those behind it that hold are in missed().
  static Result<std::unique_ptr<Journal>> open(const connectors::kafka::Settings& settings, std::int64_t generation,
                                               const std::string& instance,
                                               const std::vector<connectors::PartitionInfo>& partitions,
                                               const Cut& last);

  const std::vector<Cut>& missed() const { return missed_; }
  // On its way; completes the cut by what the journal knows of it.
  Status append(Cut& cut);
  // Waits until the cut that was appended last is there. kUnavailable where somebody else has taken over before.
  Status confirm();
  // As confirm(), but for who has taken over.
  Status flush();

 private:
  Journal(std::unique_ptr<connectors::kafka::LogWriter> writer, std::unique_ptr<connectors::kafka::LogReader> reader,
          std::string topic, std::string name, std::int64_t generation,
          const std::vector<connectors::PartitionInfo>& partitions, const Cut& last);
  Status take_over();
  Status taken_over() const;
  Status read(std::chrono::milliseconds timeout, const std::function<void(Cut cut)>& take);

  const std::unique_ptr<connectors::kafka::LogWriter> log_;
  const std::unique_ptr<connectors::kafka::LogReader> reader_;
  const std::string topic_, name_;
  const std::int64_t generation_;
  const std::vector<connectors::PartitionInfo>& partitions_;
  JournalReading reading_;
  std::vector<Cut> missed_;
  std::uint64_t appended_ = 0;  // the last round
  std::uint64_t confirmed_ = 0;
  std::uint64_t end_ = 0;  // behind what was read
};

}  // namespace nudge::runtime
