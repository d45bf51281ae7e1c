#include "sinks/elasticsearch/elasticsearch_sink.hpp"

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "net/answer_text.hpp"
#include "record/json_text.hpp"
#include "record/timestamp.hpp"
#include "sinks/answer.hpp"
#include "sinks/elasticsearch/bulk_answer.hpp"
#include "sinks/http_probe.hpp"

namespace ship {
namespace {

using Op = ElasticsearchSinkSettings::Op;

constexpr std::size_t kMaxIdBytes = 512;
constexpr std::size_t kMaxIndexBytes = 255;

std::string bulk_url(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  // Only what shows each record's result; the positions of the items stay.
  // Encoded, because a signature covers the encoded form.
  return url +
         "/_bulk?filter_path=errors%2Citems.%2A.status%2Citems.%2A.error.type%2C"
         "items.%2A.error.reason";
}

std::vector<std::string> looked_up(const ElasticsearchSinkSettings& settings,
                                   const NamePattern& index) {
  std::vector<std::string> paths = {"@timestamp"};
  if (!settings.id_field.empty()) paths.push_back(settings.id_field);
  paths.insert(paths.end(), index.fields().begin(), index.fields().end());
  return paths;
}

void make_index_name(std::string& name) {
  constexpr std::string_view kForbidden = "\\/*?\"<>| ,#:";
  name.resize(utf8_prefix(name, kMaxIndexBytes).size());
  for (char& c : name) {
    c = to_lower(c);
    if (static_cast<unsigned char>(c) < 0x20 || kForbidden.find(c) != std::string_view::npos) {
      c = '-';
    }
  }
  const std::size_t first = name.find_first_not_of("-_+.");
  // A leading dot marks the system's own indices, which an operator may name on purpose.
  if (first == std::string::npos) {
    name = "unknown";
  } else if (name.front() != '.') {
    name.erase(0, first);
  }
}

/// As many digits as the time needs: milliseconds for most, all nine if they are not zero.
unsigned fraction_digits(WallNanos time) {
  if (time % 1'000'000 == 0) return 3;
  return time % 1'000 == 0 ? 6 : 9;
}

}  // namespace

Result<std::unique_ptr<Sink>> ElasticsearchSink::make(ElasticsearchSinkSettings settings,
                                                      std::unique_ptr<HttpClient> client,
                                                      std::unique_ptr<AwsSigner> signer) {
  if (settings.index.empty()) {
    return Error{ErrorKind::config,
                 "no index is given; put it into the URL, as in "
                 "elasticsearch+http://host:9200/INDEX, or set index"};
  }
  if (settings.transport.compression == Compression::zstd) {
    return Error{ErrorKind::config,
                 "Elasticsearch takes no zstd; use compression = \"gzip\" or \"none\""};
  }
  Result<NamePattern> index = NamePattern::parse(settings.index);
  if (!index) return std::move(index).error().in("index");
  return std::unique_ptr<Sink>(new ElasticsearchSink(std::move(settings), std::move(index).value(),
                                                     std::move(client), std::move(signer)));
}

ElasticsearchSink::ElasticsearchSink(ElasticsearchSinkSettings settings, NamePattern index,
                                     std::unique_ptr<HttpClient> client,
                                     std::unique_ptr<AwsSigner> signer)
    : settings_(std::move(settings)),
      index_(std::move(index)),
      client_(std::move(client)),
      signer_(std::move(signer)),
      compressor_(settings_.transport.compression),
      finder_(looked_up(settings_, index_)),
      url_(bulk_url(settings_.transport.url)) {}

// Appends the id; returns whether it comes from the record itself.
bool ElasticsearchSink::append_id(const Record& record, const Field* field) {
  const bool own =
      field && field->is_scalar() && !field->text.empty() && field->text.size() <= kMaxIdBytes;
  if (!own && !record.id) return false;
  body_ += R"(,"_id":)";
  append_json_string(body_, own ? field->text : record_id_text(record.id));
  return own;
}

void ElasticsearchSink::append(const Record& record, bool in_doubt) {
  const std::span<const Field> fields = finder_.find(record.line);
  const bool has_id_field = !settings_.id_field.empty();
  index_.render(record.time, fields.subspan(has_id_field ? 2 : 1), name_);
  make_index_name(name_);
  body_ += settings_.op == Op::create ? R"({"create":{"_index":)" : R"({"index":{"_index":)";
  append_json_string(body_, name_);
  const bool own_id = append_id(record, has_id_field ? &fields[1] : nullptr);
  first_with_own_id_.push_back(own_id && !in_doubt);
  body_ += "}}\n";

  std::string_view line = record.line;
  const Field& timestamp = fields[0];
  if (timestamp.kind == JsonKind::none || !timestamp.from_root) {
    line.remove_prefix(line.find('{') + 1);
    body_ += R"({"@timestamp":")";
    body_ += format_rfc3339(record.time, fraction_digits(record.time));
    body_ += '"';
    const std::size_t member = line.find_first_not_of(" \t\r");
    if (member != std::string_view::npos && line[member] != '}') body_ += ',';
  }
  body_ += line;
  body_ += '\n';
}

