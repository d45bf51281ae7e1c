#include "sinks/syslog/syslog_datagrams.hpp"

#include <cerrno>
#include <utility>

#include "base/number_text.hpp"
#include "base/utf8.hpp"
#include "sinks/line_stream.hpp"

namespace ship {
namespace {

constexpr std::chrono::minutes kTellAgain{1};
using Steady = std::chrono::steady_clock;

}  // namespace

SyslogDatagrams::SyslogDatagrams(PeerAddress peer, const SyslogSinkSettings& settings,
                                 SyslogMessage message, LogFunction log)
    : peer_(peer),
      local_(peer.kind == PeerAddress::Kind::local),
      timeout_(settings.transport.request_timeout),
      max_bytes_(settings.max_datagram_bytes),
      message_(std::move(message)),
      log_(std::move(log)),
      socket_(std::move(peer)),
      pace_(settings.max_rate) {}

Result<void> SyslogDatagrams::open(const std::stop_token& stop) {
  if (socket_.is_open()) return {};
  Result<void> connected = socket_.connect(stop, Steady::now() + timeout_);
  if (connected.ok()) pace_.aim(peer_.port, socket_.to_this_machine() && !local_);
  return connected;
}

bool SyslogDatagrams::make_datagram(const Record& record) {
  datagram_.clear();
  if (local_) {
    message_.append_local(record, datagram_);
    return false;
  }
  message_.append_rfc5424(record, datagram_);
  if (datagram_.size() <= max_bytes_) return false;
  datagram_.resize(utf8_prefix(datagram_, max_bytes_).size());
  return true;
}

void SyslogDatagrams::tell_of_cuts() {
  if (cut_ == told_ || Steady::now() < tell_again_) return;
  told_ = cut_;
  tell_again_ = Steady::now() + kTellAgain;
  log_(LogLevel::warning,
       peer_.shown() + ": " + counted(cut_, "message") + " longer than max_datagram_bytes (" +
           std::to_string(max_bytes_) +
           ") went out cut; send over TCP, or set it higher if the server takes more");
}

/// How many of the records that went out were read for sure by who is gone now.
std::size_t SyslogDatagrams::taken_before_refusal(std::span<const Record> gone) const {
  // From another machine a refusal comes late, and a Unix socket's queue goes with its reader: it may
  // be any of them.
  if (local_ || !socket_.to_this_machine()) return 0;
  std::size_t sure = gone.size();
  std::uint64_t unread = 0;
  while (sure > 0 && unread < DatagramPace::kMaxUnread) {
    unread += DatagramPace::weight(gone[--sure].line.size());
  }
  return sure;
}

Verdict SyslogDatagrams::send(std::span<const Record> records, const SendContext& context) {
  if (Result<void> opened = open(context.stop); !opened) {
    return line_verdict(0, records.size(), 0, opened.error());
  }
  std::uint64_t bytes = 0;
  std::vector<Verdict::Item> too_long;
  std::optional<Error> error;
  std::size_t sent = 0;
  for (; sent < records.size() && !error; ++sent) {
    if (make_datagram(records[sent])) ++cut_;
    if (!local_ && !pace_.wait_for_turn(datagram_.size(), context.stop)) {
      error = Error{ErrorKind::transient, peer_.shown() + ": stopped", ECANCELED};
      break;
    }
    Result<void> gone = socket_.send(datagram_, context.stop, Steady::now() + timeout_);
    // On this machine a refusal is there at once, and is of this datagram.
    if (gone.ok() && socket_.to_this_machine() && !local_) gone = socket_.refused();
    if (!gone.ok() && gone.error().code == EMSGSIZE) {
      Verdict::Item item;
      item.index = static_cast<std::uint32_t>(sent);
      item.status = EMSGSIZE;
      item.reason = gone.error().message;
      too_long.push_back(std::move(item));
      continue;
    }
    if (!gone.ok()) {
      error = std::move(gone).error();
      break;
    }
    bytes += datagram_.size();
  }
  if (sent > 0 && !error) {
    if (local_) {
      Result<void> read = socket_.wait_read(context.stop, Steady::now() + timeout_);
      // What only waits stays in its reader's queue.
      if (!read && read.error().code != ECANCELED && read.error().code != ETIMEDOUT) {
        error = std::move(read).error();
      }
    } else {
      pace_.wait_read(context.stop);
    }
  }
  tell_of_cuts();
  const bool refused = error && error->code != ECANCELED && error->code != ETIMEDOUT;
  if (refused) {
    sent = taken_before_refusal(records.first(sent));
    socket_.close();
  }
  std::erase_if(too_long, [sent](const Verdict::Item& item) { return item.index >= sent; });
  Verdict verdict = line_verdict(sent, records.size(), bytes, error);
  if (too_long.empty()) return verdict;
  verdict.kind = Verdict::Kind::partial;
  if (verdict.reason.empty()) verdict.reason = too_long.front().reason;
  verdict.items.insert(verdict.items.begin(), too_long.begin(), too_long.end());
  return verdict;
}

Result<std::string> SyslogDatagrams::probe(const std::stop_token& stop) {
  if (Result<void> opened = open(stop); !opened) return std::move(opened).error();
  const std::string address = socket_.address();
  close();
  if (local_) return std::string("a socket for datagrams is there");
  return "datagrams go to " + address + "; whether a server takes them UDP cannot tell";
}

std::string SyslogDatagrams::payload(std::span<const Record> records) {
  std::string text;
  for (const Record& record : records) {
    make_datagram(record);
    text += datagram_ + "\n";
  }
  return text;
}

}  // namespace ship
