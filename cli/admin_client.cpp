#include "cli/admin_client.hpp"

#include <utility>

#include "stats/admin/listen_address.hpp"

namespace ship {
namespace {

constexpr std::chrono::milliseconds kPatience{3000};
constexpr std::size_t kMostAnswer = 16u << 20;
constexpr const char* kDefaultAddress = "127.0.0.1:9464";

}  // namespace

Result<AdminClient> AdminClient::make(const std::string& url, const ServerSettings& server) {
  AdminClient made;
  made.shown_ = !url.empty() ? url : !server.listen.empty() ? server.listen : kDefaultAddress;
  if (made.shown_.starts_with("http://") || made.shown_.starts_with("https://")) {
    made.url_ = made.shown_;
  } else {
    auto address = ListenAddress::parse(made.shown_);
    if (!address) return std::move(address).error().in(url.empty() ? "server.listen" : "--url");
    ListenAddress& where = address.value();
    made.socket_ = where.path;
    if (where.host == "0.0.0.0") where.host = "127.0.0.1";
    if (where.host == "::") where.host = "::1";
    made.url_ = made.socket_.empty() ? where.url() : "http://localhost";
  }
  while (made.url_.ends_with('/')) made.url_.pop_back();
  if (made.socket_.empty()) made.shown_ = made.url_;
  HttpTransport transport;
  transport.url = made.url_;
  transport.bearer_token = server.bearer_token;
  transport.request_timeout = kPatience;
  auto client = make_socket_client(transport, made.socket_);
  if (!client) return std::move(client).error();
  made.client_ = std::move(client).value();
  return made;
}

Result<std::string> AdminClient::get(const std::string& path, const std::stop_token& stop) {
  HttpRequest request;
  request.method = "GET";
  request.url = url_ + path;
  request.kept_answer_bytes = kMostAnswer;
  auto answer = client_->perform(request, stop);
  if (!answer) return std::move(answer).error().in("no answer");
  const int status = answer.value().status;
  if (status == 401) {
    return Error{ErrorKind::config, shown_ +
                                        " asks for a token: --server-token TOKEN, or the variable "
                                        "FAPILOG_SHIP_SERVER_TOKEN"};
  }
  if (status != 200) {
    return Error{ErrorKind::io, shown_ + path + " answers with HTTP " + std::to_string(status) +
                                    ": is this a fapilog-ship?"};
  }
  return std::move(answer).value().body;
}

std::string AdminClient::as_curl(const std::string& path) const {
  return "curl " + (socket_.empty() ? "" : "--unix-socket " + socket_ + " ") + url_ + path;
}

}  // namespace ship
