#include "base/parked_thread.hpp"

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace ship {

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
  if (!state_) return;
  state_->go({});
  join();
}

Result<ParkedThread> ParkedThread::make() {
  auto state = std::make_unique<State>();
  try {
    state->thread = std::thread([state = state.get()] { state->wait_and_work(); });
  } catch (const std::system_error& error) {
    return Error{ErrorKind::io, "cannot start a thread: " + error.code().message() +
                                    "; raise the limit on processes (ulimit -u, pids.max, "
                                    "TasksMax) or free memory"};
  }
  return ParkedThread(std::move(state));
}

void ParkedThread::run(std::function<void()> work) { state_->go(std::move(work)); }

void ParkedThread::join() {
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace ship
