#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "net/aws/aws_signer.hpp"
#include "net/compression.hpp"
#include "net/http_client.hpp"
#include "record/field.hpp"
#include "sinks/elasticsearch/elasticsearch_settings.hpp"
#include "sinks/name_pattern.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// Sends each batch to Elasticsearch or OpenSearch as one bulk request, and reads what became of
/// each record.
///
/// Each document has an _id, so that a record that is sent again is stored once, and equal records
/// are different documents: the record's identity, or its `id_field` where that is set and fits. The
/// document is the record as it
/// is, with "@timestamp", the record's time, as its first member where the line has none at its
/// root. Index names are made lower case, and what an index name cannot hold becomes "-".
class ElasticsearchSink final : public Sink {
 public:
  /// `signer` signs each request; null: none is signed. Errors: config, for an index that is no
  /// pattern or missing, and for zstd.
  static Result<std::unique_ptr<Sink>> make(ElasticsearchSinkSettings settings,
                                            std::unique_ptr<HttpClient> client,
                                            std::unique_ptr<AwsSigner> signer = nullptr);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  /// The version from GET /, the right to write where the server can be asked for it
  /// (_has_privileges), and whether the index is there. Nothing but the version where the index
  /// depends on the record.
  Result<std::string> probe(const std::stop_token& stop) override;
  /// The bulk request's lines.
  std::string payload(std::span<const Record> records) override;

 private:
  ElasticsearchSink(ElasticsearchSinkSettings settings, NamePattern index,
                    std::unique_ptr<HttpClient> client, std::unique_ptr<AwsSigner> signer);
  Verdict post(std::string_view body, std::size_t records, const SendContext& context);
  Result<HttpResponse> ask_server(HttpRequest request, std::initializer_list<int> also,
                                  const std::stop_token& stop);
  void encode(std::span<const Record> records, bool in_doubt);
  void append(const Record& record, bool in_doubt);
  bool append_id(const Record& record, const Field* field);

  const ElasticsearchSinkSettings settings_;
  NamePattern index_;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<AwsSigner> signer_;
  Compressor compressor_;
  FieldFinder finder_;  ///< @timestamp, id_field where it is set, then the fields of index_
  std::string url_;
  std::string name_;  ///< the index of the record at hand
  std::string body_;  ///< kept for its memory
  /// Of the batch at hand: its id is its own, and no attempt before this one may have stored it.
  std::vector<bool> first_with_own_id_;
};

}  // namespace ship
