#pragma once

#include <string>
#include <string_view>

#include "sinks/verdict.hpp"

namespace ship {

/// What PostgreSQL, or libpq for want of an answer, said of what was asked.
struct PostgresFailure {
  std::string state;    ///< SQLSTATE, five characters; empty: the connection failed without one
  std::string message;  ///< one line, the server's primary message; never holds the password
  std::string column;   ///< the column that the server names; empty: none
};

/// What a SQLSTATE says of the records it came with.
struct PostgresMeaning {
  Verdict::Kind kind = Verdict::Kind::retry;
  /// No row of the table has it: it may pass, or never.
  bool unknown = false;
  /// The server takes no writes: it is a standby, or became one.
  bool read_only = false;
  /// What was known of the table may have changed: look at it again.
  bool stale_table = false;
};

/// By the code itself or by its class, the first two characters; the nearest row counts. Without a
/// code: retry. Source: PostgreSQL's documentation, appendix A, "PostgreSQL Error Codes".
PostgresMeaning postgres_meaning(std::string_view state);

/// "28P01: password authentication failed for user \"shop\" (check username and password)".
std::string describe_postgres_failure(const PostgresFailure& failure);

}  // namespace ship
