#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/field.hpp"
#include "record/known_places.hpp"
#include "record/record.hpp"
#include "rows/labels.hpp"

namespace ship {

/// Writes batches as ExportLogsServiceRequest in protobuf (opentelemetry-proto 1.x, logs/v1): one
/// resourceLogs for each service of the batch, one scopeLogs in it, one logRecord for each record.
///
/// The time is the record's, the severity number is that of its level (fapilog's AUDIT and SECURITY
/// count as INFO4 and WARN4, because they are not failures), the severity text is the level as
/// written. The body is the message, or the whole line if there is none; trace_id and span_id are
/// the ids. All three, and the exception for exception.type, .message and .stacktrace, come from
/// where the table of dialects says. Everything else becomes attributes: "data.order_id" for what
/// the envelope holds in "data", with arrays and deeper objects unchanged. Keys are unique, the
/// last of duplicates counts. Belongs to one thread.
class OtlpEncoder {
 public:
  /// `resource` are the attributes of every resource; "service.name" comes from the record's
  /// "service" if they do not set it. `message_fields` as in KnownPlaces.
  explicit OtlpEncoder(Labels resource, std::vector<std::string> message_fields = {});

  /// Replaces `out`. `observed` is the time of the call.
  void encode(std::span<const Record> records, WallNanos observed, std::string& out);

 private:
  struct Attribute {
    std::string key;
    std::string_view value;  ///< JSON
  };

  void encode_record(const Record& record, WallNanos observed, std::string& out);
  void collect(const Record& record);
  void take_exception(const KnownPlaces& places);
  void take_member(std::string_view prefix, std::string_view key, std::string_view value);

  Labels resource_;
  std::vector<std::string> message_fields_;
  bool names_service_ = false;
  FieldFinder service_;
  std::vector<Attribute> attributes_;
  std::deque<std::string> made_;          ///< JSON of attributes that are not members of the line
  const char* told_exception_ = nullptr;  ///< where the member that they repeat is
  std::string_view message_;
  std::string trace_id_;
  std::string span_id_;
};

/// OTLP's number for a level: TRACE 1, DEBUG 5, INFO 9, WARN 13, ERROR 17, FATAL 21.
std::uint32_t otlp_severity(Level level);

}  // namespace ship
