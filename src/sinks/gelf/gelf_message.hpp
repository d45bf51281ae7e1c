#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "record/known_places.hpp"
#include "record/record.hpp"
#include "rows/labels.hpp"

namespace ship {

/// Writes records as messages of GELF 1.1, one JSON object each. `short_message` is the message's
/// first line, or the record's line where it has none that is not blank; `full_message` the whole
/// message and the exception, where there is more; `timestamp` the event's own time; `level` that of
/// syslog, always. All else becomes fields behind an underscore: text and numbers as they are, true,
/// false and null as text, lists as their JSON, objects member by member with underscores between
/// their keys. `_id` is Graylog's own: a record's "id" goes as `_id_`. The labels go with each
/// message. Belongs to one thread.
class GelfMessage {
 public:
  /// `message_fields` as in KnownPlaces.
  GelfMessage(std::string host, const Labels& labels, std::vector<std::string> message_fields);

  /// Appends the object, without anything behind it.
  void append(const Record& record, std::string& out);

 private:
  struct Field {
    std::string path;       ///< its keys: which one it is
    std::string name;       ///< "_data_order_id"
    std::string_view json;  ///< its value
  };
  void collect(const Record& record, const KnownPlaces& places, std::string_view object,
               std::string_view place);
  void add(std::string_view place, const std::string& path, std::string_view json, int depth);
  void append_fields(std::string& out);

  const std::string host_;
  const std::vector<std::string> message_fields_;
  std::string labels_;  ///< their JSON, a comma before each
  std::vector<std::string> label_names_;
  std::vector<Field> fields_;
};

}  // namespace ship
