#pragma once

#include <initializer_list>
#include <stop_token>
#include <string_view>

#include "base/result.hpp"
#include "net/http_client.hpp"

namespace ship {

/// Sends a probe's request. Returns the answer if its status is 2xx or one of `also`; else an
/// error: transient for what may go away (429, 5xx), permanent for the rest, with what was asked,
/// what was answered and what to do. Other errors: those of HttpClient.
Result<HttpResponse> ask(HttpClient& client, const HttpRequest& request,
                         std::initializer_list<int> also, const std::stop_token& stop);

/// The permanent error that something other than `product` answered: "GET http://host/x was
/// answered with HTTP 200 and text/html: is this Loki?"
Error is_something_else(const HttpRequest& request, const HttpResponse& response,
                        std::string_view product);

}  // namespace ship
