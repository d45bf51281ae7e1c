#pragma once

#include <span>
#include <string>
#include <string_view>

#include "record/record.hpp"
#include "sinks/loki/loki_streams.hpp"

namespace ship {

/// The batch in `streams` as a push request in protobuf, not yet compressed:
/// PushRequest{1: Stream{1: labels, 2: Entry{1: Timestamp{1: s, 2: ns}, 2: line, 3: {1: name, 2:
/// value}}}}, as in Loki's push.proto. `records` are those that were added to `streams`. The view
/// points into `buffer`, which only grows.
std::string_view write_loki_protobuf(const LokiStreams& streams, std::span<const Record> records,
                                     std::string& buffer);

/// The same as JSON: {"streams":[{"stream":{labels},"values":[["<ns>","<line>",{metadata}], …]},
/// …]}.
void write_loki_json(const LokiStreams& streams, std::span<const Record> records, std::string& out);

/// `in` as one raw snappy block (not the framed format). The view points into `buffer`, which only
/// grows.
std::string_view compress_snappy(std::string_view in, std::string& buffer);

}  // namespace ship
