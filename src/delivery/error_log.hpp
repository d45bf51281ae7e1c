#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "base/log.hpp"

namespace ship {

/// Says what goes wrong with its subject ("sink loki") once, and not once a batch: the first time,
/// when the reason changes, then with a count each time the count has grown tenfold, and when it is
/// over. Thread-safe.
class ErrorLog {
 public:
  ErrorLog(std::string subject, LogFunction log)
      : subject_(std::move(subject)), log_(std::move(log)) {}

  void failed(const std::string& reason, bool will_retry);
  void recovered();
  /// Its subject is another one from now on: nothing is known of it.
  void begin_anew();
  /// One message about the subject, as it is.
  void say(const std::string& message);

 private:
  void forget();

  std::string subject_;
  LogFunction log_;
  std::mutex mutex_;
  std::string reason_;
  std::uint64_t repeats_ = 0;
  std::uint64_t next_report_ = 10;
  bool failing_ = false;
};

}  // namespace ship
