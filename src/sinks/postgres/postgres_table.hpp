#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/postgres/postgres_connection.hpp"
#include "sinks/postgres/postgres_settings.hpp"

namespace ship {

/// A column that records go into.
struct PostgresColumn {
  enum class Source { timestamp, level, logger, correlation_id, message, event, id, field };
  enum class Form { text, json, jsonb };

  Source source = Source::event;
  std::string name;
  std::string type;  ///< as format_type() names it: "timestamp with time zone"
  Form form = Form::text;
  std::string path;  ///< of a field
};

/// What is known of the table: which of its columns get something, and how a record is stored once.
struct PostgresTable {
  std::vector<PostgresColumn> columns;
  /// The columns of a unique index that tells records apart; empty: none does, and what is sent
  /// again may be stored twice.
  std::vector<std::string> conflict_key;
  /// Why none does; for people.
  std::string at_least_once;
  bool may_insert = true;
  bool may_stage = true;  ///< make the temporary table, and compare by the key
};

/// "logs" or "app.logs" as SQL names it: each part in double quotes.
std::string quoted_table(std::string_view table);
std::string quoted_identifier(std::string_view name);

/// The columns of a table that the sink makes itself.
PostgresTable own_postgres_table(const PostgresSinkSettings& settings);

/// Makes the table and an index over its time, where they are missing.
std::string create_table_sql(const PostgresSinkSettings& settings);

/// The statements that store a batch as a whole or not at all, with one COPY FROM STDIN among them,
/// whose columns are the table's in their order.
std::string store_sql(const PostgresSinkSettings& settings, const PostgresTable& table);

/// Asks the server. `table` is none where there is no such table. A failure with a code: the table
/// does not fit, or may not be looked at.
std::optional<PostgresFailure> look_up_table(const PostgresSinkSettings& settings,
                                             PostgresConnection& connection,
                                             const PostgresConnection::Patience& patience,
                                             std::optional<PostgresTable>& table);

}  // namespace ship
