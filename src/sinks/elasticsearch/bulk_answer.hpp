#pragma once

#include <cstddef>
#include <vector>

#include "net/http_client.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// What was sent in a bulk request.
struct BulkRequest {
  std::size_t records = 0;
  bool creates = false;  ///< with op `create`: an id that is there already is a conflict
  /// For each record: its id is a field of its own, and no attempt before this one may have stored
  /// it.
  const std::vector<bool>& first_with_own_id;
};

/// What the answer to a bulk request of Elasticsearch or OpenSearch means. Status 200 says nothing
/// by itself: the items, in the order of the request, tell of each record. A conflict (409) on the
/// identity that the shipper gave a record means that it is stored already. One on an id that the
/// record says itself means that only where an earlier attempt may have stored it; else another
/// record had this id first, and this one is a duplicate.
///
/// One item that needs the operator (rights, a missing index) makes the whole batch `hold`: to send
/// it again later stores nothing twice. So does, as `retry`, an answer that is cut off.
Verdict classify_bulk_answer(const HttpResponse& response, const BulkRequest& request);

}  // namespace ship
