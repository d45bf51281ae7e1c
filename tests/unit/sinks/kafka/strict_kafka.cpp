#include "tests/unit/sinks/kafka/strict_kafka.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace ship::testing {
namespace {

constexpr std::size_t kBatchesKnown = 5;
constexpr int kPartitions = 2;
constexpr const char* kTopic = "logs";

enum Api : std::int16_t {
  kProduce = 0,
  kFetch = 1,
  kMetadata = 3,
  kApiVersions = 18,
  kInitProducerId = 22
};

/// The protocol's numbers are big-endian.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) throw std::runtime_error("a request of Kafka's is cut short");
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::int64_t number(std::size_t size) {
    std::uint64_t value = 0;
    for (const char byte : take(size)) value = value << 8 | static_cast<unsigned char>(byte);
    const std::size_t unused = 64 - 8 * size;
    return static_cast<std::int64_t>(value << unused) >> unused;
  }
  /// A number, then so many bytes; -1: none.
  std::string_view sized(std::size_t width) {
    const std::int64_t size = number(width);
    return size < 0 ? std::string_view() : take(static_cast<std::size_t>(size));
  }
  std::int64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) break;
    }
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }
  std::string_view varsized() {
    const std::int64_t size = varint();
    return size < 0 ? std::string_view() : take(static_cast<std::size_t>(size));
  }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

class Writer {
 public:
  Writer& number(std::int64_t value, int size) {
    for (int byte = size - 1; byte >= 0; --byte) {
      text += static_cast<char>(static_cast<std::uint64_t>(value) >> 8 * byte & 0xff);
    }
    return *this;
  }
  Writer& string(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()), 2);
    text += value;
    return *this;
  }
  std::string text;
};

std::string api_versions(int error) {
  struct Row {
    Api key;
    int last;
  };
  const Row rows[] = {
      {kProduce, 3}, {kFetch, 4}, {kMetadata, 1}, {kApiVersions, 0}, {kInitProducerId, 0}};
  Writer answer;
  answer.number(error, 2).number(std::size(rows), 4);
  for (const Row& row : rows) answer.number(row.key, 2).number(0, 2).number(row.last, 2);
  return answer.text;
}

bool read_all(int fd, char* into, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::recv(fd, into, size, 0);
    if (n <= 0) return false;
    into += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

StrictKafka::Batch StrictKafka::read_batch(std::string_view bytes) {
  Reader batch(bytes);
  batch.take(8 + 4 + 4);  // base offset, length, leader's epoch
  if (batch.number(1) != 2) throw std::runtime_error("a batch of an old format");
  batch.take(4);  // checksum
  if ((batch.number(2) & 7) != 0) throw std::runtime_error("a compressed batch");
  batch.take(4 + 8 + 8);  // last offset, first and last time
  Batch read;
  read.producer = batch.number(8);
  read.epoch = batch.number(2);
  read.first = static_cast<std::int32_t>(batch.number(4));
  for (std::int64_t left = batch.number(4); left > 0; --left) {
    Reader record(batch.varsized());
    record.take(1);
    record.varint();
    record.varint();
    record.varsized();  // key
    Stored one;
    one.value = record.varsized();
    for (std::int64_t headers = record.varint(); headers > 0; --headers) {
      const std::string_view name = record.varsized();
      const std::string_view value = record.varsized();
      if (name == "fapilog-ship-id") one.id = value;
    }
    read.records.push_back(std::move(one));
  }
  if (!batch.done()) throw std::runtime_error("more than one batch for a partition");
  return read;
}

int StrictKafka::take(int partition, std::string_view bytes, bool& cut) {
  const std::lock_guard lock(mutex_);
  const Fate now = fate();
  cut = now.cut_before || now.cut_after;
  if (now.cut_before) return 0;
  if (now.code_before != 0) return now.code_before;
  const int code = store(partition, read_batch(bytes));
  return code == 0 ? now.code_after : code;
}

int StrictKafka::store(int partition, Batch batch) {
  const auto count = static_cast<std::int32_t>(batch.records.size());
  const Span span{batch.first, batch.first + count - 1};
  Known& known = known_[{partition, batch.producer}];
  if (batch.epoch < known.epoch) return kOldEpoch;
  if (batch.epoch > known.epoch) {
    // A producer that begins anew counts from 0.
    if (span.first != 0) return kOutOfOrder;
    known = {batch.epoch, {}};
    ++epochs_;
  }
  const bool again = std::any_of(known.spans.begin(), known.spans.end(), [&span](const Span& one) {
    return one.first == span.first && one.last == span.last;
  });
  if (again) {
    ++repeats_;
    return 0;
  }
  const std::int32_t next = known.spans.empty() ? 0 : known.spans.back().last + 1;
  if (span.first != next) return kOutOfOrder;
  if (std::any_of(batch.records.begin(), batch.records.end(), refuse)) return kTooLarge;
  known.spans.push_back(span);
  if (known.spans.size() > kBatchesKnown) known.spans.pop_front();
  std::move(batch.records.begin(), batch.records.end(), std::back_inserter(stored_));
  return 0;
}

std::int64_t StrictKafka::new_producer() {
  const std::lock_guard lock(mutex_);
  return producers_++;
}

std::vector<StrictKafka::Stored> StrictKafka::stored() const {
  const std::lock_guard lock(mutex_);
  return stored_;
}

std::uint64_t StrictKafka::repeats() const {
  const std::lock_guard lock(mutex_);
  return repeats_;
}

std::int64_t StrictKafka::beginnings() const {
  const std::lock_guard lock(mutex_);
  return std::max<std::int64_t>(producers_ - 1, 0) + epochs_;
}

StrictKafka::Door::Door(StrictKafka& broker) : broker_(broker) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, name, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, name, &size) != 0) {
    throw std::runtime_error("no port to listen on");
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { accept_all(); });
}

