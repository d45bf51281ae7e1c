#pragma once

#include <string>
#include <string_view>

namespace ship {

/// A URL that is safe to show: its user information and the values of its parameters become ***,
/// and so does each part of its path that looks like a key: 20 or more letters, digits, - and _,
/// with a digit or both cases among them (a webhook's key). Text that is not a URL stays unchanged.
std::string shown_url(std::string_view url);

}  // namespace ship
