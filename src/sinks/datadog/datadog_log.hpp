#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "record/field.hpp"
#include "record/record.hpp"
#include "rows/labels.hpp"
#include "sinks/datadog/datadog_settings.hpp"

namespace ship {

/// Datadog's word for a level. AUDIT is "notice" and SECURITY "warn", for they are no failures;
/// "alert" and "emergency" are what the record itself calls so.
std::string_view datadog_status(const Record& record);

/// Writes records as logs of Datadog's intake: {"message":"<the line>","timestamp":<ms>,"status":…,
/// "hostname":…,"ddsource":…,"ddtags":"k:v,k:v","service":…,"dd.trace_id":…,"dd.span_id":…}. The
/// line is the message byte for byte; Datadog reads its JSON. Belongs to one thread.
class DatadogLogWriter {
 public:
  /// `labels` become tags, before those of the settings.
  DatadogLogWriter(const DatadogSinkSettings& settings, const Labels& labels,
                   const std::string& host);

  /// At the end of `out`.
  void append(const Record& record, std::string& out);

 private:
  bool has_service_ = false;
  FieldFinder service_;
  std::string after_;  ///< what is the same in all
};

}  // namespace ship
