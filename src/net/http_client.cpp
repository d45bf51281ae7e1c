#include "net/http_client.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <curl/curl.h>

#include "base/units.hpp"
#include "net/http_exchange.hpp"
#include "net/http_headers.hpp"
#include "net/http_stream.hpp"
#include "net/no_answer.hpp"
#include "net/retry_after.hpp"
#include "net/tls_files.hpp"
#include "net/trust_store.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kConnectTimeout{5000};
constexpr std::chrono::seconds kKnownAddress{60};
constexpr std::chrono::hours kWithoutEnd{24 * 3650};

struct EasyCloser {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiCloser {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

/// A curl_slist that frees itself.
class HeaderList {
 public:
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  ~HeaderList() { curl_slist_free_all(list_); }
  /// curl drops a header written as "Name:" and sends "Name;" as a header without a value.
  void add(std::string_view name, std::string_view value) {
    std::string line(name);
    line.append(value.empty() ? ";" : ": ").append(value);
    list_ = curl_slist_append(list_, line.c_str());
  }
  void suppress(std::string_view name) {
    list_ = curl_slist_append(list_, (std::string(name) + ":").c_str());
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

/// "host:port" of a URL, for messages; the port is included even if it is the scheme's default.
Result<std::string> authority(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), curl_url_cleanup);
  const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0);
  if (code != CURLUE_OK) return Error{ErrorKind::config, curl_url_strerror(code)};
  char* part = nullptr;
  std::string text;
  if (curl_url_get(parsed.get(), CURLUPART_HOST, &part, 0) == CURLUE_OK) text = part;
  curl_free(std::exchange(part, nullptr));
  if (curl_url_get(parsed.get(), CURLUPART_PORT, &part, CURLU_DEFAULT_PORT) == CURLUE_OK) {
    text.append(":").append(part);
  }
  curl_free(part);
  return text;
}

class CurlClient final : public HttpClient {
 public:
  CurlClient(HttpTransport transport, TlsFiles tls_files, CURL* easy, CURLM* multi)
      : transport_(std::move(transport)),
        tls_files_(std::move(tls_files)),
        multi_(multi),
        easy_(easy) {
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail_.data());
  }

  ~CurlClient() override {
    // The handle may still be resolving; CURLOPT_QUICK_EXIT keeps curl from waiting for that
    // thread.
    curl_multi_remove_handle(multi_.get(), easy_.get());
  }

  Result<HttpResponse> perform(const HttpRequest& request, std::stop_token stop) override;
  /// For the answers to come, see HttpExchange.
  void hand_on(std::function<bool(std::string_view)> on_body) { on_body_ = std::move(on_body); }
  bool cut_off() const { return cut_off_; }

 private:
  Result<void> set_options(const HttpRequest& request, const HeaderList& list,
                           HttpExchange& exchange);
  CURLcode run(const std::stop_token& stop, bool& stopped);
  Error failure(CURLcode code, const std::string& host,
                const std::vector<std::string>& secrets) const;
  std::string cause(CURLcode code) const;
  /// How long a resolved address is cached: no longer than a connection; 0: not at all.
  std::chrono::seconds address_max_age() const {
    if (resolve_anew_) return std::chrono::seconds{0};
    const std::chrono::seconds age = transport_.whole_max_age();
    return age.count() == 0 ? kKnownAddress : std::min(kKnownAddress, age);
  }

  HttpTransport transport_;
  TlsFiles tls_files_;
  bool connect_anew_ = false;  ///< the kept connection uses files that have changed
  bool resolve_anew_ = false;  ///< the known address led nowhere
  std::function<bool(std::string_view)> on_body_;
  bool cut_off_ = false;  ///< the last answer's body did not come to its end
  std::array<char, CURL_ERROR_SIZE> detail_{};
  // The easy handle is destroyed first, while the multi handle that holds its connection is alive.
  std::unique_ptr<CURLM, MultiCloser> multi_;
  std::unique_ptr<CURL, EasyCloser> easy_;
};