void ElasticsearchSink::encode(std::span<const Record> records, bool in_doubt) {
  body_.clear();
  first_with_own_id_.clear();
  for (const Record& record : records) append(record, in_doubt);
}

std::string ElasticsearchSink::payload(std::span<const Record> records) {
  encode(records, false);
  return body_;
}

Verdict ElasticsearchSink::send(std::span<const Record> records, const SendContext& context) {
  encode(records, context.in_doubt);
  const Result<std::string_view> packed = compressor_.compress(body_);
  if (!packed) return classify_no_answer(packed.error());
  Verdict verdict = post(packed.value(), records.size(), context);
  const bool refused =
      verdict.kind == Verdict::Kind::hold && (verdict.status == 401 || verdict.status == 403);
  if (refused && signer_ && signer_->renew(context.stop)) {
    verdict = post(packed.value(), records.size(), context);
  }
  return verdict;
}

Verdict ElasticsearchSink::post(std::string_view body, std::size_t records,
                                const SendContext& context) {
  HttpRequest request;
  request.url = url_;
  request.body = body;
  // A failed item takes a few hundred bytes; keep all of them.
  constexpr std::size_t kMaxAnswerBytes = 4u << 20;
  request.kept_answer_bytes = std::min(64 * 1024 + records * 1024, kMaxAnswerBytes);
  request.headers = {{"Content-Type", "application/x-ndjson"}};
  if (const std::string_view encoding = compressor_.encoding(); !encoding.empty()) {
    request.headers.emplace_back("Content-Encoding", encoding);
  }
  if (signer_) {
    if (Result<void> signed_ = signer_->sign(request, context.stop); !signed_) {
      return classify_no_answer(signed_.error());
    }
  }
  const Result<HttpResponse> response = client_->perform(request, context.stop);
  if (!response) return classify_no_answer(response.error());
  const BulkRequest sent{records, settings_.op == Op::create, first_with_own_id_};
  Verdict verdict = classify_bulk_answer(response.value(), sent);
  verdict.bytes_sent = request.body.size();
  return verdict;
}

Result<HttpResponse> ElasticsearchSink::ask_server(HttpRequest request,
                                                   std::initializer_list<int> also,
                                                   const std::stop_token& stop) {
  if (signer_) {
    if (Result<void> is_signed = signer_->sign(request, stop); !is_signed) {
      return std::move(is_signed).error();
    }
  }
  return ask(*client_, request, also, stop);
}

Result<std::string> ElasticsearchSink::probe(const std::stop_token& stop) {
  const std::string base = url_.substr(0, url_.find("/_bulk?"));
  HttpRequest request;
  request.method = "GET";
  request.url = base + "/";
  // A user who may only write, or a serverless collection, cannot see the version.
  const Result<HttpResponse> about = ask_server(request, {403, 404}, stop);
  if (!about) return about.error();
  std::string found = "the server hides its version";
  bool has_privileges = false;
  if (about.value().status / 100 == 2) {
    FieldFinder finder({"version.number", "version.distribution"});
    const std::span<const Field> fields = finder.find(about.value().body);
    if (!fields[0].is_scalar()) {
      return is_something_else(request, about.value(), "Elasticsearch or OpenSearch");
    }
    const bool opensearch = fields[1].text == "opensearch";
    has_privileges = !opensearch;
    found = (opensearch ? "OpenSearch " : "Elasticsearch ") + one_line(fields[0].text, 40);
  }
  if (!index_.fields().empty()) return found + "; the index depends on the record";
  index_.render(system_clock().wall(), {}, name_);
  make_index_name(name_);

  if (has_privileges) {
    std::string body = R"({"index":[{"names":[)";
    append_json_string(body, name_);
    body += R"(],"privileges":[")" +
            std::string(settings_.op == Op::create ? "create_doc" : "index") + R"("]}]})";
    request.method = "POST";
    request.url = base + "/_security/user/_has_privileges";
    request.headers = {{"Content-Type", "application/json"}};
    request.body = body;
    // Without the security features nothing answers this, and everyone may write.
    const Result<HttpResponse> rights = ask_server(request, {400, 404, 405, 500}, stop);
    if (!rights) return rights.error();
    FieldFinder finder({"has_all_requested"});
    const Field all = finder.find(rights.value().body)[0];
    if (rights.value().status == 200 && all.text == "false") {
      return Error{ErrorKind::permanent,
                   found + " is there, but this user may not write to the index " + name_ +
                       ": give it the right to"};
    }
    if (rights.value().status == 200 && all.text == "true") found += "; this user may write";
  }
  request = {};
  request.method = "HEAD";
  request.url = base + "/" + name_;
  const bool hidden = about.value().status == 403;
  const Result<HttpResponse> index = hidden ? ask_server(request, {404}, stop)
                                            : ask_server(request, {400, 403, 404, 405, 501}, stop);
  if (!index) return index.error();
  switch (index.value().status) {
    case 403:
      return found + "; this user may not look at the index " + name_ +
             ", so whether it may write cannot be told";
    case 404:
      return found + "; index " + name_ + " is made with the first record";
    case 400:
    case 405:
    case 501:
      return found + "; it does not tell whether the index " + name_ + " is there";
    default:
      return found + "; index " + name_ + " is there";
  }
}

}  // namespace ship
