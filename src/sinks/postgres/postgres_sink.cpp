#include "sinks/postgres/postgres_sink.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "sinks/answer.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;
using std::chrono::steady_clock;

/// How often an idle connection is looked at.
constexpr std::chrono::seconds kLookEvery{5};
constexpr std::chrono::seconds kTellEvery{60};
/// After so many failures in a row that no table knows, they are taken for the records'.
constexpr unsigned kMostUnknownFailures = 5;
/// What is collected before it goes to libpq.
constexpr std::size_t kPieceBytes = 64 * 1024;

}  // namespace

PostgresSink::PostgresSink(PostgresSinkSettings settings, Clock& clock,
                           std::vector<std::string> message_fields, LogFunction log)
    : settings_(std::move(settings)),
      clock_(clock),
      message_fields_(std::move(message_fields)),
      log_(std::move(log)),
      connection_(settings_),
      looked_(clock_.steady()) {}

void PostgresSink::forget() {
  connection_.close();
  table_.reset();
  rows_.reset();
}

std::optional<PostgresFailure> PostgresSink::find_table(const Patience& patience) {
  if (auto failure = look_up_table(settings_, connection_, patience, table_)) return failure;
  if (!table_ && settings_.create_table) {
    auto failure = connection_.query(create_table_sql(settings_), patience);
    // Another made it at the same moment.
    const bool raced = failure && (failure->state == "23505" || failure->state == "42P07");
    if (failure && !raced) return failure;
    if (!raced && log_) log_(LogLevel::info, "made the table " + settings_.table);
    if (auto missed = look_up_table(settings_, connection_, patience, table_)) return missed;
  }
  if (!table_) return PostgresFailure{"42P01", "there is no table " + settings_.table, ""};
  if (!table_->may_insert) {
    table_.reset();
    return PostgresFailure{"42501", "this user may not insert into " + settings_.table, ""};
  }
  if (!table_->may_stage && !table_->conflict_key.empty()) {
    table_.reset();
    return PostgresFailure{
        "42501",
        "storing each record once takes SELECT on the columns of the unique index of " +
            settings_.table + " and TEMPORARY on the database (or id_column = \"\")",
        ""};
  }
  store_sql_ = store_sql(settings_, *table_);
  rows_.emplace(*table_, message_fields_);
  if (table_->at_least_once != told_at_least_once_ && !settings_.id_column.empty() && log_) {
    log_(LogLevel::warning, "table " + settings_.table + ": " + table_->at_least_once +
                                ", so records that are sent again may be stored twice");
  }
  told_at_least_once_ = table_->at_least_once;
  return std::nullopt;
}

std::optional<PostgresFailure> PostgresSink::prepare(const Patience& patience) {
  if (!connection_.is_open()) {
    table_.reset();
    if (auto failure = connection_.open(patience)) return failure;
    // A server that waits for a lock does not notice that we have given up.
    const auto most = settings_.request_timeout * 4 / 5;
    if (auto failure =
            connection_.query("SELECT set_config('lock_timeout', '" +
                                  std::to_string(std::max<std::int64_t>(most.count(), 1)) +
                                  "', false) WHERE current_setting('lock_timeout') = '0'",
                              patience)) {
      return failure;
    }
  }
  if (table_) return std::nullopt;
  return find_table(patience);
}

std::optional<PostgresFailure> PostgresSink::store(std::span<const Record> records,
                                                   const Patience& patience, std::uint64_t& bytes) {
  in_set_up_ = true;
  if (auto failure = prepare(patience)) return failure;
  in_set_up_ = false;
  std::size_t next = 0;
  return connection_.copy(
      store_sql_,
      [&](std::string& out) {
        while (next < records.size() && out.size() < kPieceBytes) {
          rows_->append(records[next++], out);
        }
        return next < records.size();
      },
      patience, bytes);
}

Verdict PostgresSink::send(std::span<const Record> records, const SendContext& context) {
  looked_ = clock_.steady();
  if (context.stop.stop_requested()) {
    return Verdict::of(Kind::retry, 0, "stopped before it was sent");
  }
  const Patience patience{steady_clock::now() + settings_.request_timeout, context.stop};
  connection_.lost_meanwhile();
  std::uint64_t bytes = 0;
  auto failure = store(records, patience, bytes);
  if (failure && !context.stop.stop_requested()) {
    const PostgresMeaning meaning = postgres_meaning(failure->state);
    // Where the primary is another one now, or the table another: look once more at once.
    const bool changed = meaning.read_only || (meaning.stale_table && !in_set_up_);
    if (meaning.read_only) connection_.close();
    if (meaning.stale_table) table_.reset();
    if (changed) {
      bytes = 0;
      failure = store(records, patience, bytes);
      if (failure && postgres_meaning(failure->state).read_only) connection_.close();
    }
  }
  Verdict verdict;
  if (failure) {
    verdict = verdict_of(*failure);
  } else {
    unknown_failures_ = 0;
  }
  verdict.bytes_sent = bytes;
  if (rows_) replaced_ += rows_->take_replaced();
  tell_replaced();
  return verdict;
}

