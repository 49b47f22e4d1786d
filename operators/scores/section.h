// A customer's part of the scores: rows that wait for their labels, and when the customer did what labels ask for.
//
// Bounded: at most kRowsBytesMax of rows, LabelTimes::kTimesMax times and LabelEvents::kBytesMax of events a label;
// what finds no room is counted.
#pragma once

#include <memory>
#include <vector>

#include "engine/compact_vector.h"
#include "engine/operator.h"
#include "operators/scores/label.h"
#include "operators/scores/row.h"

namespace nudge::scores {

class ScoresSection final : public Section {
 public:
  static constexpr std::uint32_t kVersion = 2;  // 1 had nothing of `Seldom`, and no rows with a trigger
  static constexpr std::size_t kRowsBytesMax = 128 << 10;

  struct Label {
    std::uint32_t id = 0;  // LabelDefinition::id
    LabelTimes times;
  };
  struct EventLabel {
    std::uint32_t id = 0;
    LabelEvents events;
  };
  // What only labels with a trigger and lists need.
  struct Seldom {
    CompactVector<EventLabel> labels;
    CompactVector<std::uint32_t> entered;  // targets (Target::id) whose list the customer has entered before
  };

  CompactVector<PendingRow> rows;  // in the order of scoring
  CompactVector<Label> labels;
  std::unique_ptr<Seldom> seldom;  // null: nothing of it
  Millis armed = kNever;           // what the operator's timer is set to

  // Made where missing.
  LabelTimes& times(std::uint32_t label);
  const LabelTimes* find_times(std::uint32_t label) const;
  LabelEvents& events(std::uint32_t label);
  const LabelEvents* find_events(std::uint32_t label) const;
  // False where the target was told of an enter before.
  bool enter(std::uint32_t target);
  std::size_t rows_bytes() const;

  void encode(Encoder& out) const override;
  std::size_t memory_bytes() const override;
  static std::unique_ptr<Section> make();
  static std::unique_ptr<Section> decode(std::uint32_t version, std::string_view bytes);

 private:
  void decode_seldom(Decoder& in);
};

}  // namespace nudge::scores
