#pragma once

#include "net/http_client.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// What an answer of Datadog's log intake means, by the table of its API: 202 is stored, 400 and 413
/// are of what was sent, 401 and 403 of the key, 408, 429 and 5xx pass.
/// https://docs.datadoghq.com/api/latest/logs/#send-logs
Verdict classify_datadog_answer(const HttpResponse& response);

}  // namespace ship
