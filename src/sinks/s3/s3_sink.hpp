#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/aws/aws_signer.hpp"
#include "net/http_client.hpp"
#include "rows/labels.hpp"
#include "sinks/s3/s3_answer.hpp"
#include "sinks/s3/s3_key.hpp"
#include "sinks/s3/s3_settings.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// Puts each batch into a bucket as one object of lines, by one request. The object is there as a
/// whole or not at all, and under its name there are never other records: to send a batch again is
/// harmless. Where the store refuses an object as too large after an attempt whose answer was lost,
/// the sink looks whether it is there, for halves of it would be stored beside it.
class S3Sink final : public Sink {
 public:
  S3Sink(S3SinkSettings settings, S3Key key, std::unique_ptr<HttpClient> client,
         std::unique_ptr<AwsSigner> signer);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  std::string object_name(std::span<const Record> records, std::string_view batch_id) override {
    return key_.of(records, batch_id, settings_.compress);
  }
  std::string payload(std::span<const Record> records) override;
  /// Asks for the bucket's list of objects, one entry of it.
  Result<std::string> probe(const std::stop_token& stop) override;

 private:
  /// Of a PUT. What the operator set wins over a header of the same name; an empty one removes it.
  Labels headers_of(const std::string& target, std::string_view body) const;
  /// One request, signed; with other credentials once more where these were refused.
  Result<S3Answer> call(std::string_view method, const std::string& target, std::string_view body,
                        const std::stop_token& stop);
  Verdict put(const std::string& key, std::span<const Record> records, const SendContext& context);
  /// An object of this key is there: an attempt before this one stored it.
  Verdict settle_doubt(const std::string& key, Verdict refusal, const std::stop_token& stop);

  const S3SinkSettings settings_;
  S3Key key_;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<AwsSigner> signer_;
};

}  // namespace ship
