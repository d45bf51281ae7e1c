#pragma once

#include <cstddef>

#include "net/http_client.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// What the answer to a bulk request of Elasticsearch or OpenSearch means. Status 200 says nothing
/// by itself: the items, in the order of the request, tell of each record. `records` is how many
/// were sent; `creates`: with op `create` and ids of our own, so that 409 is a record that is
/// stored already.
///
/// One item that needs the operator (rights, a missing index) makes the whole batch `hold`: to send
/// it again later stores nothing twice. So does, as `retry`, an answer that is cut off.
Verdict classify_bulk_answer(const HttpResponse& response, std::size_t records, bool creates);

}  // namespace ship
