#pragma once

#include <cstddef>

#include "net/http_client.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// What the answer of entries.write to a request with `entries` entries and partialSuccess means.
/// Where the error's details name entries (WriteLogEntriesPartialErrors), these were not written
/// and all others were: `partial`. An error that names none wrote none.
/// https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/write
Verdict classify_gcp_answer(const HttpResponse& response, std::size_t entries);

}  // namespace ship
