// A table of people's own as rows to learn from: what type each column has, what is unknown, which label is meant.
//
// A column is boolean where every known cell is one of true/false, yes/no, t/f, y/n or 0/1 (one pair, any case), a
// number where every known cell is one, and otherwise text. Numbers are rounded to floats, as those of a shop are. The
// most frequent texts have a bucket each and all others share the last: a shop, which does not know what texts will
// come, hashes them to as many buckets, where two of them may meet. Unknown is an empty cell, and, in any case, `?`,
// `na`, `n/a`, `nan`, `null` and `unknown`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/files/csv_table.h"
#include "engine/status.h"
#include "operators/scores/estimator.h"

namespace nudge::evaluate {

enum class ColumnType : std::uint8_t { kBoolean, kNumber, kText };
std::string_view name_of(ColumnType type);

struct DatasetOptions {
  std::string target;
  std::string positive;              // the value of the target to predict; empty: the true one of a boolean
  std::vector<std::string> dropped;  // columns that no model may see
  bool drop_unknown = false;         // leave rows out in which a used column is unknown
  std::string treatment;             // what was done to whom; empty: no such column
  std::string control;  // its value for nothing; empty: a false, or one that begins with no, none or control
};

struct Feature {
  std::string name;
  ColumnType type = ColumnType::kNumber;
  std::size_t unknown = 0;                // rows
  std::size_t distinct = 0;               // known values
  std::vector<std::string> buckets = {};  // of a text: what each holds
};

struct Dataset {
  std::vector<Feature> features;
  scores::TrainingRows rows;  // in the order of the file
  std::string target, positive;
  std::size_t read = 0, without_target = 0, with_unknown = 0;  // rows; the latter two are left out
  std::size_t positives = 0;
  // With a treatment: what was done, nothing first, and to each row which. Rows of which it is unknown are left out.
  std::vector<std::string> arms;
  std::vector<std::uint8_t> arm_of;
  std::size_t without_treatment = 0;
  std::vector<std::string> warnings;
};

bool is_unknown(std::string_view cell);

Result<Dataset> make_dataset(const connectors::CsvTable& table, const DatasetOptions& options);

}  // namespace nudge::evaluate
