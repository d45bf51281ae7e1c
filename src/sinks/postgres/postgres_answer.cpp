#include "sinks/postgres/postgres_answer.hpp"

#include <algorithm>

namespace ship {
namespace {

using Kind = Verdict::Kind;

struct StateRow {
  std::string_view state;  ///< a code, or a class
  Kind kind = Kind::retry;
  std::string_view advice = {};
};

constexpr StateRow kStates[] = {
    // Connection exceptions, and a rollback that says nothing of the records.
    {"08", Kind::retry},
    {"40", Kind::retry},
    // Resources: a full disk, too little memory, too many connections.
    {"53", Kind::retry},
    {"53300", Kind::retry, "raise max_connections, or put a pooler in front"},
    // The operator or the server interferes: shut down, starting, statement_timeout.
    {"57", Kind::retry},
    {"57P04", Kind::hold, "the database was dropped"},
    {"55006", Kind::retry},  // object in use
    {"55P03", Kind::retry},  // lock not available
    {"58", Kind::retry},     // an error of the server's system
    // What a record holds: data, constraints, limits, a trigger that refuses.
    {"22", Kind::split},
    {"23", Kind::split},
    {"44", Kind::split},
    {"54", Kind::split},
    {"P0001", Kind::split},
    // Who we are, and what is there.
    {"28", Kind::hold, "check username and password, and pg_hba.conf"},
    {"3D", Kind::hold, "check the database's name"},
    {"3F", Kind::hold, "check the schema's name"},
    {"42", Kind::hold},
    {"42501", Kind::hold, "GRANT what is missing to this user"},
    {"42P01", Kind::hold, "create the table, or set create_table = true"},
    {"42P10", Kind::hold, "create the unique index, or set conflict_key"},
    {"0A", Kind::hold},
    {"25006", Kind::hold, "this is a standby; name the primary, too"},
};

/// The nearest row: a code before its class.
const StateRow* find_state(std::string_view state) {
  const StateRow* best = nullptr;
  for (const StateRow& row : kStates) {
    if (!row.state.empty() && state.starts_with(row.state) &&
        (best == nullptr || row.state.size() > best->state.size())) {
      best = &row;
    }
  }
  return best;
}

}  // namespace

PostgresMeaning postgres_meaning(std::string_view state) {
  PostgresMeaning meaning;
  if (state.empty()) return meaning;
  const StateRow* const row = find_state(state);
  meaning.unknown = row == nullptr;
  if (row != nullptr) meaning.kind = row->kind;
  meaning.read_only = state == "25006";
  meaning.stale_table = state.starts_with("42") || state.starts_with("0A");
  return meaning;
}

std::string describe_postgres_failure(const PostgresFailure& failure) {
  std::string text =
      failure.state.empty() ? failure.message : failure.state + ": " + failure.message;
  const StateRow* const row = failure.state.empty() ? nullptr : find_state(failure.state);
  if (row != nullptr && !row->advice.empty()) text += " (" + std::string(row->advice) + ")";
  return text;
}

}  // namespace ship
