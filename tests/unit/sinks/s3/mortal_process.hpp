#pragma once

#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "net/http_client.hpp"
#include "tests/unit/sinks/s3/s3_store.hpp"

namespace ship::testing {

/// The life of one process of a model, which ends between two of its deeds, or in the middle of one,
/// the one of a given number. What it does afterwards never happens.
class Life {
 public:
  /// 0: it does not end by itself.
  explicit Life(std::uint64_t dies_at) : dies_at_(dies_at) {}

  bool is_over() const {
    const std::lock_guard lock(mutex_);
    return over_;
  }
  /// `deed` happens, unless this life is over; what it returned never arrives where it is the last.
  template <class T>
  Result<T> does(const std::function<Result<T>(bool last)>& deed) {
    const std::lock_guard lock(mutex_);
    if (over_) return dead();
    over_ = ++deeds_ == dies_at_;
    if (!over_) return deed(false);
    // Half of them are done before it dies.
    if (deeds_ % 2 == 0) {
      [[maybe_unused]] const bool done = deed(true).ok();
    }
    return dead();
  }

 private:
  static Error dead() { return Error{ErrorKind::transient, "the process is dead", EIO}; }

  mutable std::mutex mutex_;
  const std::uint64_t dies_at_;
  std::uint64_t deeds_ = 0;
  bool over_ = false;
};

/// Files that change only as long as their process lives.
class MortalFiles final : public Files {
 public:
  MortalFiles(Files& files, Life& life) : files_(files), life_(life) {}

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode,
                                     std::uint32_t permissions) override {
    return life_.does<std::unique_ptr<File>>([&](bool) -> Result<std::unique_ptr<File>> {
      auto file = files_.open(path, mode, permissions);
      if (!file) return file;
      return std::unique_ptr<File>(std::make_unique<Handle>(std::move(file).value(), life_));
    });
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    return life_.does<void>([&](bool) { return files_.rename(from, to); });
  }
  Result<void> rename_new(const std::string& from, const std::string& to) override {
    return life_.does<void>([&](bool) { return files_.rename_new(from, to); });
  }
  Result<void> remove(const std::string& path) override {
    return life_.does<void>([&](bool) { return files_.remove(path); });
  }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    return files_.list(directory);
  }
  Result<FileStatus> status(const std::string& path) override { return files_.status(path); }
  Result<void> make_directory(const std::string& path, std::uint32_t permissions) override {
    return files_.make_directory(path, permissions);
  }
  Result<void> sync_directory(const std::string& directory) override {
    return life_.does<void>([&](bool) { return files_.sync_directory(directory); });
  }

 private:
  class Handle final : public File {
   public:
    Handle(std::unique_ptr<File> file, Life& life) : file_(std::move(file)), life_(life) {}
    Result<std::size_t> write(std::string_view bytes) override {
      return life_.does<std::size_t>([&](bool last) { return file_->write(part(bytes, last)); });
    }
    Result<std::size_t> write_at(std::uint64_t offset, std::string_view bytes) override {
      return life_.does<std::size_t>(
          [&](bool last) { return file_->write_at(offset, part(bytes, last)); });
    }
    Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
      return file_->read_at(offset, into, size);
    }
    Result<void> sync() override {
      return life_.does<void>([&](bool) { return file_->sync(); });
    }
    Result<void> truncate(std::uint64_t size) override {
      return life_.does<void>([&](bool) { return file_->truncate(size); });
    }
    Result<FileStatus> status() override { return file_->status(); }
    Result<void> lock() override { return file_->lock(); }
    int descriptor() const override { return file_->descriptor(); }

   private:
    static std::string_view part(std::string_view bytes, bool last) {
      return last ? bytes.substr(0, (bytes.size() + 1) / 2) : bytes;
    }
    std::unique_ptr<File> file_;
    Life& life_;
  };

  Files& files_;
  Life& life_;
};

/// A connection to the store that ends with its process.
class MortalClient final : public HttpClient {
 public:
  MortalClient(S3Store& store, Life& life) : store_(store), life_(life) {}
  Result<HttpResponse> perform(const HttpRequest& request, std::stop_token stop) override {
    if (stop.stop_requested()) return Error{ErrorKind::transient, "stopped", 0};
    return life_.does<HttpResponse>([&](bool) { return store_.take(request); });
  }

 private:
  S3Store& store_;
  Life& life_;
};

/// Time in which nobody waits: whoever waits until some time finds that it has come. So no test by
/// it depends on how fast the machine is.
class HurriedClock final : public Clock {
 public:
  SteadyTime steady() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  WallNanos wall() const override { return 1763800000000000000; }
  void wait_until(std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                  SteadyTime until) override {
    if (until == SteadyTime::max()) return changed.wait(lock);
    changed.wait_for(lock, std::chrono::microseconds(200));
    const std::lock_guard own(mutex_);
    now_ = std::max(now_, until);
  }

 private:
  mutable std::mutex mutex_;
  SteadyTime now_{std::chrono::hours(1)};
};

}  // namespace ship::testing
