#include "base/parked_thread.hpp"

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace ship {

Result<std::thread> start_thread(std::function<void()> work) {
  try {
    return std::thread(std::move(work));
  } catch (const std::system_error& error) {
    return Error{ErrorKind::io, "cannot start a thread: " + error.code().message() +
                                    "; raise the limit on processes (ulimit -u, pids.max, "
                                    "TasksMax) or free memory"};
  }
}

struct ParkedThread::State {
  std::mutex mutex;
  std::condition_variable changed;
  bool may_go = false;
  std::function<void()> work;
  std::thread thread;

  void wait_and_work() {
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return may_go; });
    }
    if (work) work();
  }
  void go(std::function<void()> next) {
    {
      const std::lock_guard lock(mutex);
      if (may_go) return;
      work = std::move(next);
      may_go = true;
    }
    changed.notify_all();
  }
};

ParkedThread::ParkedThread(std::unique_ptr<State> state) : state_(std::move(state)) {}
ParkedThread::ParkedThread(ParkedThread&&) noexcept = default;
ParkedThread& ParkedThread::operator=(ParkedThread&&) noexcept = default;

ParkedThread::~ParkedThread() {
  if (state_) join();
}

Result<ParkedThread> ParkedThread::make() {
  auto state = std::make_unique<State>();
  auto thread = start_thread([state = state.get()] { state->wait_and_work(); });
  if (!thread) return std::move(thread).error();
  state->thread = std::move(thread).value();
  return ParkedThread(std::move(state));
}

void ParkedThread::run(std::function<void()> work) { state_->go(std::move(work)); }

void ParkedThread::join() {
  state_->go({});
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace ship
