#pragma once

#include <map>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/percent.hpp"
#include "net/http_client.hpp"
#include "tests/unit/net/decompress.hpp"

namespace ship::testing {

/// A bucket that keeps objects by their keys and, as long as it is told to, answers as servers and
/// networks do on a bad day. Every method may be called from any thread.
class S3Store {
 public:
  explicit S3Store(unsigned seed) : random_(seed) {}

  /// So many more answers are at random; then all is well.
  void misbehave(int answers) {
    const std::lock_guard lock(mutex_);
    bad_answers_ = answers;
  }

  Result<HttpResponse> take(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    const std::string key = percent_decoded(request.url.substr(request.url.find("/b/") + 3));
    const unsigned mood = bad_answers_ > 0 ? static_cast<unsigned>(random_()) % 12 : 11;
    if (bad_answers_ > 0) --bad_answers_;
    if (request.method == "HEAD") {
      if (mood == 0) return lost();
      if (mood == 1) return answer(503);
      return answer(objects_.count(key) != 0 ? 200 : 404);
    }
    const std::string body = plain(key, request.body);
    switch (mood) {
      case 0:
        return lost();  // on the way there
      case 1:
      case 2:
        objects_[key] = body;  // on the way back
        return lost();
      case 3:
        return answer(503, "SlowDown");
      case 4:
        return answer(500, "InternalError");
      case 5:
        return answer(429);
      case 6:
        return answer(403, "RequestTimeTooSkewed");
      case 7:
      case 8:
        if (body.find('\n') + 1 < body.size()) return answer(400, "EntityTooLarge");
        break;
      default:
        break;
    }
    if (objects_.count(key) != 0 && objects_[key] != body) replaced_ = true;
    objects_[key] = body;
    return answer(200);
  }

  /// How often each line is stored.
  std::map<std::string, int> lines() const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, int> counts;
    for (const auto& [key, body] : objects_) {
      for (std::string_view rest = body; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        ++counts[std::string(rest.substr(0, end))];
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
    return counts;
  }
  std::map<std::string, std::string> objects() const {
    const std::lock_guard lock(mutex_);
    return objects_;
  }
  /// An object took the place of one with other lines.
  bool replaced() const {
    const std::lock_guard lock(mutex_);
    return replaced_;
  }

 private:
  static Result<HttpResponse> lost() { return Error{ErrorKind::transient, "reset", 0}; }
  static Result<HttpResponse> answer(int status, std::string_view code = {}) {
    HttpResponse response;
    response.status = status;
    if (!code.empty()) response.body = "<Error><Code>" + std::string(code) + "</Code></Error>";
    return response;
  }
  static std::string plain(std::string_view key, std::string_view body) {
    if (key.ends_with(".gz")) return decompress("gzip", body);
    return key.ends_with(".zst") ? decompress("zstd", body) : std::string(body);
  }

  mutable std::mutex mutex_;
  std::mt19937 random_;
  int bad_answers_ = 0;
  bool replaced_ = false;
  std::map<std::string, std::string> objects_;
};

}  // namespace ship::testing
