#include "sinks/loki/loki_push.hpp"

#include <bit>
#include <cassert>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <protozero/varint.hpp>
#include <snappy.h>

#include "record/json_text.hpp"

namespace ship {
namespace {

/// Without a loop: each line needs seven such lengths.
std::size_t varint_bytes(std::uint64_t value) {
  return static_cast<std::size_t>(std::bit_width(value | 1) + 6) / 7;
}

// Every field number here is below 16: its tag takes one byte.
constexpr std::size_t kTag = 1;

/// Bytes of a field that holds `size` bytes, with its tag and length.
std::size_t field_bytes(std::size_t size) { return kTag + varint_bytes(size) + size; }

/// A time as google.protobuf.Timestamp: nanoseconds are never negative.
struct Timestamp {
  std::int64_t seconds;
  std::int32_t nanos;

  explicit Timestamp(WallNanos time)
      : seconds(time / 1'000'000'000), nanos(static_cast<std::int32_t>(time % 1'000'000'000)) {
    if (nanos >= 0) return;
    --seconds;
    nanos += 1'000'000'000;
  }
  std::size_t bytes() const {
    const auto varint = [](std::uint64_t value) {
      return value == 0 ? 0 : kTag + varint_bytes(value);
    };
    return varint(static_cast<std::uint64_t>(seconds)) + varint(static_cast<std::uint64_t>(nanos));
  }
};

std::size_t pair_bytes(const LokiMetadata& pair) {
  return field_bytes(pair.name.size()) + field_bytes(pair.value.size());
}

std::size_t entry_bytes(const LokiStreams& streams, const LokiEntry& entry, const Record& record) {
  std::size_t bytes = field_bytes(Timestamp(record.time).bytes());
  bytes += field_bytes(record.line.size());
  for (const LokiMetadata& pair : streams.metadata(entry)) bytes += field_bytes(pair_bytes(pair));
  return bytes;
}

/// Writes protobuf fields (https://protobuf.dev/programming-guides/encoding) to memory that has
/// room for them. All lengths are known beforehand, so nothing is ever moved.
class FieldWriter {
 public:
  explicit FieldWriter(char* out) : out_(out) {}

  void add_number(unsigned tag, std::uint64_t value) {
    add_varint(tag << 3);
    add_varint(value);
  }
  /// Opens a field; its content is written next.
  void open(unsigned tag, std::size_t size) {
    constexpr unsigned kLengthDelimited = 2;
    add_varint(tag << 3 | kLengthDelimited);
    add_varint(size);
  }
  void add_text(unsigned tag, std::string_view text) {
    open(tag, text.size());
    std::memcpy(out_, text.data(), text.size());
    out_ += text.size();
  }
  const char* end() const { return out_; }

 private:
  void add_varint(std::uint64_t value) { out_ += protozero::write_varint(out_, value); }

  char* out_;
};

void write_entry(FieldWriter& writer, const LokiStreams& streams, const LokiEntry& entry,
                 const Record& record) {
  const Timestamp time(record.time);
  writer.open(1, time.bytes());
  if (time.seconds != 0) writer.add_number(1, static_cast<std::uint64_t>(time.seconds));
  if (time.nanos != 0) writer.add_number(2, static_cast<std::uint64_t>(time.nanos));
  writer.add_text(2, record.line);
  for (const LokiMetadata& pair : streams.metadata(entry)) {
    writer.open(3, pair_bytes(pair));
    writer.add_text(1, pair.name);
    writer.add_text(2, pair.value);
  }
}

void append_number(std::string& out, std::int64_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

}  // namespace

std::string_view write_loki_protobuf(const LokiStreams& streams, std::span<const Record> records,
                                     std::string& buffer) {
  std::vector<std::size_t> entry_sizes;
  entry_sizes.reserve(streams.records());
  std::vector<std::size_t> stream_sizes;
  std::size_t total = 0;
  for (const std::uint32_t index : streams.used()) {
    const LokiStream& stream = streams.stream(index);
    std::size_t bytes = field_bytes(stream.text.size());
    for (const LokiEntry& entry : stream.entries) {
      entry_sizes.push_back(entry_bytes(streams, entry, records[entry.record]));
      bytes += field_bytes(entry_sizes.back());
    }
    stream_sizes.push_back(bytes);
    total += field_bytes(bytes);
  }
  if (buffer.size() < total) buffer.resize(total);
  FieldWriter writer(buffer.data());
  auto entry_size = entry_sizes.begin();
  auto stream_size = stream_sizes.begin();
  for (const std::uint32_t index : streams.used()) {
    const LokiStream& stream = streams.stream(index);
    writer.open(1, *stream_size++);
    writer.add_text(1, stream.text);
    for (const LokiEntry& entry : stream.entries) {
      writer.open(2, *entry_size++);
      write_entry(writer, streams, entry, records[entry.record]);
    }
  }
  assert(writer.end() == buffer.data() + total);
  return std::string_view(buffer).substr(0, total);
}

void write_loki_json(const LokiStreams& streams, std::span<const Record> records,
                     std::string& out) {
  out = R"({"streams":[)";
  for (const std::uint32_t index : streams.used()) {
    const LokiStream& stream = streams.stream(index);
    out += R"({"stream":{)";
    for (const auto& [name, value] : stream.labels) {
      append_json_string(out, name);
      out += ':';
      append_json_string(out, value);
      out += ',';
    }
    out.back() = '}';
    out += R"(,"values":[)";
    for (const LokiEntry& entry : stream.entries) {
      const Record& record = records[entry.record];
      out += "[\"";
      append_number(out, record.time);
      out += "\",";
      append_json_string(out, record.line);
      if (entry.metadata_count != 0) {
        out += ",{";
        for (const LokiMetadata& pair : streams.metadata(entry)) {
          append_json_string(out, pair.name);
          out += ':';
          append_json_string(out, pair.value);
          out += ',';
        }
        out.back() = '}';
      }
      out += "],";
    }
    out.back() = ']';
    out += "},";
  }
  out.back() = ']';
  out += '}';
}

std::string_view compress_snappy(std::string_view in, std::string& buffer) {
  std::size_t size = snappy::MaxCompressedLength(in.size());
  if (buffer.size() < size) buffer.resize(size);
  snappy::RawCompress(in.data(), in.size(), buffer.data(), &size);
  return std::string_view(buffer).substr(0, size);
}

}  // namespace ship
