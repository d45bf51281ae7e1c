#pragma once

#include <string>
#include <vector>

#include "record/field.hpp"
#include "record/record.hpp"
#include "rows/labels.hpp"
#include "sinks/name_pattern.hpp"
#include "sinks/splunk/splunk_settings.hpp"

namespace ship {

/// Writes records as events of Splunk's HTTP Event Collector:
/// {"time":1767323045.678,"host":…,"source":…,"sourcetype":…,"index":…,"event":<the record as it
/// is>,"fields":{labels and identity}}. The time is the record's own, in plain decimals. Belongs to
/// one thread.
class SplunkEventWriter {
 public:
  /// `labels` become indexed fields. Errors: config, for an index that is no pattern.
  static Result<SplunkEventWriter> make(const SplunkSinkSettings& settings, const Labels& labels,
                                        const std::string& host);

  /// At the end of `out`, without a newline.
  void append(const Record& record, std::string& out);

  /// Whether the index depends on what records say.
  bool index_from_data() const { return !index_.fields().empty(); }

 private:
  SplunkEventWriter(const SplunkSinkSettings& settings, const Labels& labels,
                    const std::string& host, NamePattern index);

  NamePattern index_;
  const bool has_index_;
  FieldFinder finder_;  ///< the fields of index_
  std::string before_;  ///< behind the time: host, source and sourcetype
  std::string fields_;  ///< of the labels: {"a":"b"
  std::string id_key_;  ///< as JSON; empty: none
  std::string name_;
};

/// Seconds since 1970 in plain decimals, with 3 digits behind the point, or 6 where they say more.
void append_splunk_time(std::string& out, WallNanos time);

}  // namespace ship
