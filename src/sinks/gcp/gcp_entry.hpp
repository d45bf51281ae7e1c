#pragma once

#include <string>
#include <string_view>

#include "record/record.hpp"

namespace ship {

/// Cloud Logging's word for a level. AUDIT is NOTICE and SECURITY is WARNING, for they are no
/// failures; NOTICE, ALERT and EMERGENCY are also what the record itself calls so.
std::string_view gcp_severity(const Record& record);

/// Appends the record as a LogEntry: {"timestamp":…,"severity":…,"insertId":"<the record's
/// identity>","trace":"projects/…/traces/…","spanId":…,"jsonPayload":<the record as it is>}. The
/// same record gives the same entry each time, so that Cloud Logging shows one that came twice once.
/// https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry
void append_gcp_entry(const Record& record, std::string_view project, std::string& out);

}  // namespace ship
