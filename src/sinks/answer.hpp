#pragma once

#include <span>
#include <string_view>

#include "base/result.hpp"
#include "net/http_client.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// One row of a protocol's answer table: statuses from `first` to `last`, with a text that the body
/// must contain (case-sensitive; empty: any body) mean `kind`. Tables are read from the top; the
/// first matching row counts. Texts live as long as the program.
struct AnswerRow {
  int first = 0;
  int last = 0;
  std::string_view text;
  Verdict::Kind kind = Verdict::Kind::retry;
};

/// The kind in the first matching row; `retry` if none matches.
Verdict::Kind find_kind(std::span<const AnswerRow> table, int status, std::string_view body);

/// What the answer means according to `table`; `retry` if no row matches. Fills in reason, status
/// and Retry-After. If a proxy misses the client's certificate, the verdict is `hold`, whatever the
/// table says about its 400.
Verdict classify_answer(std::span<const AnswerRow> table, const HttpResponse& response);

/// What an answer means if all we know about the server is that it speaks HTTP (RFC 9110, 6585).
Verdict classify_http_answer(const HttpResponse& response);

/// What the lack of an answer means: `retry` for a transient error, else `hold`.
Verdict classify_no_answer(const Error& error);

}  // namespace ship
