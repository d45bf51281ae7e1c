#include "sinks/postgres/postgres_rows.hpp"

#include <algorithm>

#include "record/json_text.hpp"
#include "record/known_places.hpp"
#include "record/timestamp.hpp"
#include "sinks/postgres/jsonb_text.hpp"

namespace ship {
namespace {

using Source = PostgresColumn::Source;
using Form = PostgresColumn::Form;

constexpr std::string_view kNull = "\\N";
constexpr std::string_view kReplacement = "\xef\xbf\xbd";

std::vector<std::string> paths_of(const std::vector<PostgresColumn>& columns) {
  std::vector<std::string> paths = {"correlation_id"};
  for (const PostgresColumn& column : columns) {
    if (column.source == Source::field) paths.push_back(column.path);
  }
  return paths;
}

}  // namespace

void append_copy_text(std::string& out, std::string_view text) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char code = 0;
    switch (text[i]) {
      case '\\':
        code = '\\';
        break;
      case '\n':
        code = 'n';
        break;
      case '\r':
        code = 'r';
        break;
      case '\t':
        code = 't';
        break;
      case '\b':
        code = 'b';
        break;
      case '\f':
        code = 'f';
        break;
      case '\v':
        code = 'v';
        break;
      default:
        continue;
    }
    out.append(text, done, i - done);
    out += '\\';
    out += code;
    done = i + 1;
  }
  out.append(text, done);
}

PostgresRows::PostgresRows(const PostgresTable& table, std::vector<std::string> message_fields)
    : columns_(table.columns),
      message_fields_(std::move(message_fields)),
      finder_(paths_of(columns_)) {
  wants_places_ = std::any_of(columns_.begin(), columns_.end(), [](const PostgresColumn& column) {
    return column.source == Source::logger || column.source == Source::message;
  });
}

// No text of PostgreSQL holds a NUL.
void PostgresRows::append_text(std::string& out, std::string_view text) {
  while (true) {
    const std::size_t nul = std::min(text.find('\0'), text.size());
    append_copy_text(out, text.substr(0, nul));
    if (nul == text.size()) return;
    out += kReplacement;
    ++replaced_;
    text.remove_prefix(nul + 1);
  }
}

void PostgresRows::append_json(std::string& out, std::string_view json, Form form) {
  if (form == Form::json) return append_copy_text(out, json);
  scratch_.clear();
  replaced_ += append_jsonb(scratch_, json);
  append_copy_text(out, scratch_);
}

void PostgresRows::append_value(std::string& out, const PostgresColumn& column, JsonKind kind,
                                std::string_view raw, std::string_view text) {
  if (kind == JsonKind::none || kind == JsonKind::null) {
    out += kNull;
  } else if (column.form != Form::text) {
    append_json(out, raw, column.form);
  } else {
    append_text(out, text);
  }
}

void PostgresRows::append(const Record& record, std::string& out) {
  const std::span<const Field> fields = finder_.find(record.line);
  KnownPlaces::Place logger;
  KnownPlaces::Place message;
  if (wants_places_) {
    const KnownPlaces places(record.line, message_fields_);
    logger = places.logger();
    message = places.message();
  }
  std::size_t field = 1;
  bool first = true;
  for (const PostgresColumn& column : columns_) {
    if (!std::exchange(first, false)) out += '\t';
    const auto append_place = [&](const KnownPlaces::Place& place) {
      text_.clear();
      if (place.found()) place.value.append_text(text_);
      append_value(out, column, place.found() ? place.value.kind() : JsonKind::none,
                   place.value.raw, text_);
    };
    switch (column.source) {
      case Source::timestamp:
        out += format_rfc3339(record.time, 6);
        break;
      case Source::level:
        text_.clear();
        append_json_string(text_, record.level_name());
        append_value(out, column, JsonKind::string, text_, record.level_name());
        break;
      case Source::logger:
        append_place(logger);
        break;
      case Source::correlation_id:
        append_value(out, column, fields[0].kind, fields[0].raw, fields[0].text);
        break;
      case Source::message:
        append_place(message);
        break;
      case Source::event:
        if (column.form == Form::text) {
          append_text(out, record.line);
        } else {
          append_json(out, record.line, column.form);
        }
        break;
      case Source::id:
        out += record_id_text(record.id ? record.id : RecordId{numbers_.run(), numbers_.take(1)});
        break;
      case Source::field:
        append_value(out, column, fields[field].kind, fields[field].raw, fields[field].text);
        ++field;
        break;
    }
  }
  out += '\n';
}

}  // namespace ship
