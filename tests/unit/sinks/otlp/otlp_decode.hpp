#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ship::testing {

/// One logRecord with the resource that it stands under, values as JSON with keys in their order.
struct OtlpRecord {
  std::string resource;
  std::uint64_t time = 0;
  std::uint64_t observed = 0;
  int severity = 0;
  std::string severity_text;
  std::string body;
  std::string attributes;
  std::string trace_id;  ///< hexadecimal
  std::string span_id;

  /// All but the observed time, in one line.
  std::string text() const;
};

/// The records of an ExportLogsServiceRequest. Throws where it is none, where an envelope is empty,
/// a key is there twice, or text is no UTF-8.
std::vector<OtlpRecord> otlp_decode(std::string_view request);

}  // namespace ship::testing