StrictKafka::Door::~Door() {
  close();
  accepting_.join();
  for (std::thread& one : serving_) one.join();
  ::close(listener_);
}

void StrictKafka::Door::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
}

void StrictKafka::Door::set_down(bool down) {
  const std::lock_guard lock(mutex_);
  down_ = down;
  if (!down) return;
  for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
}

void StrictKafka::Door::accept_all() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (fd < 0 && closed_) return;
    if (fd < 0) continue;
    if (closed_ || down_) {
      ::close(fd);
      continue;
    }
    const int one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    open_.push_back(fd);
    serving_.emplace_back([this, fd] { serve(fd); });
  }
}

void StrictKafka::Door::serve(int fd) {
  std::string request;
  while (true) {
    std::string size(4, '\0');
    if (!read_all(fd, size.data(), size.size())) break;
    request.resize(static_cast<std::size_t>(Reader(size).number(4)));
    if (!read_all(fd, request.data(), request.size())) break;
    bool cut = false;
    const std::string body = answer(request, cut);
    if (cut) break;
    Writer whole;
    whole.number(static_cast<std::int64_t>(body.size()), 4).text += body;
    if (::send(fd, whole.text.data(), whole.text.size(), MSG_NOSIGNAL) < 0) break;
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, fd);
  ::close(fd);
}

std::string StrictKafka::Door::metadata() const {
  constexpr int kNode = 1;
  Writer answer;
  answer.number(1, 4).number(kNode, 4).string("127.0.0.1").number(port_, 4).number(-1, 2);
  answer.number(kNode, 4);  // the controller
  answer.number(1, 4).number(0, 2).string(kTopic).number(0, 1);
  answer.number(kPartitions, 4);
  for (int partition = 0; partition < kPartitions; ++partition) {
    answer.number(0, 2).number(partition, 4).number(kNode, 4);
    answer.number(1, 4).number(kNode, 4);  // replicas
    answer.number(1, 4).number(kNode, 4);  // in sync
  }
  return answer.text;
}

std::string StrictKafka::Door::answer(std::string_view request, bool& cut) {
  Reader reader(request);
  const std::int64_t api = reader.number(2);
  const std::int64_t version = reader.number(2);
  Writer answer;
  answer.number(reader.number(4), 4);  // which request this answers
  reader.sized(2);                     // the client's name
  switch (api) {
    case kApiVersions: {
      constexpr int kUnsupported = 35;
      return answer.text + api_versions(version == 0 ? 0 : kUnsupported);
    }
    case kMetadata:
      return answer.text + metadata();
    case kInitProducerId:
      answer.number(0, 4).number(0, 2).number(broker_.new_producer(), 8).number(0, 2);
      return answer.text;
    case kProduce:
      break;
    default:
      throw std::runtime_error("a request that a producer does not send");
  }
  reader.sized(2);     // no transaction
  reader.take(2 + 4);  // acks, timeout
  const std::int64_t topics = reader.number(4);
  answer.number(topics, 4);
  for (std::int64_t topic = 0; topic < topics; ++topic) {
    answer.string(reader.sized(2));
    const std::int64_t partitions = reader.number(4);
    answer.number(partitions, 4);
    for (std::int64_t i = 0; i < partitions; ++i) {
      const std::int64_t partition = reader.number(4);
      bool lost = false;
      const int code = broker_.take(static_cast<int>(partition), reader.sized(4), lost);
      cut = cut || lost;
      answer.number(partition, 4).number(code, 2).number(0, 8).number(-1, 8);
    }
  }
  answer.number(0, 4);
  return answer.text;
}

}  // namespace ship::testing