Result<void> CurlClient::set_options(const HttpRequest& request, const HeaderList& list,
                                     HttpExchange& exchange) {
  CURL* easy = easy_.get();
  const std::string method(request.method);
  if (!is_http_token(method))
    return Error{ErrorKind::config, "\"" + method + "\" is not an HTTP method"};
  exchange.unsent = request.body;
  exchange.kept_bytes = request.kept_answer_bytes;
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list.get());
  // There is no seek function: once curl has taken the first byte of the body, it cannot send the
  // request a second time on its own when a kept connection turns out to be dead.
  if (request.body.empty() && method == "GET") {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  } else if (request.body.empty() && method == "HEAD") {
    // The answer states the size of a body that is not sent.
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(easy, CURLOPT_READDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
  return {};
}

CURLcode CurlClient::run(const std::stop_token& stop, bool& stopped) {
  CURLM* multi = multi_.get();
  const std::stop_callback wake(stop, [multi] { curl_multi_wakeup(multi); });
  if (curl_multi_add_handle(multi, easy_.get()) != CURLM_OK) return CURLE_OUT_OF_MEMORY;
  CURLcode code = CURLE_OK;
  int running = 1;
  while (running != 0 && !stopped) {
    stopped = stop.stop_requested();
    if (stopped) break;
    if (curl_multi_perform(multi, &running) != CURLM_OK) {
      code = CURLE_OUT_OF_MEMORY;
      break;
    }
    // curl shortens this wait to its own timers.
    constexpr int kLongWaitMs = 60'000;
    if (running != 0) curl_multi_poll(multi, nullptr, 0, kLongWaitMs, nullptr);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  }
  return code;
}

std::string CurlClient::cause(CURLcode code) const {
  const auto time_of = [&](CURLINFO info) {
    curl_off_t micros = 0;
    curl_easy_getinfo(easy_.get(), info, &micros);
    return micros;
  };
  std::string detail = detail_[0] != '\0' ? detail_.data() : curl_easy_strerror(code);
  const auto system_error = [&]() -> std::string {
    long number = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &number);
    return number == 0 ? detail : std::strerror(static_cast<int>(number));
  };
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "the name cannot be resolved";
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "the name of the proxy cannot be resolved";
    case CURLE_COULDNT_CONNECT:
      return "cannot connect: " + system_error();
    case CURLE_OPERATION_TIMEDOUT:
      if (time_of(CURLINFO_PRETRANSFER_TIME_T) != 0) {
        return std::string(kNoAnswer) + print_duration(transport_.request_timeout) +
               " (--request-timeout)";
      }
      return std::string(time_of(CURLINFO_NAMELOOKUP_TIME_T) == 0 ? "the name was not resolved"
                                                                  : "no connection") +
             " within " + print_duration(std::min(kConnectTimeout, transport_.request_timeout));
    case CURLE_GOT_NOTHING:
      return "the connection was closed without an answer";
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return "the connection broke: " + system_error();
    case CURLE_SEND_FAIL_REWIND:
      return "the connection was closed while the request was sent";
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return "the answer is not HTTP";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
      return "TLS: " + detail;
    default:
      return detail;
  }
}

Error CurlClient::failure(CURLcode code, const std::string& host,
                          const std::vector<std::string>& secrets) const {
  const bool local = code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE ||
                     code == CURLE_SSL_ENGINE_NOTFOUND || code == CURLE_URL_MALFORMAT;
  Error error{local ? ErrorKind::config : ErrorKind::transient, cause(code)};
  mask_secrets(error.message, secrets);
  return std::move(error).in(host);
}

Result<HttpResponse> CurlClient::perform(const HttpRequest& request, std::stop_token stop) {
  Result<std::string> host = authority(request.url);
  if (!host) return Error{ErrorKind::config, "the URL cannot be used: " + host.error().message};
  if (stop.stop_requested()) {
    return Error{ErrorKind::transient, host.value() + ": stopped before the request was sent"};
  }
  Result<RequestHeaders> sent = request_headers(transport_, request.headers);
  if (!sent) return std::move(sent).error().in(host.value());
  HeaderList headers;
  for (const auto& [name, value] : sent.value().lines) headers.add(name, value);
  headers.suppress("Expect");
  HttpExchange exchange;
  exchange.on_body = on_body_;
  if (Result<void> set = set_options(request, headers, exchange); !set) {
    return std::move(set).error().in(host.value());
  }
  connect_anew_ = tls_files_.changed() || connect_anew_;
  curl_easy_setopt(easy_.get(), CURLOPT_FRESH_CONNECT, connect_anew_ ? 1L : 0L);
  curl_easy_setopt(easy_.get(), CURLOPT_DNS_CACHE_TIMEOUT,
                   static_cast<long>(address_max_age().count()));
  detail_[0] = '\0';
  bool stopped = false;
  const CURLcode code = run(stop, stopped);
  cut_off_ = code != CURLE_OK;

  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_off_t uploaded = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_SIZE_UPLOAD_T, &uploaded);
  resolve_anew_ = status == 0;
  connect_anew_ = connect_anew_ && status == 0;
  Result<HttpResponse> result = HttpResponse{};
  if (stopped) {
    result = Error{ErrorKind::transient, host.value() + ": stopped while waiting for the answer"};
  } else if (status < 200) {
    result =
        failure(code == CURLE_OK ? CURLE_GOT_NOTHING : code, host.value(), sent.value().secrets);
  } else if (status < 300 && static_cast<std::size_t>(uploaded) < request.body.size()) {
    // An early refusal counts. What was never sent cannot be stored.
    result = Error{ErrorKind::transient, host.value() + ": answered " + std::to_string(status) +
                                             " before the request was sent, and cut it off"};
  } else {
    // A final status line decides, even if the rest of the answer is cut off.
    HttpResponse& response = exchange.response;
    response.status = static_cast<int>(status);
    curl_header* header = nullptr;
    if (curl_easy_header(easy_.get(), "Retry-After", 0, CURLH_HEADER, -1, &header) == CURLHE_OK) {
      response.retry_after = parse_retry_after(header->value, system_clock().wall());
    }
    if (curl_easy_header(easy_.get(), "Content-Type", 0, CURLH_HEADER, -1, &header) == CURLHE_OK) {
      response.content_type = header->value;
    }
    if (status >= 300) {
      mask_secrets(response.body, sent.value().secrets);
    }
    result = std::move(response);
  }
  curl_multi_remove_handle(multi_.get(), easy_.get());
  return result;
}

