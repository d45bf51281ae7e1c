#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ship {

/// Appends `json`, one valid JSON text, as PostgreSQL's jsonb takes it, else byte for byte: \u0000
/// and half surrogate pairs become \ufffd, a number beyond what `numeric` holds (131,072 digits
/// before the point, 16,383 behind it) becomes the text of its digits. Returns how many values it
/// changed. Source: PostgreSQL's documentation, "JSON Types" and "Numeric Types".
std::uint64_t append_jsonb(std::string& out, std::string_view json);

}  // namespace ship
