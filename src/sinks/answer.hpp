#pragma once

#include <span>
#include <string_view>

#include "base/result.hpp"
#include "net/http_client.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// One row of a protocol's answer table: statuses from `first` to `last`, and a text that the body
/// must hold (in the same case; empty: any body) mean `kind`. Tables are read from the top, the
/// first row that fits counts. Texts live as long as the program.
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

}  // namespace ship
