#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "sinks/sink.hpp"

namespace ship {

/// What a scripted sink saw and does; shared by the sinks of all workers of a lane.
class SinkScript {
 public:
  struct Call {
    std::vector<std::string> lines;
    std::string batch_id;
    bool in_doubt = false;
  };
  /// Answers one call; the default is ok.
  using Answer = std::function<Verdict(std::span<const Record>)>;

  /// The next calls get these answers, one each; afterwards `otherwise`.
  std::deque<Answer> answers;
  Answer otherwise = [](std::span<const Record>) { return Verdict{}; };

  std::vector<Call> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  /// All lines of all calls that were answered with ok, in order.
  std::vector<std::string> stored() const {
    const std::lock_guard lock(mutex_);
    return stored_;
  }

  /// What a sink has to say after its next call, and after its end.
  std::vector<SinkNote> notes;
  std::vector<SinkNote> last_notes;

  std::vector<SinkNote> take_notes(bool closed) {
    const std::lock_guard lock(mutex_);
    if (calls_.empty()) return {};
    return std::exchange(closed ? last_notes : notes, {});
  }

  Verdict call(std::span<const Record> records, const SendContext& context) {
    std::unique_lock lock(mutex_);
    Call call;
    for (const Record& record : records) call.lines.emplace_back(record.line);
    call.batch_id = context.batch_id;
    call.in_doubt = context.in_doubt;
    calls_.push_back(call);
    Answer answer = otherwise;
    if (!answers.empty()) {
      answer = answers.front();
      answers.pop_front();
    }
    Verdict verdict = answer(records);
    if (!hang_ && verdict.kind == Verdict::Kind::ok) {
      stored_.insert(stored_.end(), call.lines.begin(), call.lines.end());
    }
    changed_.notify_all();
    if (hang_) {
      changed_.wait(lock, context.stop, [&] { return !hang_; });
      return Verdict::of(Verdict::Kind::retry, 0, "interrupted");
    }
    return verdict;
  }
  /// From now on each call hangs until its stop token fires.
  void hang() {
    const std::lock_guard lock(mutex_);
    hang_ = true;
  }
  /// Calls that hang come back with `retry`, later ones get their answers.
  void resume() {
    const std::lock_guard lock(mutex_);
    hang_ = false;
    changed_.notify_all();
  }
  /// How often the rest of a call was given up.
  std::size_t abandoned() const {
    const std::lock_guard lock(mutex_);
    return abandoned_;
  }
  void abandon() {
    const std::lock_guard lock(mutex_);
    ++abandoned_;
  }
  /// Waits until `n` calls have come.
  void wait_for_calls(std::size_t n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return calls_.size() >= n; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool hang_ = false;
  std::size_t abandoned_ = 0;
  std::vector<Call> calls_;
  std::vector<std::string> stored_;
};

/// A sink that plays a script.
class ScriptedSink final : public Sink {
 public:
  explicit ScriptedSink(SinkScript& script) : script_(script) {}
  Verdict send(std::span<const Record> records, const SendContext& context) override {
    return script_.call(records, context);
  }
  void abandon() override { script_.abandon(); }
  std::vector<SinkNote> take_notes() override { return script_.take_notes(closed_); }
  void close(const std::stop_token&) override { closed_ = true; }

 private:
  SinkScript& script_;
  bool closed_ = false;
};

}  // namespace ship
