#pragma once

#include <string>
#include <string_view>

namespace ship {

/// The URL that `text` was probably meant to be, where no sink has its scheme: "; write
/// loki+http://loki:3100 or loki+https://loki:3100". Empty: it is like nothing known. Repeats nothing
/// of a text that may hold a secret.
std::string url_advice(std::string_view text);

/// Why an address of this type of sink will most likely not do what its author wants: the path of
/// another destination's API, or another protocol's port. Empty: nothing speaks against it.
/// `address` is SinkUrl's, without user information.
std::string address_doubt(std::string_view type, std::string_view address);

}  // namespace ship
