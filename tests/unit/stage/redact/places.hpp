#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "record/json_text.hpp"

namespace ship::test {

inline std::string as_json(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

/// Each place where a secret turns up in a log, as a line: {"field", {"note":"…"}} and so on.
inline std::vector<std::pair<std::string, std::string>> places(const std::string& secret) {
  const std::string inner = R"({"id":7,"note":)" + as_json(secret) + R"(,"text":)" +
                            as_json("got " + secret + " twice") + "}";
  const std::string trace =
      "Traceback (most recent call last):\n  File \"/srv/app.py\", line 3, in f\n"
      "ValueError: '" +
      secret + "' is not valid\n";
  std::vector<std::pair<std::string, std::string>> lines = {
      {"field", R"({"data":{"note":)" + as_json(secret) + "}}"},
      {"list", R"({"args":["-v",)" + as_json(secret) + "]}"},
      {"text", R"({"message":)" + as_json("seen " + secret + " again") + "}"},
      {"end of text", R"({"message":)" + as_json("seen: " + secret) + "}"},
      {"JSON in a string", R"({"event":)" + as_json(inner) + "}"},
      {"JSON in JSON in a string",
       R"({"event":)" + as_json(R"({"b":)" + as_json(inner) + "}") + "}"},
      {"traceback", R"({"level":"ERROR","stack":)" + as_json(trace) + "}"},
  };
  // Multi-line and whole URLs do not stand inside of a URL.
  if (secret.find_first_of("\n:/ ") == std::string::npos) {
    lines.push_back(
        {"URL", R"({"message":)" +
                    as_json("GET https://api.example.com/v1?a=1&q=" + secret + "&b=2 200") + "}"});
  }
  return lines;
}

/// Makes secrets of formats such as "ghp_{w36}", the same at each run. {w20}: letters and digits,
/// {u16}: capitals and digits, {l8}: small letters and digits, {h32}: hexadecimal digits, {d10}:
/// digits.
class SecretMaker {
 public:
  std::string operator()(std::string_view format) {
    std::string secret;
    while (!format.empty()) {
      if (format.front() != '{') {
        secret += format.front();
        format.remove_prefix(1);
        continue;
      }
      const std::size_t end = format.find('}');
      append(secret, alphabet(format[1]), std::stoul(std::string(format.substr(2, end - 2))));
      format.remove_prefix(end + 1);
    }
    return secret;
  }

 private:
  static std::string_view alphabet(char kind) {
    switch (kind) {
      case 'u':
        return "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
      case 'l':
        return "abcdefghijklmnopqrstuvwxyz0123456789";
      case 'h':
        return "0123456789abcdef";
      case 'd':
        return "123456789";
      default:
        return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    }
  }
  void append(std::string& secret, std::string_view letters, std::size_t count) {
    for (; count > 0; --count) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      secret += letters[(state_ >> 33) % letters.size()];
    }
  }
  std::uint64_t state_ = 20261129;
};

}  // namespace ship::test
