#include "sinks/syslog/syslog_sink.hpp"

#include <cerrno>
#include <utility>

#include "sinks/machine_name.hpp"
#include "sinks/record_stream_sink.hpp"
#include "sinks/syslog/syslog_datagrams.hpp"
#include "sinks/syslog/syslog_message.hpp"

namespace ship {
namespace {

SyslogMessage message_of(const SyslogSinkSettings& settings, const Labels& labels) {
  SyslogMessage::Names names;
  names.facility = *syslog_facility(settings.facility);
  names.host = settings.hostname.empty() ? machine_name() : settings.hostname;
  names.app_name = settings.app_name;
  names.sd_id = settings.sd_id;
  names.structured_data = labels;
  for (const auto& [key, text] : settings.structured_data) {
    std::erase_if(names.structured_data,
                  [&, name = key](const auto& label) { return label.first == name; });
    names.structured_data.emplace_back(key, text);
  }
  return SyslogMessage(names);
}

/// A message in front of which, or behind which, stands what tells it from the next.
RecordStream::Format framed(std::shared_ptr<SyslogMessage> message,
                            SyslogSinkSettings::Framing framing) {
  if (framing == SyslogSinkSettings::Framing::newline) {
    return [message](const Record& record, std::string& out) {
      message->append_rfc5424(record, out);
      out += '\n';
    };
  }
  return [message, text = std::string()](const Record& record, std::string& out) mutable {
    text.clear();
    message->append_rfc5424(record, text);
    out.append(std::to_string(text.size())).append(" ").append(text);
  };
}

class SyslogUdpSink final : public Sink {
 public:
  explicit SyslogUdpSink(SyslogDatagrams datagrams) : datagrams_(std::move(datagrams)) {}

  Verdict send(std::span<const Record> records, const SendContext& context) override {
    return datagrams_.send(records, context);
  }
  Result<std::string> probe(const std::stop_token& stop) override { return datagrams_.probe(stop); }
  std::string payload(std::span<const Record> records) override {
    return datagrams_.payload(records);
  }
  void close(const std::stop_token&) override { datagrams_.close(); }

 private:
  SyslogDatagrams datagrams_;
};

/// /dev/log and its like: which kind of socket it is shows when it is connected to, each time anew.
class SyslogLocalSink final : public Sink {
 public:
  SyslogLocalSink(SyslogDatagrams datagrams, RecordStream stream)
      : datagrams_(std::move(datagrams)), stream_(std::move(stream)) {}

  Verdict send(std::span<const Record> records, const SendContext& context) override {
    for (int attempts = 0;; ++attempts) {
      Verdict verdict =
          is_stream_ ? stream_.send(records, context) : datagrams_.send(records, context);
      const bool other_kind = verdict.kind == Verdict::Kind::retry && verdict.status == EPROTOTYPE;
      if (!other_kind || attempts > 0) return verdict;
      is_stream_ = !is_stream_;
    }
  }
  void abandon() override { stream_.abandon(); }
  Result<std::string> probe(const std::stop_token& stop) override {
    Result<std::string> found = datagrams_.probe(stop);
    if (found.ok() || found.error().code != EPROTOTYPE) return found;
    return stream_.probe(stop);
  }
  /// The same for both kinds.
  std::string payload(std::span<const Record> records) override {
    return datagrams_.payload(records);
  }
  void close(const std::stop_token& stop) override {
    datagrams_.close();
    stream_.close(stop);
  }

 private:
  SyslogDatagrams datagrams_;
  RecordStream stream_;
  bool is_stream_ = false;
};

}  // namespace

Result<std::unique_ptr<Sink>> make_syslog_sink(const SyslogSinkSettings& settings,
                                               const Labels& labels,
                                               const SinkEnvironment& environment) {
  Result<PeerAddress> peer = PeerAddress::parse(settings.transport.address);
  if (!peer) return std::move(peer).error();
  PeerAddress& to = peer.value();
  const bool tls = to.kind == PeerAddress::Kind::tls;
  // The ports of RFC 5426, 6587 and 5425.
  const std::string default_port = tls ? "6514" : "514";
  if (to.port.empty()) to.port = default_port;
  if (to.kind == PeerAddress::Kind::udp) {
    if (!settings.transport.ca_file.empty() || !settings.transport.cert_file.empty()) {
      return Error{ErrorKind::config, "ca_file and cert_file are for TLS, and UDP is without"};
    }
    return {std::make_unique<SyslogUdpSink>(
        SyslogDatagrams(to, settings, message_of(settings, labels), environment.log))};
  }
  Result<std::unique_ptr<StreamConnection>> connection =
      StreamConnection::make(settings.transport, default_port);
  if (!connection) return std::move(connection).error();
  const auto message = std::make_shared<SyslogMessage>(message_of(settings, labels));
  if (to.kind == PeerAddress::Kind::local) {
    const auto line = [message](const Record& record, std::string& out) {
      message->append_local(record, out);
      out += '\n';
    };
    return {std::make_unique<SyslogLocalSink>(
        SyslogDatagrams(to, settings, message_of(settings, labels), environment.log),
        RecordStream(std::move(connection).value(), settings.transport.request_timeout, line))};
  }
  return {std::make_unique<RecordStreamSink>(RecordStream(std::move(connection).value(),
                                                          settings.transport.request_timeout,
                                                          framed(message, settings.framing)))};
}

}  // namespace ship
