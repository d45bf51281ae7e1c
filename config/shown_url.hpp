#pragma once

#include <string>
#include <string_view>

namespace ship {

/// A URL as it may be shown: its user information and the values of its parameters become ***, and
/// so does each part of its path that looks like a key: 20 or more letters, digits, - and _, with a
/// digit or both cases among them (a webhook's key). What is no URL is shown as it is.
std::string shown_url(std::string_view url);

}  // namespace ship
