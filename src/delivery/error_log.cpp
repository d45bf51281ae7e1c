#include "delivery/error_log.hpp"

namespace ship {

void ErrorLog::failed(const std::string& reason, bool will_retry) {
  const std::lock_guard lock(mutex_);
  if (will_retry) failing_ = true;
  if (reason == reason_) {
    ++repeats_;
    if (repeats_ < next_report_) return;
    next_report_ *= 10;
    log_(LogLevel::warning,
         subject_ + ": " + reason + " (" + std::to_string(repeats_) + " times now)");
    return;
  }
  reason_ = reason;
  repeats_ = 1;
  next_report_ = 10;
  log_(LogLevel::warning,
       subject_ + ": " + reason + (will_retry ? "; keeping the records and trying again" : ""));
}

void ErrorLog::recovered() {
  const std::lock_guard lock(mutex_);
  if (!failing_) return;
  log_(LogLevel::info,
       subject_ + ": works again after " + std::to_string(repeats_) + " failed attempts");
  forget();
}

void ErrorLog::begin_anew() {
  const std::lock_guard lock(mutex_);
  forget();
}

void ErrorLog::forget() {
  failing_ = false;
  reason_.clear();
  repeats_ = 0;
  next_report_ = 10;
}

void ErrorLog::say(const std::string& message) {
  log_(LogLevel::warning, subject_ + ": " + message);
}

}  // namespace ship
