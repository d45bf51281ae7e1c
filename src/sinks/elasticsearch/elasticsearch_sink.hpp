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

/// Sends each batch to Elasticsearch or OpenSearch as one bulk request, and reads what happened to
/// each record.
///
/// Each document has an _id, so that a record that is sent again is stored once, and equal records
/// are different documents: the record's identity, or its `id_field` if that is set and usable. The
/// document is the unchanged record, with "@timestamp", the record's time, as its first member if
/// the line has none at its root. Index names become lower case, and characters that an index name
/// cannot hold become "-".
class ElasticsearchSink final : public Sink {
 public:
  /// `signer` signs each request; null: none is signed. Errors: config, for an index that is
  /// missing or not a valid pattern, and for zstd.
  static Result<std::unique_ptr<Sink>> make(ElasticsearchSinkSettings settings,
                                            std::unique_ptr<HttpClient> client,
                                            std::unique_ptr<AwsSigner> signer = nullptr);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  /// The version from GET /, the right to write if the server can be asked for it
  /// (_has_privileges), and whether the index exists. Only the version if the index depends on the
  /// record.
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
  FieldFinder finder_;  ///< @timestamp, id_field if it is set, then the fields of index_
  std::string url_;
  std::string name_;  ///< the index of the current record
  std::string body_;  ///< kept to reuse its memory
  /// For each record of the current batch: its id is its own, and no earlier attempt may have
  /// stored it.
  std::vector<bool> first_with_own_id_;
};

}  // namespace ship
