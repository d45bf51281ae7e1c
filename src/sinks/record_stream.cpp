#include "sinks/record_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "sinks/line_stream.hpp"

namespace ship {
namespace {

/// A rare huge batch must not hold its memory for good.
constexpr std::size_t kKeptWire = 4u << 20;

}  // namespace

RecordStream::RecordStream(std::unique_ptr<StreamConnection> connection,
                           std::chrono::milliseconds request_timeout, Format format)
    : connection_(std::move(connection)),
      request_timeout_(request_timeout),
      format_(std::move(format)) {}

void RecordStream::forget() {
  unsettled_.clear();
  wire_.clear();
  if (wire_.capacity() > kKeptWire) wire_ = std::string();
  wire_begin_ = 0;
}

/// Afterwards the unsettled ones begin with `records`.
void RecordStream::take_up(std::span<const Record> records) {
  const std::size_t common = std::min(unsettled_.size(), records.size());
  bool same = true;
  for (std::size_t i = 0; i < common; ++i) {
    same = same && records[i].id && unsettled_[i].id == records[i].id;
  }
  if (!same) {
    connection_->drop();
    forget();
  }
  for (std::size_t i = unsettled_.size(); i < records.size(); ++i) {
    format_(records[i], wire_);
    unsettled_.push_back({records[i].id, wire_begin_ + wire_.size()});
  }
}

std::size_t RecordStream::settled(std::size_t count) {
  const std::uint64_t acknowledged = connection_->acknowledged();
  const auto end =
      std::find_if(unsettled_.begin(), unsettled_.begin() + static_cast<std::ptrdiff_t>(count),
                   [acknowledged](const Unsettled& record) { return record.end > acknowledged; });
  return static_cast<std::size_t>(end - unsettled_.begin());
}

void RecordStream::settle(std::size_t count) {
  if (count == 0) return;
  const std::uint64_t end = unsettled_[count - 1].end;
  unsettled_.erase(unsettled_.begin(), unsettled_.begin() + static_cast<std::ptrdiff_t>(count));
  if (unsettled_.empty()) {
    forget();
    wire_begin_ = end;
    return;
  }
  wire_.erase(0, end - wire_begin_);
  wire_begin_ = end;
}

Result<void> RecordStream::carry(const std::stop_token& stop) {
  using Steady = std::chrono::steady_clock;
  if (!connection_->is_open()) {
    if (Result<void> connected = connection_->connect(stop); !connected) return connected;
  }
  // Each step forward gives the peer the whole time again: a slow one is not a dead one.
  SteadyTime until = Steady::now() + request_timeout_;
  const std::uint64_t end = wire_begin_ + wire_.size();
  while (connection_->written() < end) {
    const std::string_view rest =
        std::string_view(wire_).substr(connection_->written() - wire_begin_);
    const Result<std::size_t> written = connection_->write(rest, stop, until);
    if (!written) return written.error();
    until = Steady::now() + request_timeout_;
  }
  while (connection_->acknowledged() < end) {
    if (Result<void> more = connection_->wait_acknowledged(stop, until); !more) return more;
    until = Steady::now() + request_timeout_;
  }
  return {};
}

Verdict RecordStream::send(std::span<const Record> records, const SendContext& context) {
  if (connection_->is_open() && unsettled_.empty()) {
    // A connection that has ended while nothing was under way costs nothing but a new one.
    if (connection_->is_outdated()) {
      connection_->end(context.stop);
    } else if (!connection_->look().ok()) {
      connection_->drop();
    }
    if (!connection_->is_open()) forget();
  }
  take_up(records);
  const std::uint64_t before = connection_->is_open() ? connection_->written() : 0;
  const Result<void> carried = carry(context.stop);
  const std::uint64_t bytes = connection_->written() - std::min(before, connection_->written());
  const std::size_t complete = carried ? records.size() : settled(records.size());
  if (carried) {
    settle(complete);
    return line_verdict(complete, records.size(), bytes, std::nullopt);
  }
  const Error& error = carried.error();
  const bool goes_on =
      error.code == ECANCELED || (error.code == ETIMEDOUT && connection_->peer_answers());
  if (connection_->is_open() && goes_on) {
    settle(complete);
  } else {
    connection_->drop();
    forget();
  }
  if (complete == records.size()) return line_verdict(complete, complete, bytes, std::nullopt);
  return line_verdict(complete, records.size(), bytes, error);
}

void RecordStream::abandon() {
  if (unsettled_.empty()) return;
  connection_->drop();
  forget();
}

void RecordStream::close(const std::stop_token& stop) {
  if (unsettled_.empty()) connection_->end(stop);
  connection_->drop();
  forget();
}

Result<std::string> RecordStream::probe(const std::stop_token& stop) {
  Result<void> connected = connection_->connect(stop);
  if (!connected) return std::move(connected).error();
  const std::string where = connection_->described();
  close(stop);
  return where.empty() ? "connected" : "connected to " + where;
}

std::string RecordStream::frames(std::span<const Record> records) const {
  std::string text;
  for (const Record& record : records) {
    format_(record, text);
    if (text.back() == '\0') text.back() = '\n';
    if (text.back() != '\n') text += '\n';
  }
  return text;
}

}  // namespace ship
