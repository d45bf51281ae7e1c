#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/http_client.hpp"

namespace ship {

/// An answer whose body was handed on.
struct StreamedAnswer {
  HttpResponse response;  ///< with its body where the status is not 200
  bool cut_off = false;   ///< the body did not come to its end
};

/// A GET of `url` whose answer goes on: `on_body` takes the body of an answer of 200 as it comes, for
/// however long that takes, until it ends or `on_body` says false. `socket`: the path of a Unix
/// socket; empty: none. Errors: as HttpClient::perform, make_curl_client.
Result<StreamedAnswer> stream_answer(HttpTransport transport, const std::string& socket,
                                     const std::string& url,
                                     std::function<bool(std::string_view)> on_body);

}  // namespace ship
