#include "tests/unit/sinks/elasticsearch/strict_elasticsearch.hpp"

#include <algorithm>
#include <simdjson.h>
#include <stdexcept>

#include "record/json_text.hpp"
#include "record/timestamp.hpp"
#include "tests/unit/net/decompress.hpp"

namespace ship::testing {
namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

std::string header(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  require(end != std::string_view::npos, "a line without its newline");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

void check_index_name(std::string_view name) {
  require(!name.empty() && name.size() <= 255, "an index name's length");
  require(name != "." && name != "..", "an index name of dots");
  require(std::string_view("-_+").find(name.front()) == std::string_view::npos,
          "an index name's first character");
  require(name.find_first_of("\\/*?\"<>| ,#:") == std::string_view::npos,
          "an index name's characters");
  require(std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; }),
          "capitals in an index name");
}

}  // namespace

class StrictElasticsearch::Client final : public HttpClient {
 public:
  explicit Client(StrictElasticsearch& server) : server_(server) {}
  Result<HttpResponse> perform(const HttpRequest& request, std::stop_token) override {
    return server_.bulk(request);
  }

 private:
  StrictElasticsearch& server_;
};

std::unique_ptr<HttpClient> StrictElasticsearch::client() {
  return std::make_unique<Client>(*this);
}

Result<HttpResponse> StrictElasticsearch::bulk(const HttpRequest& request) {
  const std::lock_guard lock(mutex_);
  ++requests;
  require(request.method == "POST", "the method");
  require(request.url.find("/_bulk?") != std::string::npos, "the path");
  require(header(request, "Content-Type") == "application/x-ndjson", "the Content-Type");
  const std::string body = decompress(header(request, "Content-Encoding"), request.body);
  require(!body.empty(), "an empty bulk request");

  namespace dom = simdjson::dom;
  dom::parser parser;
  std::string items;
  bool errors = false;
  for (std::string_view rest = body; !rest.empty();) {
    const dom::object action = parser.parse(std::string(take_line(rest)));
    require(action.size() == 1, "an action of one member");
    const auto member = *action.begin();
    const std::string op(member.key);
    require(op == "create" || op == "index", "the action");
    Document document;
    document.index = std::string(std::string_view(member.value["_index"]));
    std::string_view id;
    if (member.value["_id"].get(id) != simdjson::SUCCESS)
      id = made_ids_.emplace_back("made-" + std::to_string(made_ids_.size()));
    document.id = std::string(id);
    check_index_name(document.index);
    require(!document.id.empty() && document.id.size() <= 512, "the length of an _id");
    document.source = std::string(take_line(rest));
    const dom::object source = parser.parse(document.source);
    int timestamps = 0;
    for (const auto& [key, value] : source) {
      if (key != "@timestamp") continue;
      ++timestamps;
      require(parse_time(std::string_view(value)).has_value(), "a date in @timestamp");
    }
    require(timestamps == 1, "one @timestamp");

    const Refusal refusal = refuse(document);
    int status = refusal.status;
    std::string error;
    const auto stored =
        std::find_if(documents.begin(), documents.end(), [&](const Document& other) {
          return other.index == document.index && other.id == document.id;
        });
    if (status != 0) {
      error = R"(,"error":{"type":)";
      append_json_string(error, refusal.type);
      error += ",\"reason\":";
      append_json_string(error, refusal.reason);
      error += "}";
    } else if (stored == documents.end()) {
      status = 201;
      documents.push_back(std::move(document));
    } else if (op == "create") {
      status = 409;
      error = R"(,"error":{"type":"version_conflict_engine_exception","reason":"exists"})";
    } else {
      status = 200;
      stored->source = document.source;
    }
    errors = errors || !error.empty();
    items += (items.empty() ? "" : ",") + std::string("{\"") + op +
             "\":{\"status\":" + std::to_string(status) + error + "}}";
  }
  if (answers_to_lose > 0) {
    --answers_to_lose;
    return Error{ErrorKind::transient, "es:9200: the connection broke"};
  }
  HttpResponse response;
  response.status = 200;
  response.body =
      std::string(R"({"errors":)") + (errors ? "true" : "false") + ",\"items\":[" + items + "]}";
  response.body.resize(std::min(response.body.size(), request.kept_answer_bytes));
  return response;
}

}  // namespace ship::testing
