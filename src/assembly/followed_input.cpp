#include "assembly/followed_input.hpp"

#include <algorithm>
#include <utility>

#include "assembly/input_loop.hpp"

namespace ship {
namespace {

using std::chrono::milliseconds;

/// The longest that a filter holds a record back.
milliseconds longest_window(const Settings& settings) {
  milliseconds longest = settings.filter.dedup.window;
  for (const SinkSettings& sink : settings.sinks) {
    longest = std::max(longest, sink.filter.dedup.window);
  }
  return longest;
}

}  // namespace

FollowedInput::FollowedInput(const SinkEnvironment& environment,
                             std::unique_ptr<Checkpoint> checkpoint, ParkedThread thread)
    : clock_(*environment.clock),
      log_(environment.log),
      checkpoint_(std::move(checkpoint)),
      settled_([this](std::span<const FilePlace> places, std::span<const FileRange> ranges) {
        if (checkpoint_) checkpoint_->settle(places, ranges);
      }),
      thread_(std::move(thread)) {}

Result<std::unique_ptr<FollowedInput>> FollowedInput::open(const Settings& settings,
                                                           const SinkEnvironment& environment) {
  if (!settings.input.follow) return std::unique_ptr<FollowedInput>();
  if (settings.input.paths.empty()) {
    return Error{ErrorKind::config, "input.follow needs files: name them with --input PATH"};
  }
  std::unique_ptr<Checkpoint> checkpoint;
  if (!settings.input.checkpoint.empty()) {
    auto opened = Checkpoint::open(*environment.files, *environment.clock,
                                   settings.input.checkpoint, environment.log);
    if (!opened) return std::move(opened).error();
    checkpoint = std::move(opened).value();
  }
  auto thread = ParkedThread::make();
  if (!thread) return std::move(thread).error();
  std::unique_ptr<FollowedInput> followed(
      new FollowedInput(environment, std::move(checkpoint), std::move(thread).value()));
  followed->change(settings);
  return followed;
}

FollowOptions FollowedInput::options(const Settings& settings,
                                     const std::function<void()>& let_go) {
  FollowOptions options;
  options.checkpoint = checkpoint_.get();
  options.log = log_;
  options.own_output = [settings](const struct stat& status) {
    return own_output(settings, status);
  };
  options.on_hand_on = [this](const FileStretch& begun) { settled_.hands_on(begun); };
  options.on_read = [this](const FileStretch& stretch) { settled_.read(stretch, clock_.steady()); };
  options.on_tick = [this, let_go] {
    if (settled_.hold_back().count() > 0) let_go();
    settled_.tick(clock_.steady());
  };
  return options;
}

void FollowedInput::change(const Settings& settings) {
  settled_.set_hold_back(std::max(settled_.hold_back(), longest_window(settings)));
}

bool FollowedInput::finish(SteadyTime deadline) {
  // A worker that hangs in a write to the checkpoint has the lock of the books.
  thread_.run([this] {
    settled_.finish();
    if (checkpoint_) checkpoint_->sync();
    const std::lock_guard lock(mutex_);
    finished_ = true;
    changed_.notify_all();
  });
  {
    std::unique_lock lock(mutex_);
    while (!finished_ && clock_.steady() < deadline) clock_.wait_until(changed_, lock, deadline);
    if (!finished_) return false;
  }
  thread_.join();
  return true;
}

}  // namespace ship
