#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/log.hpp"
#include "base/result.hpp"
#include "net/tls_files.hpp"
#include "sinks/kafka/kafka_answer.hpp"
#include "sinks/kafka/kafka_settings.hpp"

// Forward declarations of librdkafka's types, so that its header stays in the .cpp files.
struct rd_kafka_s;

namespace ship {

/// One client of librdkafka: its threads, connections and messages. Its calls belong to one thread;
/// what librdkafka logs comes from its own threads and goes to `log` as debug, what it says about a
/// setting as a warning.
class KafkaClient {
 public:
  enum class Role { producer, observer };

  /// Receives delivery reports. Called inside `poll`.
  class Listener {
   public:
    virtual ~Listener() = default;
    /// `opaque` is what the message was given; `code` is 0 if it is stored.
    virtual void on_report(void* opaque, int code) = 0;
  };

  /// Starts the threads; connects in the background. With `offline` it connects to nobody: it only
  /// shows whether the settings fit together. An observer never writes, and does not create a topic
  /// by asking about it. `listener` outlives the client; null: none. Errors: config.
  static Result<std::unique_ptr<KafkaClient>> make(const KafkaSinkSettings& settings, Role role,
                                                   LogFunction log, Listener* listener = nullptr,
                                                   bool offline = false);
  /// Drops what is not delivered. Waits a moment for the threads; one that hangs (in the resolver)
  /// is left to end on its own. What the messages pointed to must be passed to `bury` first.
  ~KafkaClient();
  KafkaClient(const KafkaClient&) = delete;
  KafkaClient& operator=(const KafkaClient&) = delete;

  rd_kafka_s* handle() const { return handle_; }

  /// Handles what has come, after waiting at most `wait` for something. `interrupt` from any thread
  /// ends the wait, even one that has not begun.
  void poll(std::chrono::milliseconds wait);
  void interrupt();

  /// What the client has complained about since the last `all_is_well`: refused credentials take
  /// precedence over unreachable brokers. None: nothing, or nothing that stops it.
  const std::optional<KafkaTrouble>& trouble() const { return trouble_; }
  void all_is_well();
  /// The last thing that went wrong with a connection, one line; empty: nothing.
  const std::string& last_failure() const { return last_failure_; }
  /// Set if the client is broken for good, and another one must be made.
  const std::optional<KafkaTrouble>& fatal() const { return fatal_; }

  /// Keeps `bytes` until the threads have ended.
  void bury(std::string bytes) { buried_ = std::move(bytes); }

  /// Whether a certificate or key has changed since the client was made: librdkafka reads them
  /// once, and only a new client picks them up.
  bool tls_files_changed();

  /// Rereads a changed password file, for the next connection. Errors: config.
  Result<void> refresh_credentials();

 private:
  struct Voice;  ///< what librdkafka's threads may say, until the client is gone
  struct Callbacks;

  KafkaClient() = default;
  void on_error(int code, const char* reason);

  rd_kafka_s* handle_ = nullptr;
  std::unique_ptr<Voice> voice_;
  Listener* listener_ = nullptr;
  std::optional<KafkaTrouble> trouble_;
  std::optional<KafkaTrouble> fatal_;
  std::string last_failure_;
  std::string buried_;
  TlsFiles tls_files_{{}, {}, {}};
  bool tls_changed_ = false;
  std::string username_;
  Secret password_;
  std::string password_text_;
};

}  // namespace ship
