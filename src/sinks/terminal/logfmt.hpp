#pragma once

#include <span>
#include <string>

#include "record/record.hpp"

namespace ship {

/// Appends the record as one logfmt line, newline included: time (RFC 3339, UTC), level and msg
/// first, then every other field in the record's order, nested ones dotted, fapilog's "log." left
/// out:
///
///   time=2026-11-22T09:09:09.624Z level=ERROR msg="order failed" data.order_id=18
///   logger=orders-api
///
/// A value is quoted if it is empty or contains a space, '=', '"', '\' or a control character, with
/// JSON's escapes inside, as go-logfmt and Loki's parser read it. In a key such characters become
/// '_'. Arrays are written as JSON. `message_fields` as in KnownPlaces. Any thread.
void append_logfmt(const Record& record, std::string& out,
                   std::span<const std::string> message_fields = {});

}  // namespace ship
