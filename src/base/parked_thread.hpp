#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "base/result.hpp"

namespace ship {

/// Starts a thread: the only way to make one, for std::thread throws where the system has no more.
/// Errors: io, with what the system says and what to do.
Result<std::thread> start_thread(std::function<void()> work);

/// A thread that exists and waits for something to do. What needs threads makes them first: where
/// one cannot be made (a limit on processes, no memory), that is an error before anything has
/// begun, and nothing has to be taken back.
class ParkedThread {
 public:
  /// Errors: io, with what the system says.
  static Result<ParkedThread> make();

  ParkedThread(ParkedThread&&) noexcept;
  ParkedThread& operator=(ParkedThread&&) noexcept;
  /// A thread that was never given work ends; one that was must have been joined.
  ~ParkedThread();

  /// Begins with `work`, which must not throw. Once.
  void run(std::function<void()> work);
  /// Waits for the end of the work; where there was none, nothing can be given any more. May be
  /// called again.
  void join();

 private:
  struct State;
  explicit ParkedThread(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ship