/// What stays the same for each request of a client.
void set_fixed_options(CURL* easy, const HttpTransport& transport, const TrustStore& trust) {
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "fapilog-ship/" SHIP_VERSION);
  curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_body);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);

  const auto total = static_cast<long>(transport.request_timeout.count());
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, total);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   std::min(total, static_cast<long>(kConnectTimeout.count())));

  curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN,
                   static_cast<long>(transport.whole_max_age().count()));

  if (!TlsFiles(transport.ca_file, transport.cert_file, transport.key_file).empty()) {
    // A changed file applies from the next connection on, which must not resume an old session.
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  }
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, transport.tls_verify ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, transport.tls_verify ? 2L : 0L);
  const auto text = [](const std::string& path) { return path.empty() ? nullptr : path.c_str(); };
  const bool own = !transport.ca_file.empty();
  curl_easy_setopt(easy, CURLOPT_CAINFO, text(own ? transport.ca_file : trust.file));
  curl_easy_setopt(easy, CURLOPT_CAPATH, own ? nullptr : text(trust.directory));
  curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, text(trust.file));
  curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, text(trust.directory));
  if (!transport.cert_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLCERT, transport.cert_file.c_str());
    const std::string& key = transport.key_file.empty() ? transport.cert_file : transport.key_file;
    curl_easy_setopt(easy, CURLOPT_SSLKEY, key.c_str());
  }
  // Without this, curl looks at the environment; see kProxyVariables in http_headers.cpp.
  if (transport.proxy == "none") {
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
  } else if (!transport.proxy.empty()) {
    curl_easy_setopt(easy, CURLOPT_PROXY, transport.proxy.c_str());
  }
}

Result<std::unique_ptr<CurlClient>> make_client(const HttpTransport& transport,
                                                const std::string& path) {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kReady != CURLE_OK) {
    return Error{ErrorKind::config,
                 std::string("libcurl cannot start: ") + curl_easy_strerror(kReady)};
  }
  if (Result<std::string> host = authority(transport.url); !host)
    return Error{ErrorKind::config, "the URL cannot be used: " + host.error().message};
  const TlsFiles tls_files(transport.ca_file, transport.cert_file, transport.key_file);
  if (Result<void> usable = tls_files.check(); !usable) return std::move(usable).error();
  Result<TrustStore> trust = system_trust();
  const bool secure = transport.url.starts_with("https:") && transport.tls_verify;
  if (!trust && secure && transport.ca_file.empty()) return std::move(trust).error();
  CURL* easy = curl_easy_init();
  CURLM* multi = curl_multi_init();
  if (!easy || !multi) {
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
    return Error{ErrorKind::config, "libcurl has no memory for a connection"};
  }
  set_fixed_options(easy, transport, trust ? trust.value() : TrustStore{});
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 1L);
  auto client = std::make_unique<CurlClient>(transport, tls_files, easy, multi);
  if (!path.empty() && curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, path.c_str()) != CURLE_OK) {
    return Error{ErrorKind::config, "this libcurl was built without Unix sockets: " + path};
  }
  return client;
}

}  // namespace

Result<std::unique_ptr<HttpClient>> make_curl_client(const HttpTransport& transport) {
  return make_socket_client(transport, {});
}

Result<std::unique_ptr<HttpClient>> make_socket_client(const HttpTransport& transport,
                                                       const std::string& path) {
  auto client = make_client(transport, path);
  if (!client) return std::move(client).error();
  return std::unique_ptr<HttpClient>(std::move(client).value());
}

Result<StreamedAnswer> stream_answer(HttpTransport transport, const std::string& socket,
                                     const std::string& url,
                                     std::function<bool(std::string_view)> on_body) {
  transport.request_timeout = kWithoutEnd;
  auto client = make_client(transport, socket);
  if (!client) return std::move(client).error();
  client.value()->hand_on(std::move(on_body));
  HttpRequest request;
  request.method = "GET";
  request.url = url;
  auto got = client.value()->perform(request, {});
  if (!got) return std::move(got).error();
  return StreamedAnswer{std::move(got).value(), client.value()->cut_off()};
}

}  // namespace ship
