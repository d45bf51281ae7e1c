#include "cli/admin_client.hpp"

#include <string_view>
#include <utility>

#include "net/http_stream.hpp"
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
  HttpTransport& transport = made.transport_;
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
  if (answer.value().status != 200) return refused(path, answer.value());
  return std::move(answer).value().body;
}

Error AdminClient::refused(const std::string& path, const HttpResponse& answer) const {
  std::string said = answer.body.substr(0, answer.body.find('\n'));
  switch (answer.status) {
    case 400:
      return {ErrorKind::usage, std::move(said)};
    case 401:
      return {ErrorKind::config, shown_ +
                                     " asks for a token: --server-token TOKEN, or the variable "
                                     "FAPILOG_SHIP_SERVER_TOKEN"};
    case 403:
      return {ErrorKind::config, shown_ + ": " + said};
    case 503:
      return {ErrorKind::io, shown_ + ": " + said};
    default:
      return {ErrorKind::io, shown_ + path.substr(0, path.find('?')) + " answers with HTTP " +
                                 std::to_string(answer.status) + ": is this a fapilog-ship?"};
  }
}

Result<bool> AdminClient::follow(const std::string& path,
                                 std::function<bool(std::string_view)> take) {
  auto answer = stream_answer(transport_, socket_, url_ + path, std::move(take));
  if (!answer) return Error{ErrorKind::io, "no answer: " + answer.error().message};
  const StreamedAnswer& got = answer.value();
  if (got.response.status != 200) return refused(path, got.response);
  return !got.cut_off;
}

std::string AdminClient::as_curl(const std::string& path) const {
  return "curl " + (socket_.empty() ? "" : "--unix-socket " + socket_ + " ") + url_ + path;
}

}  // namespace ship
