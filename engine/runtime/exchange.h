// Carries what tasks send each other in a step to the tasks of other instances.
//
// A parcel is what one task (or the spine) has for another at one stage of one step; also an empty one is sent, as the
// receiver waits for all of them. What a task sends is a function of the steps that it has done, so a parcel that
// is sent again, by another instance after a crash, is the same one, and the first that is there in full is taken.
// One thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "engine/runtime/exchange_log.h"

namespace nudge::runtime {

enum class Stage : std::uint8_t {
  kRouted,   // from the spine: the step, and the round's records
  kLinked,   // from identity: to ledger and keyed
  kDecided,  // from the ledger's first half: to its second, and to keyed
  kSettled,  // from the ledger's second half: to keyed
  kTraced,   // from keyed, of an erased customer: to identity and ledger
  kPartials  // from keyed, to the spine
};

class Exchange {
 public:
  // `tasks` is the spine's number as a sender and as a receiver. `goes_on` is asked while a parcel is waited for; a
  // failure of it ends the waiting.
  Exchange(ExchangeLog& log, std::uint32_t tasks, std::function<Status()> goes_on);

  std::uint32_t spine() const { return tasks_; }

  // What this instance receives from now on: parcels for `to` of steps beyond `step`; none of them lies before `offset`
  // in the log.
  Status open(std::uint32_t to, std::uint64_t step, std::uint64_t offset);

  Status send(std::uint64_t step, Stage stage, std::uint32_t from, std::uint32_t to, std::string_view parcel);
  // The end of what is sent at a stage: it is on its way.
  Status post();
  // Whether the parcel is there, after waiting for anything to come at most as long as this.
  Result<bool> arrived(std::uint64_t step, Stage stage, std::uint32_t from, std::uint32_t to,
                       std::chrono::milliseconds timeout);
  // Waits for the parcel; it is valid until done().
  Result<std::string_view> receive(std::uint64_t step, Stage stage, std::uint32_t from, std::uint32_t to);
  // The receiver has done the step: its parcels are forgotten.
  void done(std::uint32_t to, std::uint64_t step);
  // Before this offset lies nothing that the receiver will still need.
  std::uint64_t offset(std::uint32_t to) const;
  // Everything sent so far outlasts this process; to be called before a commit of what it followed from.
  Status flush() { return log_.flush(); }

 private:
  // Of receivers: how far they are, and what has come for later steps.
  struct Parcel {
    std::map<std::uint32_t, std::string> parts;
    std::optional<std::uint32_t> count;
    bool whole = false;
    std::string bytes;
  };
  using ParcelName = std::tuple<std::uint64_t, Stage, std::uint32_t>;  // step, stage, sender
  struct Receiver {
    bool open = false;
    std::uint64_t step = 0;                                       // done
    std::uint64_t next_offset = 0;                                // behind what was read
    std::deque<std::pair<std::uint64_t, std::uint64_t>> records;  // offset, step; of steps that are not done
    std::map<ParcelName, Parcel> parcels;
  };

  Status take(std::uint32_t to, std::uint64_t offset, std::string_view record);
  Status append(std::uint32_t to);
  Parcel* find(std::uint64_t step, Stage stage, std::uint32_t from, std::uint32_t to);

  ExchangeLog& log_;
  const std::uint32_t tasks_;
  const std::function<Status()> goes_on_;
  std::vector<Receiver> receivers_;
  // What waits for post(), by receiver; a record is of one step.
  std::vector<std::string> outgoing_;
};

}  // namespace nudge::runtime
