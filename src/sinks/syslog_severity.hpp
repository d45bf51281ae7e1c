#pragma once

#include <cstdint>

#include "record/record.hpp"

namespace ship {

/// The severity of RFC 5424, 6.2.1, for a record's level: CRITICAL and FATAL are 2, ERROR 3, WARNING
/// 4, INFO 6, DEBUG and TRACE 7. fapilog's AUDIT and SECURITY count as notice (5) and warning (4), for
/// they are no failures. A level between two steps goes by its own name where syslog has it ("notice",
/// "alert", "emerg").
std::uint8_t syslog_severity(const Record& record);

}  // namespace ship
