#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "base/result.hpp"

namespace ship {

/// Starts a thread. The only way to make one, because std::thread throws when the system has no
/// more. Errors: io, with the system's reason and what to do.
Result<std::thread> start_thread(std::function<void()> work);

/// A thread that exists and waits for work. Code that needs threads makes them first: if one cannot
/// be made (a process limit, no memory), it fails before anything has begun, and there is nothing
/// to undo.
class ParkedThread {
 public:
  /// Errors: io, with the system's reason.
  static Result<ParkedThread> make();

  ParkedThread(ParkedThread&&) noexcept;
  ParkedThread& operator=(ParkedThread&&) noexcept;
  /// Ends a thread that was never given work; one that was must have been joined.
  ~ParkedThread();

  /// Starts `work`, which must not throw. Call it once.
  void run(std::function<void()> work);
  /// Waits for the work to end; if there was none, `run` may no longer be called. `join` itself may
  /// be called again.
  void join();

 private:
  struct State;
  explicit ParkedThread(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ship
