#include "tests/unit/sinks/loki/loki_decode.hpp"

#include <protozero/pbf_reader.hpp>
#include <simdjson.h>
#include <stdexcept>

#include "tests/unit/net/decompress.hpp"

namespace ship::testing {
namespace {

PushedEntry decode_entry(protozero::pbf_reader message) {
  PushedEntry entry;
  bool has_time = false;
  while (message.next()) {
    if (message.tag() == 1) {
      has_time = true;
      protozero::pbf_reader timestamp = message.get_message();
      while (timestamp.next()) {
        if (timestamp.tag() == 1) {
          entry.time += timestamp.get_int64() * 1'000'000'000;
        } else if (timestamp.tag() == 2) {
          const std::int32_t nanos = timestamp.get_int32();
          if (nanos < 0 || nanos > 999'999'999) throw std::runtime_error("nanoseconds");
          entry.time += nanos;
        } else {
          throw std::runtime_error("unknown field of a timestamp");
        }
      }
    } else if (message.tag() == 2) {
      entry.line = message.get_string();
    } else if (message.tag() == 3) {
      protozero::pbf_reader pair = message.get_message();
      std::pair<std::string, std::string> read;
      while (pair.next()) {
        std::string& side = pair.tag() == 1 ? read.first : read.second;
        side = pair.get_string();
      }
      entry.metadata.push_back(std::move(read));
    } else {
      throw std::runtime_error("unknown field of an entry");
    }
  }
  if (!has_time) throw std::runtime_error("an entry without a time");
  return entry;
}

std::vector<PushedStream> decode_protobuf(const std::string& body) {
  std::vector<PushedStream> streams;
  protozero::pbf_reader request(body);
  while (request.next(1)) {
    protozero::pbf_reader message = request.get_message();
    PushedStream stream;
    while (message.next()) {
      if (message.tag() == 1) {
        stream.labels = message.get_string();
      } else if (message.tag() == 2) {
        stream.entries.push_back(decode_entry(message.get_message()));
      } else {
        throw std::runtime_error("unknown field of a stream");
      }
    }
    streams.push_back(std::move(stream));
  }
  return streams;
}

std::vector<PushedStream> decode_json(const std::string& body) {
  namespace dom = simdjson::dom;
  std::vector<PushedStream> streams;
  dom::parser parser;
  for (const dom::element stream : parser.parse(body)["streams"].get_array()) {
    PushedStream read;
    read.labels = "{";
    for (const auto& [name, value] : dom::object(stream["stream"])) {
      if (read.labels.size() > 1) read.labels += ',';
      read.labels += std::string(name) + "=\"" + std::string(value) + "\"";
    }
    read.labels += "}";
    for (const dom::array values : stream["values"].get_array()) {
      PushedEntry entry;
      entry.time = std::stoll(std::string(values.at(0)));
      entry.line = std::string(std::string_view(values.at(1)));
      if (values.size() > 2) {
        for (const auto& [name, value] : dom::object(values.at(2))) {
          entry.metadata.emplace_back(name, std::string_view(value));
        }
      }
      read.entries.push_back(std::move(entry));
    }
    streams.push_back(std::move(read));
  }
  return streams;
}

}  // namespace

std::vector<PushedStream> decode_push(std::string_view content_type,
                                      std::string_view content_encoding, std::string_view body) {
  if (content_type == "application/x-protobuf") {
    if (!content_encoding.empty()) throw std::runtime_error("Content-Encoding with protobuf");
    return decode_protobuf(decompress("snappy", body));
  }
  if (content_type != "application/json") throw std::runtime_error("unknown Content-Type");
  return decode_json(decompress(content_encoding, body));
}

}  // namespace ship::testing
