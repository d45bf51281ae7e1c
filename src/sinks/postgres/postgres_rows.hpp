#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/field.hpp"
#include "record/record.hpp"
#include "sinks/postgres/postgres_table.hpp"

namespace ship {

/// Appends `text` as one value of COPY's text format: backslash and control characters are escaped.
/// Source: PostgreSQL's documentation, COPY, "Text Format".
void append_copy_text(std::string& out, std::string_view text);

/// Writes records as rows of COPY's text format. Belongs to one thread.
class PostgresRows {
 public:
  /// `message_fields` as in SinkEnvironment.
  PostgresRows(const PostgresTable& table, std::vector<std::string> message_fields);

  /// Appends one row, its newline included: a value for each column of the table.
  void append(const Record& record, std::string& out);

  /// What the server's types cannot hold and was replaced, since the last call: NUL characters,
  /// and in jsonb half surrogate pairs and numbers that are too large.
  std::uint64_t take_replaced() { return std::exchange(replaced_, 0); }

 private:
  void append_text(std::string& out, std::string_view text);
  void append_json(std::string& out, std::string_view json, PostgresColumn::Form form);
  void append_value(std::string& out, const PostgresColumn& column, JsonKind kind,
                    std::string_view raw, std::string_view text);

  std::vector<PostgresColumn> columns_;
  std::vector<std::string> message_fields_;
  FieldFinder finder_;  ///< correlation_id, then the fields of the columns in their order
  bool wants_places_ = false;
  RecordNumbers numbers_;  ///< for records without an identity
  std::string scratch_;
  std::string text_;
  std::uint64_t replaced_ = 0;
};

}  // namespace ship
