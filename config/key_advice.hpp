#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sinks/sink_type.hpp"

namespace ship {

/// What follows "unknown key" or "unknown table": the right one, where it can be told, or what there
/// is to choose from ("; did you mean …?", "; [queue] has size, max_bytes, …"). Empty: nothing helps.

/// `path` of a key outside of a sink's table: {"rate_limit", "rate"}.
std::string key_advice(const std::vector<std::string>& path);

/// `key` inside the table, or the URL, of a sink of this type.
std::string sink_key_advice(const SinkType& type, std::string_view key);

/// The head that a table outside of [sinks] was meant to have: "[sinks.loki]" for {"sink", "loki",
/// "url"} and for {"loki", "tenant_id"}. Empty: it was not meant for a sink.
std::string meant_sink_table(const std::vector<std::string>& path);

}  // namespace ship
