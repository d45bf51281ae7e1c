#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/aws/aws_signer.hpp"
#include "net/http_client.hpp"
#include "record/field.hpp"
#include "sinks/cloudwatch/cloudwatch_answer.hpp"
#include "sinks/cloudwatch/cloudwatch_batch.hpp"
#include "sinks/cloudwatch/cloudwatch_settings.hpp"
#include "sinks/name_pattern.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// Puts each batch into streams of one CloudWatch log group: one request for most batches, more if
/// the records belong to several streams or span more than a day. The message is the record byte
/// for byte, the time the event's own.
///
/// Creates group and stream when the service says that they are missing, the group with its
/// retention. Once one request of a batch is stored, the verdict is at least `partial`, and only
/// what is not stored yet is sent again.
class CloudwatchSink final : public Sink {
 public:
  /// The values of `{host}` and `{pid}` in a stream's name.
  struct Identity {
    std::string host;
    std::string pid;
  };

  /// Errors: config, for a stream that is not a valid pattern.
  static Result<std::unique_ptr<Sink>> make(CloudwatchSinkSettings settings,
                                            std::unique_ptr<HttpClient> client,
                                            std::unique_ptr<AwsSigner> signer, Identity identity);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  /// DescribeLogGroups: checks whether the log group exists.
  Result<std::string> probe(const std::stop_token& stop) override;
  /// The body of each PutLogEvents, a line each.
  std::string payload(std::span<const Record> records) override;

 private:
  CloudwatchSink(CloudwatchSinkSettings settings, NamePattern stream,
                 std::unique_ptr<HttpClient> client, std::unique_ptr<AwsSigner> signer,
                 Identity identity);
  void name_streams(std::span<const Record> records);
  /// Makes one signed API call; returns the answer, or the error if there is none.
  Result<HttpResponse> call(std::string_view action, std::string_view body,
                            const SendContext& context);
  CloudwatchAnswer act(std::string_view action, std::string_view body, const SendContext& context);
  void encode(const CloudwatchRequest& request, std::span<const Record> records);
  Verdict put(const CloudwatchRequest& request, std::span<const Record> records,
              const SendContext& context);
  Verdict make_stream(const std::string& stream, const SendContext& context);
  Verdict make_group(const SendContext& context);

  const CloudwatchSinkSettings settings_;
  NamePattern stream_;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<AwsSigner> signer_;
  const Identity identity_;
  FieldFinder finder_;                ///< the record's fields in stream_
  std::vector<std::string> streams_;  ///< of the records of the current batch
  std::string body_;                  ///< kept to reuse its memory
};

}  // namespace ship
