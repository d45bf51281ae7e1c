#pragma once

#include <string>
#include <string_view>

namespace ship {

/// The colours of pretty output: the terminal's own 16, so they fit light and dark themes alike.
namespace style {
inline constexpr std::string_view kReset = "\x1b[0m";
inline constexpr std::string_view kBold = "\x1b[1m";
inline constexpr std::string_view kDim = "\x1b[2m";
inline constexpr std::string_view kRed = "\x1b[31m";
inline constexpr std::string_view kBoldRed = "\x1b[1;31m";
inline constexpr std::string_view kGreen = "\x1b[32m";
inline constexpr std::string_view kYellow = "\x1b[33m";
inline constexpr std::string_view kBlue = "\x1b[34m";
inline constexpr std::string_view kMagenta = "\x1b[35m";
inline constexpr std::string_view kBoldMagenta = "\x1b[1;35m";
inline constexpr std::string_view kCyan = "\x1b[36m";
inline constexpr std::string_view kWhiteOnRed = "\x1b[1;37;41m";
}  // namespace style

/// Appends text in a style, or plain if there are no colours. Keeps no state between calls.
class Pen {
 public:
  explicit Pen(bool color) : color_(color) {}
  bool color() const { return color_; }
  void write(std::string& out, std::string_view style, std::string_view text) const {
    if (!color_ || style.empty()) {
      out.append(text);
      return;
    }
    out.append(style).append(text).append(style::kReset);
  }

 private:
  bool color_;
};

}  // namespace ship