Verdict PostgresSink::verdict_of(const PostgresFailure& failure) {
  const PostgresMeaning meaning = postgres_meaning(failure.state);
  Kind kind = meaning.kind;
  std::string reason = describe_postgres_failure(failure);
  if (meaning.stale_table) table_.reset();
  if (meaning.unknown) {
    kind = ++unknown_failures_ > kMostUnknownFailures ? Kind::split : Kind::retry;
  }
  if (kind == Kind::split && in_set_up_) {
    // Whatever is wrong with these statements, it is not the records.
    kind = Kind::hold;
  } else if (failure.state == "23502" && table_ && !failure.column.empty()) {
    const auto& columns = table_->columns;
    const bool ours = std::any_of(columns.begin(), columns.end(), [&](const auto& column) {
      return column.name == failure.column;
    });
    if (!ours) {
      kind = Kind::hold;
      reason += " (nothing goes into column " + failure.column +
                ": give it a default, or name it in columns)";
    }
  }
  return Verdict::of(kind, 0, std::move(reason));
}

void PostgresSink::tell_replaced() {
  const SteadyTime now = clock_.steady();
  if (replaced_ == 0 || now < tell_replaced_at_) return;
  tell_replaced_at_ = now + kTellEvery;
  if (log_) {
    log_(LogLevel::warning,
         "replaced " + std::to_string(std::exchange(replaced_, 0)) +
             " characters or numbers that PostgreSQL cannot hold (\\u0000, half surrogate pairs, "
             "numbers beyond its range); a column event of type json keeps the text as it is");
  }
}

std::optional<SteadyTime> PostgresSink::wake_at() const {
  if (!connection_.is_open()) return std::nullopt;
  return looked_ + kLookEvery;
}

void PostgresSink::wake() {
  looked_ = clock_.steady();
  if (connection_.lost_meanwhile() && log_) {
    log_(LogLevel::info, "the server closed the connection; the next record opens another");
  }
}

std::string PostgresSink::payload(std::span<const Record> records) {
  const PostgresTable table = table_ ? *table_ : own_postgres_table(settings_);
  PostgresRows rows(table, message_fields_);
  std::string text = store_sql(settings_, table) + "\n";
  for (const Record& record : records) rows.append(record, text);
  return text;
}

Result<std::string> PostgresSink::probe(const std::stop_token& stop) {
  const Patience patience{steady_clock::now() + settings_.request_timeout, stop};
  const auto error_of = [](const PostgresFailure& failure, std::string_view found) {
    const Kind kind = postgres_meaning(failure.state).kind;
    return Error{kind == Kind::retry ? ErrorKind::transient : ErrorKind::permanent,
                 std::string(found) + describe_postgres_failure(failure)};
  };
  if (auto failure = connection_.open(patience)) return error_of(*failure, "");
  std::string found =
      "PostgreSQL " + connection_.server_version() + ", signed in as " + connection_.user();
  if (const std::string tls = connection_.tls_version(); !tls.empty()) found += " over " + tls;
  std::optional<PostgresTable> table;
  std::vector<PostgresConnection::Row> rows;
  auto failure = look_up_table(settings_, connection_, patience, table);
  if (!failure) {
    failure = connection_.query(
        "SELECT pg_is_in_recovery() OR "
        "current_setting('transaction_read_only') = 'on'",
        patience, &rows);
  }
  connection_.close();
  if (failure) return error_of(*failure, found + "; ");
  if (!rows.empty() && rows[0][0] == "t") {
    return error_of({"25006", "it takes no writes", ""}, found + "; ");
  }
  if (!table) {
    if (settings_.create_table) {
      return found + "; the table " + settings_.table + " is made with the first record";
    }
    return error_of({"42P01", "there is no table " + settings_.table, ""}, found + "; ");
  }
  if (!table->may_insert) {
    return error_of({"42501", "this user may not insert into " + settings_.table, ""},
                    found + "; ");
  }
  found += "; table " + settings_.table + " is there";
  if (table->conflict_key.empty()) {
    return found + ", but " + table->at_least_once +
           ": records that are sent again may be stored twice";
  }
  if (!table->may_stage) {
    return error_of({"42501",
                     "this user may not SELECT the columns of the unique index, or make temporary "
                     "tables",
                     ""},
                    found + "; ");
  }
  std::string key;
  for (const std::string& name : table->conflict_key) key += (key.empty() ? "" : ", ") + name;
  return found + ", and its unique index over (" + key + ") keeps each record to once";
}

}  // namespace ship
