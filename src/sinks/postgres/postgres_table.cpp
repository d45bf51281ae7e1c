#include "sinks/postgres/postgres_table.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/hash.hpp"
#include "base/hex.hpp"

namespace ship {
namespace {

using Column = PostgresColumn;
using Source = PostgresColumn::Source;

constexpr std::size_t kMostNameBytes = 63;

struct OwnColumn {
  Source source;
  std::string_view name;
  std::string_view type;
  std::string_view constraint;
};

constexpr std::array<OwnColumn, 6> kOwnColumns = {{
    {Source::timestamp, "timestamp", "timestamp with time zone", " NOT NULL"},
    {Source::level, "level", "text", ""},
    {Source::logger, "logger", "text", ""},
    {Source::correlation_id, "correlation_id", "text", ""},
    {Source::message, "message", "text", ""},
    {Source::event, "event", "json", " NOT NULL"},
}};

std::string literal(std::string_view text) {
  // As standard_conforming_strings wants it, and with a backslash in either way.
  std::string result = text.find('\\') == text.npos ? "'" : " E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += c;
    result += c;
  }
  return result + "'";
}

std::string column_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names)
    list += (list.empty() ? "" : ", ") + quoted_identifier(name);
  return list;
}

std::vector<std::string> names_of(const PostgresTable& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  return names;
}

/// What records have to do with the column; none: nothing.
std::optional<Column> our_column(const PostgresSinkSettings& settings, const std::string& name) {
  Column column;
  column.name = name;
  for (const OwnColumn& own : kOwnColumns) {
    if (own.name != name) continue;
    column.source = own.source;
    return column;
  }
  if (!settings.id_column.empty() && name == settings.id_column) {
    column.source = Source::id;
    return column;
  }
  for (const auto& [key, path] : settings.columns) {
    if (key != name) continue;
    column.source = Source::field;
    column.path = path;
    return column;
  }
  return std::nullopt;
}

/// What of one of the sink's own columns no record would fit into: an error of the set-up, and not
/// of a record. Empty: all is well.
std::string unfit(const Column& column, const std::string& base, const std::string& category) {
  const bool text = category == "S" || base == "text";
  const auto wrong = [&](std::string_view expected) {
    return "column " + column.name + " is " + column.type + ", expected " + std::string(expected);
  };
  switch (column.source) {
    case Source::timestamp:
      return text || category == "D" ? "" : wrong("timestamptz");
    case Source::event:
      return text || base == "json" || base == "jsonb" ? "" : wrong("json, jsonb or text");
    case Source::level:
    case Source::logger:
    case Source::correlation_id:
    case Source::message:
      return text || category == "E" || base == "json" || base == "jsonb" ? "" : wrong("text");
    case Source::id:
    case Source::field:
      break;
  }
  return "";
}

PostgresFailure misfit(std::string message) { return {"42804", std::move(message), ""}; }

/// Separates names within one value: no identifier is likely to hold it.
constexpr char kSeparator = '\x1f';

