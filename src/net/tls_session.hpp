#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/stream_transport.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace ship {

/// What connections over TLS are made with: TLS 1.2 or newer, the authorities that are trusted, our
/// own certificate.
class TlsContext {
 public:
  /// Reads the files that `transport` names, and the system's authorities where it names none.
  /// Errors: config, with the setting.
  static Result<TlsContext> make(const StreamTransport& transport);
  ssl_ctx_st* get() const { return context_.get(); }

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  std::unique_ptr<ssl_ctx_st, Free> context_;
};

/// One session of TLS as a client, between bytes and bytes: it reads and writes no socket. Belongs to
/// one thread.
class TlsSession {
 public:
  /// `host` is a name or a number that the server's certificate must be for, unless `verify` is
  /// false. Errors: config.
  static Result<TlsSession> begin(const TlsContext& context, const std::string& host, bool verify);
  ~TlsSession();
  TlsSession(TlsSession&&) noexcept;
  TlsSession& operator=(TlsSession&&) noexcept;

  /// What came from the peer.
  void take(std::string_view received);
  /// What is to be sent to it, appended to `out`.
  void give(std::string& out);

  /// Goes on as far as what came allows; true: both sides are through. Errors: transient, a
  /// certificate that is not believed is one.
  Result<bool> shake_hands();
  Result<void> encrypt(std::string_view plain);
  /// Reads what came and throws the peer's words away; false: it ended the session in order. Errors:
  /// transient, the alert that it sent.
  Result<bool> read_all();
  void say_goodbye();

  /// Whether the server asked for a certificate: it looks at ours when for us all is done.
  bool asked_for_certificate() const;
  /// "TLSv1.3".
  std::string version() const;

 private:
  struct State;
  explicit TlsSession(std::unique_ptr<State> state);
  Error failure() const;
  std::unique_ptr<State> state_;
};

}  // namespace ship
