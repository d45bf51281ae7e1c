#pragma once

#include <string>
#include <string_view>

namespace ship {

/// An ExportLogsServiceRequest in protobuf, as OtlpEncoder writes it, as the same request in OTLP's
/// JSON: ids in hexadecimal, 64-bit numbers as text. Fields that the encoder does not write are left
/// out; what is not protobuf gives what was read before the fault.
/// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
std::string otlp_json(std::string_view protobuf);

}  // namespace ship
