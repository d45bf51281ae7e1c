#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/utf8.hpp"
#include "net/http_client.hpp"
#include "net/retry_after.hpp"
#include "record/json_text.hpp"
#include "sinks/answer.hpp"
#include "sinks/cloudwatch/cloudwatch_answer.hpp"
#include "sinks/datadog/datadog_answer.hpp"
#include "sinks/elasticsearch/bulk_answer.hpp"
#include "sinks/gcp/gcp_answer.hpp"
#include "sinks/loki/loki_answer.hpp"
#include "sinks/otlp/otlp_answer.hpp"
#include "sinks/s3/s3_answer.hpp"
#include "sinks/splunk/splunk_answer.hpp"

namespace {

using namespace ship;

void require(bool holds) {
  if (!holds) std::abort();
}

/// What Loki may be asked about: two streams, and two lines in each.
struct Pushed {
  std::vector<Record> records;
  LokiStreams streams;

  static LokiSinkSettings settings() {
    LokiSinkSettings settings;
    settings.label_fields = {"u"};
    settings.structured_metadata = {"m"};
    return settings;
  }

  Pushed() : streams(settings(), {}, {}) {
    for (const char* line :
         {R"({"u":"a","m":"1"})", R"({"u":"b"})", R"({"u":"a"})", R"({"u":"b"})"}) {
      Record record;
      record.line = line;
      record.time = 1700000000'000000000 + static_cast<WallNanos>(records.size()) * 1000000000;
      streams.add(record, static_cast<std::uint32_t>(records.size()));
      records.push_back(record);
    }
  }
};

}  // namespace

/// The first two bytes choose a status, the rest is what a server says: a body, and a Retry-After.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const Pushed pushed;
  HttpResponse response;
  response.status = 200 + (data[0] * 256 + data[1]) % 400;
  response.body.assign(reinterpret_cast<const char*>(data) + 2, size - 2);

  if (const auto wait = parse_retry_after(response.body, 1700000000'000000000)) {
    require(wait->count() >= 0 && *wait <= std::chrono::hours(24));
  }
  const std::size_t sent = pushed.records.size();
  const std::vector<bool> own(sent, true);
  constexpr std::uint32_t kOrder[] = {2, 0, 3, 1};
  for (const Verdict& verdict :
       {classify_http_answer(response),
        classify_loki_answer(response, pushed.streams, pushed.records),
        classify_bulk_answer(response, {sent, true, own}), classify_otlp_answer(response, sent),
        classify_s3_answer(response, "us-east-1").verdict,
        classify_put_log_events(response, kOrder).verdict,
        classify_splunk_answer(response, sent, true).verdict, classify_datadog_answer(response),
        classify_gcp_answer(response, sent)}) {
    require(verdict.reason.size() < 1000);
    require(verdict.reason.find('\n') == std::string::npos);
    for (std::string_view rest = verdict.reason; !rest.empty();) {
      const std::size_t bytes = utf8_sequence(rest);
      require(bytes != 0);
      rest.remove_prefix(bytes);
    }
    require(verdict.items.size() + verdict.unnamed_rejections <= pushed.records.size());
    std::int64_t last = -1;
    for (const Verdict::Item& item : verdict.items) {
      require(item.index > last && item.index < pushed.records.size());
      last = item.index;
    }
  }
  return 0;
}
