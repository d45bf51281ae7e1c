#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "sinks/record_stream.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// A sink that is a RecordStream and nothing more.
class RecordStreamSink final : public Sink {
 public:
  explicit RecordStreamSink(RecordStream stream) : stream_(std::move(stream)) {}

  Verdict send(std::span<const Record> records, const SendContext& context) override {
    return stream_.send(records, context);
  }
  void abandon() override { stream_.abandon(); }
  Result<std::string> probe(const std::stop_token& stop) override { return stream_.probe(stop); }
  std::string payload(std::span<const Record> records) override { return stream_.frames(records); }
  void close(const std::stop_token& stop) override { stream_.close(stop); }

 private:
  RecordStream stream_;
};

}  // namespace ship