std::vector<std::string> separated(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = std::min(text.find(kSeparator), text.size());
    parts.emplace_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

/// Finds the unique index that tells records apart, or says why there is none.
std::optional<PostgresFailure> choose_key(const PostgresSinkSettings& settings,
                                          const std::vector<PostgresConnection::Row>& indexes,
                                          PostgresTable& table) {
  const std::vector<std::string> ours = names_of(table);
  const bool asked = !settings.conflict_key.empty();
  for (const std::string& name : settings.conflict_key) {
    if (!contains(ours, name)) {
      return PostgresFailure{"42703",
                             "conflict_key names the column " + name +
                                 ", which the table does not have, or which gets nothing",
                             ""};
    }
  }
  const auto id = std::find_if(table.columns.begin(), table.columns.end(),
                               [](const Column& column) { return column.source == Source::id; });
  if (id == table.columns.end() && !asked) {
    if (table.at_least_once.empty()) table.at_least_once = "there is no column for the id";
    return std::nullopt;
  }
  std::vector<std::string> wanted = settings.conflict_key;
  std::sort(wanted.begin(), wanted.end());
  for (const PostgresConnection::Row& row : indexes) {
    const std::vector<std::string> key = separated(row[0].value_or(""));
    if (asked) {
      std::vector<std::string> sorted = key;
      std::sort(sorted.begin(), sorted.end());
      if (sorted == wanted) table.conflict_key = key;
      continue;
    }
    const bool fits =
        contains(key, id->name) &&
        std::all_of(key.begin(), key.end(), [&](const std::string& name) {
          const auto column = our_column(settings, name);
          return column && contains(ours, name) &&
                 (column->source == Source::id || column->source == Source::timestamp);
        });
    if (fits && (table.conflict_key.empty() || key.size() < table.conflict_key.size())) {
      table.conflict_key = key;
    }
  }
  if (!table.conflict_key.empty()) return std::nullopt;
  if (asked) {
    return PostgresFailure{"42P10",
                           "there is no unique index over (" + column_list(settings.conflict_key) +
                               "), which conflict_key names",
                           ""};
  }
  table.at_least_once = "there is no unique index over (" + quoted_identifier(id->name) + ")";
  return std::nullopt;
}

}  // namespace

std::string quoted_identifier(std::string_view name) {
  std::string result = "\"";
  for (const char c : name) {
    if (c == '"') result += c;
    result += c;
  }
  return result + "\"";
}

std::string quoted_table(std::string_view table) {
  const std::size_t dot = table.find('.');
  if (dot == table.npos) return quoted_identifier(table);
  return quoted_identifier(table.substr(0, dot)) + "." + quoted_identifier(table.substr(dot + 1));
}

PostgresTable own_postgres_table(const PostgresSinkSettings& settings) {
  PostgresTable table;
  for (const OwnColumn& own : kOwnColumns) {
    Column& column = table.columns.emplace_back();
    column.source = own.source;
    column.name = own.name;
    column.type = own.type;
    if (own.source == Source::event) column.form = Column::Form::json;
  }
  for (const auto& [name, path] : settings.columns) {
    table.columns.push_back({Source::field, name, "text", Column::Form::text, path});
  }
  if (!settings.id_column.empty()) {
    table.columns.push_back({Source::id, settings.id_column, "text", Column::Form::text, ""});
    table.conflict_key = {settings.id_column};
  } else {
    table.at_least_once = "there is no column for the id";
  }
  return table;
}

std::string create_table_sql(const PostgresSinkSettings& settings) {
  const std::string name = quoted_table(settings.table);
  std::string sql = "CREATE TABLE IF NOT EXISTS " + name + " (";
  for (const OwnColumn& own : kOwnColumns) {
    sql += quoted_identifier(own.name) + " " + std::string(own.type) + std::string(own.constraint) +
           ", ";
  }
  for (const auto& [column, path] : settings.columns) sql += quoted_identifier(column) + " text, ";
  if (settings.id_column.empty()) {
    sql.resize(sql.size() - 2);
  } else {
    sql += quoted_identifier(settings.id_column) + " text PRIMARY KEY";
  }
  std::string index = settings.table.substr(settings.table.find('.') + 1);
  constexpr std::string_view kSuffix = "_timestamp_idx";
  index.resize(std::min(index.size(), kMostNameBytes - kSuffix.size()));
  return sql + "); CREATE INDEX IF NOT EXISTS " + quoted_identifier(index + std::string(kSuffix)) +
         " ON " + name + " (\"timestamp\")";
}

