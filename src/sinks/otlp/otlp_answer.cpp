#include "sinks/otlp/otlp_answer.hpp"

#include <algorithm>
#include <charconv>
#include <protozero/pbf_reader.hpp>
#include <string>

#include "net/answer_text.hpp"
#include "record/field.hpp"
#include "sinks/answer.hpp"

namespace ship {
namespace {

using Kind = Verdict::Kind;
using WireType = protozero::pbf_wire_type;

constexpr AnswerRow kAnswers[] = {
    {200, 299, "", Kind::ok},    {300, 399, "", Kind::hold},   {413, 413, "", Kind::split},
    {429, 429, "", Kind::retry}, {502, 502, "", Kind::retry},  {503, 503, "", Kind::retry},
    {504, 504, "", Kind::retry}, {400, 599, "", Kind::reject},
};

struct PartialSuccess {
  std::int64_t rejected = 0;
  std::string message;
};

PartialSuccess read_json(std::string_view body) {
  FieldFinder finder({"partialSuccess.rejectedLogRecords", "partialSuccess.errorMessage"});
  const std::span<const Field> fields = finder.find(body);
  PartialSuccess partial;
  const std::string_view count = fields[0].text;
  std::from_chars(count.data(), count.data() + count.size(), partial.rejected);
  if (fields[1].kind == JsonKind::string) partial.message = fields[1].text;
  return partial;
}

/// ExportLogsServiceResponse{1: ExportLogsPartialSuccess{1: rejected_log_records, 2:
/// error_message}}
PartialSuccess read_protobuf(std::string_view body) {
  PartialSuccess partial;
  try {
    protozero::pbf_reader response(body.data(), body.size());
    while (response.next(1, WireType::length_delimited)) {
      protozero::pbf_reader part = response.get_message();
      while (part.next()) {
        if (part.tag() == 1 && part.wire_type() == WireType::varint) {
          partial.rejected = part.get_int64();
        } else if (part.tag() == 2 && part.wire_type() == WireType::length_delimited) {
          partial.message = part.get_string();
        } else {
          part.skip();
        }
      }
    }
  } catch (const protozero::exception&) {
    // An unreadable body does not revoke the 200.
  }
  return partial;
}

/// google.rpc.Status{2: message}; empty if it is not one.
std::string status_message(std::string_view body) {
  try {
    protozero::pbf_reader status(body.data(), body.size());
    if (status.next(2, WireType::length_delimited)) return status.get_string();
  } catch (const protozero::exception&) {
    return {};
  }
  return {};
}

}  // namespace

Verdict classify_otlp_answer(const HttpResponse& response, std::size_t records) {
  const bool protobuf = response.content_type.find("protobuf") != std::string::npos;
  HttpResponse readable = response;
  if (protobuf && response.status >= 300) readable.body = status_message(response.body);
  Verdict verdict = classify_answer(kAnswers, readable);
  if (verdict.kind != Kind::ok || response.body.empty()) return verdict;
  const bool json = response.body.front() == '{';
  const PartialSuccess partial = json ? read_json(response.body) : read_protobuf(response.body);
  if (partial.rejected <= 0) return verdict;
  verdict.kind = Kind::partial;
  verdict.unnamed_rejections = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(static_cast<std::uint64_t>(partial.rejected), records));
  verdict.reason = "rejected " + std::to_string(partial.rejected) + " records: " +
                   (partial.message.empty() ? "no reason given" : one_line(partial.message, 300));
  return verdict;
}

}  // namespace ship
