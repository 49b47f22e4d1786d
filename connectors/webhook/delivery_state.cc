#include "connectors/webhook/delivery_state.h"

#include <fmt/core.h>
#include <sqlite3.h>

#include <filesystem>

namespace nudge::connectors::webhook {
namespace {

constexpr const char* kSchema = R"(
  CREATE TABLE IF NOT EXISTS source (name TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS positions (
    partition INTEGER PRIMARY KEY, next INTEGER NOT NULL, place INTEGER NOT NULL, trace TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS members (
    member TEXT PRIMARY KEY, is_known INTEGER NOT NULL, partition INTEGER NOT NULL, last INTEGER NOT NULL,
    identifiers TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS absent ON members (partition, last) WHERE is_known = 0;
)";

void bind(sqlite3_stmt* statement, int place, std::int64_t value) { sqlite3_bind_int64(statement, place, value); }
// The text must live until the statement is reset.
void bind(sqlite3_stmt* statement, int place, std::string_view value) {
  sqlite3_bind_text64(statement, place, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
}
std::string text_of(sqlite3_stmt* statement, int column) {
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return text ? std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))) : std::string();
}

// A statement is reset, whatever its use came to.
struct Reset {
  sqlite3_stmt* statement;
  ~Reset() {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
  }
};

}  // namespace

void DeliveryState::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }
void DeliveryState::Close::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

DeliveryState::~DeliveryState() = default;

Status DeliveryState::failure(std::string_view what) const {
  if (sqlite3_errcode(database_.get()) == SQLITE_BUSY)
    return Status::config(path_ + ": another process delivers from it; stop that one first");
  return Status::io(fmt::format("{}: {}: {}", path_, what, sqlite3_errmsg(database_.get())));
}

Status DeliveryState::run(const char* sql) const {
  return sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK ? Status::ok()
                                                                                    : failure("cannot be used");
}

Result<DeliveryState::Statement> DeliveryState::prepare(const char* sql) const {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr) != SQLITE_OK) return failure("cannot be used");
  return Statement(statement);
}

Status DeliveryState::step(sqlite3_stmt* statement, bool* row) const {
  const int done = sqlite3_step(statement);
  if (row) *row = done == SQLITE_ROW;
  return done == SQLITE_ROW || done == SQLITE_DONE ? Status::ok() : failure("cannot be read or written");
}

Result<std::unique_ptr<DeliveryState>> DeliveryState::open(const std::string& folder, std::string_view source) {
  std::error_code error;
  const bool is_new = std::filesystem::create_directories(folder, error);
  // It holds identifiers of customers.
  if (is_new) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error) return Status::io(folder + ": cannot be made: " + error.message());
  auto state = std::unique_ptr<DeliveryState>(new DeliveryState(folder + "/state.db"));
  NUDGE_TRY(state->connect());
  NUDGE_TRY(state->load(source));
  return state;
}

Status DeliveryState::connect() {
  sqlite3* database = nullptr;
  const int opened = sqlite3_open_v2(path_.c_str(), &database,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(database);
  if (opened != SQLITE_OK) return failure("cannot be opened");
  // Exclusive from the first write on, so that a second process is refused; a commit is one fsync.
  NUDGE_TRY(
      run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
          "PRAGMA secure_delete = ON; BEGIN IMMEDIATE; COMMIT;"));
  NUDGE_TRY(run(kSchema));
  NUDGE_ASSIGN(find_, prepare("SELECT is_known, partition, last, identifiers FROM members WHERE member = ?"));
  NUDGE_ASSIGN(put_, prepare("INSERT INTO members VALUES (?, ?, ?, ?, ?) ON CONFLICT (member) DO UPDATE SET "
                             "is_known = excluded.is_known, partition = excluded.partition, last = excluded.last, "
                             "identifiers = excluded.identifiers"));
  NUDGE_ASSIGN(place_, prepare("INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?)"));
  NUDGE_ASSIGN(forget_, prepare("DELETE FROM members WHERE is_known = 0 AND partition = ? AND last < ?"));
  NUDGE_ASSIGN(trace_, prepare("SELECT trace FROM positions WHERE partition = ?"));
  return Status::ok();
}