std::string store_sql(const PostgresSinkSettings& settings, const PostgresTable& table) {
  const std::string columns = column_list(names_of(table));
  const std::string target = quoted_table(settings.table) + " (" + columns + ")";
  if (table.conflict_key.empty()) return "COPY " + target + " FROM STDIN";
  std::string made;
  for (const Column& column : table.columns) {
    made += (made.empty() ? "" : ", ") + quoted_identifier(column.name) + " " + column.type;
  }
  // A name of its own for each form, for a pooler hands sessions from one to the other.
  std::string stage = "fapilog_ship_";
  const std::uint64_t hash = hash_bytes(made, 0);
  for (int shift = 56; shift >= 0; shift -= 8) {
    append_hex(stage, static_cast<unsigned char>(hash >> shift));
  }
  stage = quoted_identifier(stage);
  // One message of several statements is one transaction.
  return "CREATE TEMPORARY TABLE IF NOT EXISTS " + stage + " (" + made +
         ") ON COMMIT DELETE ROWS; COPY pg_temp." + stage + " (" + columns +
         ") FROM STDIN; INSERT INTO " + target + " SELECT " + columns + " FROM pg_temp." + stage +
         " ON CONFLICT (" + column_list(table.conflict_key) + ") DO NOTHING";
}

std::optional<PostgresFailure> look_up_table(const PostgresSinkSettings& settings,
                                             PostgresConnection& connection,
                                             const PostgresConnection::Patience& patience,
                                             std::optional<PostgresTable>& table) {
  table.reset();
  const std::string oid = "to_regclass(" + literal(quoted_table(settings.table)) + ")";
  std::vector<PostgresConnection::Row> columns;
  auto failure = connection.query(
      "SELECT a.attname, format_type(a.atttypid, a.atttypmod), "
      "format_type(CASE t.typbasetype WHEN 0 THEN t.oid ELSE t.typbasetype END, NULL), "
      "t.typcategory, has_column_privilege(a.attrelid, a.attnum, 'INSERT'), "
      "has_column_privilege(a.attrelid, a.attnum, 'SELECT'), "
      "has_database_privilege(current_database(), 'TEMPORARY') "
      "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
      "WHERE a.attrelid = " +
          oid + " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
      patience, &columns);
  if (failure) return failure;
  if (columns.empty()) return std::nullopt;
  std::vector<PostgresConnection::Row> indexes;
  failure = connection.query(
      "SELECT array_to_string(ARRAY(SELECT a.attname FROM unnest(i.indkey) WITH ORDINALITY "
      "AS k(n, o) JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n "
      "WHERE k.o <= i.indnkeyatts ORDER BY k.o), chr(31)) FROM pg_catalog.pg_index i "
      "WHERE i.indrelid = " +
          oid +
          " AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND "
          "i.indexprs IS NULL",
      patience, &indexes);
  if (failure) return failure;

  PostgresTable found;
  std::vector<std::string> readable;
  for (const PostgresConnection::Row& row : columns) {
    std::optional<Column> column = our_column(settings, row[0].value_or(""));
    if (!column) continue;
    column->type = row[1].value_or("");
    const std::string base = row[2].value_or("");
    const std::string category = row[3].value_or("");
    if (base == "json") column->form = Column::Form::json;
    if (base == "jsonb") column->form = Column::Form::jsonb;
    if (const std::string wrong = unfit(*column, base, category); !wrong.empty()) {
      return misfit(wrong);
    }
    if (column->source == Source::id && category != "S") {
      found.at_least_once = "column " + column->name + " is " + column->type +
                            ", and a record's id is text (id_column names another)";
      continue;
    }
    if (row[4] != "t") found.may_insert = false;
    if (row[5] == "t") readable.push_back(column->name);
    if (row[6] != "t") found.may_stage = false;
    found.columns.push_back(*std::move(column));
  }
  if (found.columns.empty()) {
    return misfit("the table " + settings.table +
                  " has none of the columns timestamp, level, "
                  "logger, correlation_id, message and event");
  }
  for (const auto& [name, path] : settings.columns) {
    const std::vector<std::string> names = names_of(found);
    if (!contains(names, name)) {
      return PostgresFailure{"42703",
                             "the table " + settings.table + " has no column " + name +
                                 ", which columns names: ALTER TABLE " +
                                 quoted_table(settings.table) + " ADD COLUMN " +
                                 quoted_identifier(name) + " text",
                             ""};
    }
  }
  if (auto wrong = choose_key(settings, indexes, found)) return wrong;
  for (const std::string& name : found.conflict_key) {
    if (!contains(readable, name)) found.may_stage = false;
  }
  table = std::move(found);
  return std::nullopt;
}

}  // namespace ship
