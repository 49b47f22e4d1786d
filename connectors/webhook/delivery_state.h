// What a webhook must know after a restart: how far its records are settled, and whom the receiver has.
//
// One SQLite database, FOLDER/state.db. What was settled since the last commit() becomes durable with it, together with
// the position, or not at all. A record that was settled beyond the position is known by its member, so that it is not
// sent again. One thread; a folder belongs to one process.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/webhook/target_source.h"
#include "engine/status.h"

struct sqlite3;
struct sqlite3_stmt;

namespace nudge::connectors::webhook {

struct Member {
  bool is_known = false;  // the receiver has it
  int partition = 0;      // the last record of it that was settled
  std::uint64_t offset = 0;
  std::string identifiers;  // a JSON object, as the receiver was last told; empty where it does not have the member
};

class DeliveryState {
 public:
  // Makes the folder. kConfig where another process uses it, or its position is one of another source than `source`.
  static Result<std::unique_ptr<DeliveryState>> open(const std::string& folder, std::string_view source);
  ~DeliveryState();
  DeliveryState(const DeliveryState&) = delete;
  DeliveryState& operator=(const DeliveryState&) = delete;

  // As of the last commit.
  const Positions& positions() const { return positions_; }
  // What was written beside the position of a partition: TargetSource::trace_of.
  Result<std::string> trace(int partition) const;

  // Of list|customer; nothing where nothing was ever settled of it, or it is forgotten.
  Result<std::optional<Member>> member(const std::string& key) const;
  Status settle(const std::string& key, const Member& member);

  // Members whom the receiver does not have are forgotten once the position has passed their last record.
  Status commit(const Positions& positions, const TargetSource& source);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Close>;

  explicit DeliveryState(std::string path) : path_(std::move(path)) {}
  Status connect();
  Status load(std::string_view source);
  Status begin();
  Status run(const char* sql) const;
  Status step(sqlite3_stmt* statement, bool* row = nullptr) const;
  Result<Statement> prepare(const char* sql) const;
  Status failure(std::string_view what) const;

  const std::string path_;
  std::unique_ptr<sqlite3, Close> database_;
  Statement find_, put_, place_, forget_, trace_;
  bool in_transaction_ = false;
  Positions positions_;
};

}  // namespace nudge::connectors::webhook
