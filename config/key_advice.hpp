#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/value.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

/// What follows "unknown key" or "unknown table": the right one, where it can be told, or what there
/// is to choose from ("; did you mean …?", "; [queue] has size, max_bytes, …"). Empty: nothing helps.

/// `given`: the value, which stands in the answer where the right key takes it.

/// `path` of a key outside of a sink's table: {"rate_limit", "rate"}.
std::string key_advice(const std::vector<std::string>& path, const RawValue* given = nullptr);

/// `key` inside the table, or the URL, of a sink of this type.
std::string sink_key_advice(const SinkType& type, std::string_view key,
                            const RawValue* given = nullptr);

/// What to write for a table outside of [sinks] that was meant for a sink: "write [sinks.loki]" for
/// {"sink", "loki", "url"}; for {"loki", "tenant"} that the key belongs beside the sink's url.
/// Empty: it was not meant for a sink.
std::string sink_table_advice(const std::vector<std::string>& path, const RawValue& given);

}  // namespace ship