Status DeliveryState::load(std::string_view source) {
  bool row = false;
  NUDGE_ASSIGN(const Statement known, prepare("SELECT name FROM source"));
  NUDGE_TRY(step(known.get(), &row));
  if (row && text_of(known.get(), 0) != source)
    return Status::config(
        fmt::format("{}: its position is one of {}, not of {}; give the webhook another state_dir, or "
                    "remove the folder to begin anew",
                    path_, text_of(known.get(), 0), source));
  if (!row) {
    NUDGE_ASSIGN(const Statement name, prepare("INSERT INTO source VALUES (?)"));
    bind(name.get(), 1, source);
    NUDGE_TRY(step(name.get()));
  }
  NUDGE_ASSIGN(const Statement places, prepare("SELECT partition, next, place FROM positions"));
  NUDGE_TRY(step(places.get(), &row));
  while (row) {
    positions_[sqlite3_column_int(places.get(), 0)] = {
        static_cast<std::uint64_t>(sqlite3_column_int64(places.get(), 1)),
        static_cast<std::uint64_t>(sqlite3_column_int64(places.get(), 2))};
    NUDGE_TRY(step(places.get(), &row));
  }
  return Status::ok();
}

Result<std::string> DeliveryState::trace(int partition) const {
  const Reset reset{trace_.get()};
  bind(trace_.get(), 1, partition);
  bool row = false;
  NUDGE_TRY(step(trace_.get(), &row));
  return row ? text_of(trace_.get(), 0) : std::string();
}

Result<std::optional<Member>> DeliveryState::member(const std::string& key) const {
  const Reset reset{find_.get()};
  bind(find_.get(), 1, key);
  bool row = false;
  NUDGE_TRY(step(find_.get(), &row));
  if (!row) return std::optional<Member>();
  return std::optional(Member{sqlite3_column_int(find_.get(), 0) != 0, sqlite3_column_int(find_.get(), 1),
                              static_cast<std::uint64_t>(sqlite3_column_int64(find_.get(), 2)),
                              text_of(find_.get(), 3)});
}

Status DeliveryState::begin() {
  if (in_transaction_) return Status::ok();
  NUDGE_TRY(run("BEGIN IMMEDIATE"));
  in_transaction_ = true;
  return Status::ok();
}

Status DeliveryState::settle(const std::string& key, const Member& member) {
  NUDGE_TRY(begin());
  const Reset reset{put_.get()};
  bind(put_.get(), 1, key);
  bind(put_.get(), 2, static_cast<std::int64_t>(member.is_known));
  bind(put_.get(), 3, member.partition);
  bind(put_.get(), 4, static_cast<std::int64_t>(member.offset));
  bind(put_.get(), 5, member.identifiers);
  return step(put_.get());
}

Status DeliveryState::commit(const Positions& positions, const TargetSource& source) {
  NUDGE_TRY(begin());
  for (const auto& [partition, position] : positions) {
    const auto before = positions_.find(partition);
    if (before != positions_.end() && before->second == position) continue;
    const std::string trace = source.trace_of(partition, position);
    const Reset reset{place_.get()}, reset_too{forget_.get()};
    bind(place_.get(), 1, partition);
    bind(place_.get(), 2, static_cast<std::int64_t>(position.offset));
    bind(place_.get(), 3, static_cast<std::int64_t>(position.place));
    bind(place_.get(), 4, trace);
    NUDGE_TRY(step(place_.get()));
    bind(forget_.get(), 1, partition);
    bind(forget_.get(), 2, static_cast<std::int64_t>(position.offset));
    NUDGE_TRY(step(forget_.get()));
  }
  NUDGE_TRY(run("COMMIT"));
  in_transaction_ = false;
  positions_ = positions;
  return Status::ok();
}

}  // namespace nudge::connectors::webhook
