#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "sinks/http_client.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// One row of a protocol's answer table: statuses from `first` to `last`, and a text that the body
/// must hold (in the same case; empty: any body) mean `kind`. Tables are read from the top, the
/// first row that fits counts. Texts live for ever.
struct AnswerRow {
  int first = 0;
  int last = 0;
  std::string_view text;
  Verdict::Kind kind = Verdict::Kind::retry;
};

/// The kind in the first row that fits; `retry` where none does.
Verdict::Kind find_kind(std::span<const AnswerRow> table, int status, std::string_view body);

/// What the answer means by `table`; `retry` where no row fits. Reason, status and Retry-After are
/// filled in. Where a proxy misses the client's certificate that is `hold`, whatever the table says
/// of its 400.
Verdict classify_answer(std::span<const AnswerRow> table, const HttpResponse& response);

/// What an answer means where nothing is known of the server but that it speaks HTTP (RFC 9110,
/// 6585).
Verdict classify_http_answer(const HttpResponse& response);

/// What it means that there was no answer: `retry` for a transient error, else `hold`.
Verdict classify_no_answer(const Error& error);

/// One line for people: "HTTP 503 Service Unavailable: " and the start of the body, and what to do
/// where that is known. Control characters and invalid UTF-8 are replaced, a page of HTML is left
/// out.
std::string describe_answer(int status, std::string_view body);

/// `text` as one line of at most `max_bytes` bytes of valid UTF-8: runs of blanks and control
/// characters become one blank.
std::string one_line(std::string_view text, std::size_t max_bytes);

}  // namespace ship
