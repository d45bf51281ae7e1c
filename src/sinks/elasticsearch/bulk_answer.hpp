#pragma once

#include <cstddef>
#include <vector>

#include "net/http_client.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// What was sent in a bulk request.
struct BulkRequest {
  std::size_t records = 0;
  bool creates = false;  ///< with op `create`: an existing id is a conflict
  /// For each record: its id is one of its own fields, and no earlier attempt may have stored it.
  const std::vector<bool>& first_with_own_id;
};

/// What the answer to a bulk request of Elasticsearch or OpenSearch means. Status 200 alone says
/// nothing: the items, in the order of the request, say what happened to each record. A conflict
/// (409) on the identity that the shipper gave a record means that it is already stored. A conflict
/// on an id from the record itself means that only if an earlier attempt may have stored it;
/// otherwise another record had this id first, and this one is a duplicate.
///
/// One item that needs the operator (rights, a missing index) makes the whole batch `hold`: sending
/// it again later stores nothing twice. Likewise, a truncated answer makes it `retry`.
Verdict classify_bulk_answer(const HttpResponse& response, const BulkRequest& request);

}  // namespace ship
