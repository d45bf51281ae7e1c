#pragma once

#include <initializer_list>
#include <stop_token>
#include <string_view>

#include "base/result.hpp"
#include "net/http_client.hpp"

namespace ship {

/// Asks, for a probe. The answer where its status is 2xx or one of `also`; else the error that the
/// status is: transient for what may pass (429, 5xx), permanent for the rest, with what was asked,
/// what was answered and what to do. Errors beside: those of HttpClient.
Result<HttpResponse> ask(HttpClient& client, const HttpRequest& request,
                         std::initializer_list<int> also, const std::stop_token& stop);

/// The permanent error that something else than `product` answered: "GET http://host/x was answered
/// with HTTP 200 and text/html: is this Loki?"
Error is_something_else(const HttpRequest& request, const HttpResponse& response,
                        std::string_view product);

}  // namespace ship
