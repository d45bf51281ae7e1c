#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "net/http_client.hpp"

namespace ship::testing {

/// An Elasticsearch that takes nothing but what the bulk API's documentation allows, and keeps what
/// it takes: NDJSON with a final newline, actions create and index, valid index names, ids of at
/// most 512 bytes, documents with a date as their one "@timestamp". A second create of an id is a
/// conflict; without an id the document gets one. Requests may come from several threads.
class StrictElasticsearch {
 public:
  struct Document {
    std::string index;
    std::string id;
    std::string source;
  };
  /// What it does with one item, before it looks whether it has the id: 0 stores it; else the
  /// status of the refusal, with a type and a reason.
  struct Refusal {
    int status = 0;
    std::string type;
    std::string reason;
  };

  /// Each client leads to this server, which must outlive it.
  std::unique_ptr<HttpClient> client();

  /// In the order in which they were first stored.
  std::vector<Document> documents;
  std::function<Refusal(const Document&)> refuse = [](const Document&) { return Refusal{}; };
  /// The next so many requests are taken, and their answers lost on the way back.
  int answers_to_lose = 0;
  int requests = 0;

 private:
  class Client;
  std::mutex mutex_;
  std::deque<std::string> made_ids_;
  Result<HttpResponse> bulk(const HttpRequest& request);
};

}  // namespace ship::testing
