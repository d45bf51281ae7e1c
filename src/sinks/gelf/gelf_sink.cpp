#include "sinks/gelf/gelf_sink.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "net/compression.hpp"
#include "net/http_client.hpp"
#include "net/stream_connection.hpp"
#include "sinks/answer.hpp"
#include "sinks/gelf/gelf_message.hpp"
#include "sinks/http_probe.hpp"
#include "sinks/machine_name.hpp"
#include "sinks/record_stream_sink.hpp"

namespace ship {
namespace {

class GelfHttpSink final : public Sink {
 public:
  GelfHttpSink(std::string url, Compression compression, bool bulk, GelfMessage message,
               std::unique_ptr<HttpClient> client)
      : url_(std::move(url)),
        bulk_(bulk),
        message_(std::move(message)),
        client_(std::move(client)),
        compressor_(compression) {}

  Verdict send(std::span<const Record> records, const SendContext& context) override {
    if (bulk_) return post(records, context);
    // An input takes one message a request: the batch is as many requests, one after the other.
    Verdict whole;
    for (std::size_t i = 0; i < records.size(); ++i) {
      Verdict one = post(records.subspan(i, 1), context);
      whole.bytes_sent += one.bytes_sent;
      if (one.kind == Verdict::Kind::ok) continue;
      const bool refused = one.kind == Verdict::Kind::reject || one.kind == Verdict::Kind::split;
      if (!refused && i == 0) return one;
      // What keeps the rest waiting says more than what one record was refused for.
      if (whole.reason.empty() || !refused) whole.reason = one.reason;
      whole.kind = Verdict::Kind::partial;
      whole.status = one.status;
      whole.retry_after = one.retry_after;
      for (std::size_t left = i; left < (refused ? i + 1 : records.size()); ++left) {
        Verdict::Item item;
        item.index = static_cast<std::uint32_t>(left);
        item.retry = !refused;
        item.status = one.status;
        item.reason = one.reason;
        whole.items.push_back(std::move(item));
      }
      if (!refused) break;
    }
    return whole;
  }

  Result<std::string> probe(const std::stop_token& stop) override {
    HttpRequest request;
    request.method = "OPTIONS";
    request.url = url_;
    const Result<HttpResponse> response = ask(*client_, request, {400, 405, 415, 501}, stop);
    if (!response) return response.error();
    return "answers OPTIONS with HTTP " + std::to_string(response.value().status);
  }

  std::string payload(std::span<const Record> records) override {
    encode(records);
    return body_;
  }

 private:
  /// A message a line.
  void encode(std::span<const Record> records) {
    body_.clear();
    for (const Record& record : records) {
      if (!body_.empty()) body_ += '\n';
      message_.append(record, body_);
    }
  }

  Verdict post(std::span<const Record> records, const SendContext& context) {
    encode(records);
    const Result<std::string_view> packed = compressor_.compress(body_);
    if (!packed) return classify_no_answer(packed.error());
    HttpRequest request;
    request.url = url_;
    request.body = packed.value();
    request.headers = {{"Content-Type", "application/json"}};
    if (const std::string_view encoding = compressor_.encoding(); !encoding.empty()) {
      request.headers.emplace_back("Content-Encoding", encoding);
    }
    const Result<HttpResponse> response = client_->perform(request, context.stop);
    if (!response) return classify_no_answer(response.error());
    Verdict verdict = classify_http_answer(response.value());
    verdict.bytes_sent = request.body.size();
    return verdict;
  }

  const std::string url_;
  const bool bulk_;
  GelfMessage message_;
  std::unique_ptr<HttpClient> client_;
  Compressor compressor_;
  std::string body_;  ///< kept for its memory
};

/// The path of a GELF input, where the URL names none.
std::string input_url(std::string url) {
  const std::size_t slash = url.find('/', url.find("://") + 3);
  if (slash == url.npos) return url + "/gelf";
  return slash + 1 == url.size() ? url + "gelf" : url;
}

/// What is for HTTP alone and was set all the same; empty: nothing.
std::string_view http_only(const GelfSinkSettings& settings) {
  if (settings.bulk) return "bulk";
  if (!settings.transport.username.empty()) return "username";
  if (!settings.transport.bearer_token.empty()) return "bearer_token";
  if (!settings.transport.headers.empty()) return "headers";
  if (!settings.transport.proxy.empty()) return "proxy";
  if (settings.transport.compression != Compression::none) return "compression";
  return {};
}

}  // namespace

Result<std::unique_ptr<Sink>> make_gelf_sink(const GelfSinkSettings& settings, const Labels& labels,
                                             const SinkEnvironment& environment) {
  const HttpTransport& http = settings.transport;
  GelfMessage message(settings.hostname.empty() ? machine_name() : settings.hostname, labels,
                      environment.message_fields);
  if (http.url.starts_with("http")) {
    HttpTransport transport = http;
    transport.url = input_url(http.url);
    Result<std::unique_ptr<HttpClient>> client = environment.make_http_client(transport);
    if (!client) return std::move(client).error();
    return {std::make_unique<GelfHttpSink>(transport.url, transport.compression, settings.bulk,
                                           std::move(message), std::move(client).value())};
  }
  if (const std::string_view key = http_only(settings); !key.empty()) {
    return Error{ErrorKind::config, std::string(key) + " is for gelf+http and gelf+https alone"};
  }
  StreamTransport transport;
  transport.address = http.url;
  transport.ca_file = http.ca_file;
  transport.cert_file = http.cert_file;
  transport.key_file = http.key_file;
  transport.tls_verify = http.tls_verify;
  transport.request_timeout = http.request_timeout;
  transport.connection_max_age = http.connection_max_age;
  Result<std::unique_ptr<StreamConnection>> connection = StreamConnection::make(transport, "12201");
  if (!connection) return std::move(connection).error();
  const auto shared = std::make_shared<GelfMessage>(std::move(message));
  return {std::make_unique<RecordStreamSink>(
      RecordStream(std::move(connection).value(), transport.request_timeout,
                   [shared](const Record& record, std::string& out) {
                     shared->append(record, out);
                     out += '\0';
                   }))};
}

}  // namespace ship
