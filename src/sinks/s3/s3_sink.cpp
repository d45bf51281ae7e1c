#include "sinks/s3/s3_sink.hpp"

#include <algorithm>
#include <strings.h>
#include <utility>

#include "base/percent.hpp"
#include "net/compression.hpp"
#include "net/crc32.hpp"
#include "sinks/answer.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;

/// CRC-32 as S3 wants it in a header: base64 (RFC 4648) of its four bytes, the highest first.
std::string checksum_text(std::uint32_t sum) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::uint64_t bits = std::uint64_t{sum} << 4;  // 36 bits are six digits
  std::string text;
  for (int shift = 30; shift >= 0; shift -= 6) text += kDigits[(bits >> shift) & 63];
  return text + "==";
}

}  // namespace

S3Sink::S3Sink(S3SinkSettings settings, S3Key key, std::unique_ptr<HttpClient> client,
               std::unique_ptr<AwsSigner> signer)
    : settings_(std::move(settings)),
      key_(std::move(key)),
      client_(std::move(client)),
      signer_(std::move(signer)) {}

std::string S3Sink::payload(std::span<const Record> records) {
  std::size_t size = records.size();
  for (const Record& record : records) size += record.line.size();
  std::string body;
  body.reserve(size);
  for (const Record& record : records) body.append(record.line).append("\n");
  return body;
}

Labels S3Sink::headers_of(const std::string& target, std::string_view body) const {
  // A bucket with Object Lock wants to know the checksum, and how it is made.
  Labels headers = {{"Content-Type", "application/x-ndjson"},
                    {"X-Amz-Checksum-Crc32", checksum_text(crc32(body))},
                    {"X-Amz-Sdk-Checksum-Algorithm", "CRC32"}};
  const Compression kind = S3Key::compression(target);
  if (kind == Compression::gzip) headers.emplace_back("Content-Encoding", "gzip");
  if (kind == Compression::zstd) headers.emplace_back("Content-Encoding", "zstd");
  for (const auto& given : settings_.transport.headers) {
    const auto same = [&](const auto& own) {
      return ::strcasecmp(own.first.c_str(), given.first.c_str()) == 0;
    };
    headers.erase(std::remove_if(headers.begin(), headers.end(), same), headers.end());
    if (!given.second.empty()) headers.push_back(given);
  }
  return headers;
}

Result<S3Answer> S3Sink::call(std::string_view method, const std::string& target,
                              std::string_view body, const std::stop_token& stop) {
  for (bool renewed = false;; renewed = true) {
    HttpRequest request;
    request.method = method;
    request.url = settings_.transport.url + target;
    request.body = body;
    if (method == "PUT") request.headers = headers_of(target, body);
    if (Result<void> is_signed = signer_->sign(request, stop); !is_signed) {
      return std::move(is_signed).error();
    }
    const Result<HttpResponse> response = client_->perform(request, stop);
    if (!response) return response.error();
    S3Answer answer = classify_s3_answer(response.value(), settings_.aws.region);
    if (!answer.about_credentials || renewed || !signer_->renew(stop)) return answer;
  }
}

Verdict S3Sink::put(const std::string& key, std::span<const Record> records,
                    const SendContext& context) {
  std::string body = payload(records);
  Compressor compressor(S3Key::compression(key));
  const Result<std::string_view> packed = compressor.compress(body);
  if (!packed) return classify_no_answer(packed.error());
  // Objects are large: while one is on its way only one form of it is here, and afterwards none.
  if (S3Key::compression(key) != Compression::none) std::string().swap(body);
  Result<S3Answer> answer = call("PUT", percent_encoded(key, "/"), packed.value(), context.stop);
  if (!answer) return classify_no_answer(answer.error());
  Verdict verdict = std::move(answer.value().verdict);
  verdict.bytes_sent = packed.value().size();
  return verdict;
}

Verdict S3Sink::send(std::span<const Record> records, const SendContext& context) {
  const std::string key =
      context.name.empty() ? object_name(records, context.batch_id) : std::string(context.name);
  Verdict verdict = put(key, records, context);
  if (verdict.kind == Kind::split && context.in_doubt) {
    return settle_doubt(key, std::move(verdict), context.stop);
  }
  return verdict;
}

Verdict S3Sink::settle_doubt(const std::string& key, Verdict refusal, const std::stop_token& stop) {
  const Result<S3Answer> there = call("HEAD", percent_encoded(key, "/"), {}, stop);
  if (!there) return classify_no_answer(there.error());
  switch (there.value().verdict.kind) {
    case Kind::ok:
    case Kind::retry:
      return there.value().verdict;
    default:
      // It is not there; or who may write may not look, and then it is unlikely to be.
      return refusal;
  }
}

Result<std::string> S3Sink::probe(const std::stop_token& stop) {
  const Result<S3Answer> answer = call("GET", "?list-type=2&max-keys=1", {}, stop);
  if (!answer) return answer.error();
  const Verdict& verdict = answer.value().verdict;
  const std::string bucket = "bucket " + settings_.bucket;
  if (verdict.kind == Kind::ok && answer.value().is_list) {
    return bucket + " is there, in " + settings_.aws.region;
  }
  if (verdict.kind == Kind::ok) {
    return Error{ErrorKind::permanent,
                 settings_.transport.url + ": the answer is not the list of a bucket: is this S3?"};
  }
  if (answer.value().code == "AccessDenied") {
    return "signed in; whether " + bucket + " is there cannot be told: " + verdict.reason;
  }
  return Error{verdict.kind == Kind::retry ? ErrorKind::transient : ErrorKind::permanent,
               settings_.transport.url + ": " + verdict.reason};
}

}  // namespace ship
