#include "net/tls_session.hpp"

#include <array>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <utility>

#include "net/tls_files.hpp"
#include "net/trust_store.hpp"

namespace ship {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;

/// What the library says of the last thing that failed.
std::string last_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown error";
}

Error unusable(const char* setting, const std::string& path) {
  return {ErrorKind::config,
          "cannot use the " + std::string(setting) + " " + path + ": " + last_reason()};
}

/// A key that needs a password is refused: nobody is there to type it.
int empty_password(char*, int, int, void*) { return 0; }

Result<void> set_trust(SSL_CTX* context, const StreamTransport& transport) {
  if (!transport.ca_file.empty()) {
    if (SSL_CTX_load_verify_locations(context, transport.ca_file.c_str(), nullptr) != 1) {
      return unusable("ca_file", transport.ca_file);
    }
    return {};
  }
  if (!transport.tls_verify) return {};
  const Result<TrustStore> trust = system_trust();
  if (!trust) return trust.error();
  const auto text = [](const std::string& path) { return path.empty() ? nullptr : path.c_str(); };
  if (SSL_CTX_load_verify_locations(context, text(trust.value().file),
                                    text(trust.value().directory)) != 1) {
    return unusable("system's authorities", trust.value().file);
  }
  return {};
}

Result<void> set_certificate(SSL_CTX* context, const StreamTransport& transport) {
  if (transport.cert_file.empty()) return {};
  const std::string& key = transport.key_file.empty() ? transport.cert_file : transport.key_file;
  if (SSL_CTX_use_certificate_chain_file(context, transport.cert_file.c_str()) != 1) {
    return unusable("cert_file", transport.cert_file);
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return unusable("key_file", key);
  }
  return {};
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

Result<TlsContext> TlsContext::make(const StreamTransport& transport) {
  const TlsFiles files(transport.ca_file, transport.cert_file, transport.key_file);
  if (Result<void> usable = files.check(); !usable) return std::move(usable).error();
  ERR_clear_error();
  TlsContext made;
  made.context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!made.context_) return Error{ErrorKind::config, "TLS cannot start: " + last_reason()};
  SSL_CTX* const context = made.context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_default_passwd_cb(context, empty_password);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(context, transport.tls_verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (Result<void> set = set_trust(context, transport); !set) return std::move(set).error();
  if (Result<void> set = set_certificate(context, transport); !set) return std::move(set).error();
  return made;
}

struct TlsSession::State {
  SSL* ssl = nullptr;
  bool asked = false;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { SSL_free(ssl); }

  static int on_certificate_asked(SSL*, void* state) {
    static_cast<State*>(state)->asked = true;
    return 1;
  }
};

TlsSession::TlsSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsSession::~TlsSession() = default;
TlsSession::TlsSession(TlsSession&&) noexcept = default;
TlsSession& TlsSession::operator=(TlsSession&&) noexcept = default;

Result<TlsSession> TlsSession::begin(const TlsContext& context, const std::string& host,
                                     bool verify) {
  ERR_clear_error();
  auto state = std::make_unique<State>();
  state->ssl = SSL_new(context.get());
  BIO* const from_peer = BIO_new(BIO_s_mem());
  BIO* const to_peer = BIO_new(BIO_s_mem());
  if (!state->ssl || !from_peer || !to_peer) {
    BIO_free(from_peer);
    BIO_free(to_peer);
    return Error{ErrorKind::transient, "TLS cannot start: " + last_reason()};
  }
  SSL_set_bio(state->ssl, from_peer, to_peer);
  SSL_set_connect_state(state->ssl);
  SSL_set_cert_cb(state->ssl, State::on_certificate_asked, state.get());
  const std::unique_ptr<ASN1_OCTET_STRING, decltype(&ASN1_OCTET_STRING_free)> number(
      a2i_IPADDRESS(host.c_str()), ASN1_OCTET_STRING_free);
  ERR_clear_error();
  X509_VERIFY_PARAM* const wanted = SSL_get0_param(state->ssl);
  bool set = true;
  if (number) {
    if (verify) set = X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
  } else {
    set = SSL_set_tlsext_host_name(state->ssl, host.c_str()) == 1;
    if (verify) set = set && X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size()) == 1;
  }
  if (!set) return Error{ErrorKind::config, "TLS cannot check the host's name: " + last_reason()};
  return TlsSession(std::move(state));
}

void TlsSession::take(std::string_view received) {
  BIO_write(SSL_get_rbio(state_->ssl), received.data(), static_cast<int>(received.size()));
}

void TlsSession::give(std::string& out) {
  BIO* const made = SSL_get_wbio(state_->ssl);
  std::array<char, kReadBytes> part;
  for (int size = 0; (size = BIO_read(made, part.data(), static_cast<int>(part.size()))) > 0;) {
    out.append(part.data(), static_cast<std::size_t>(size));
  }
}

Error TlsSession::failure() const {
  const long verified = SSL_get_verify_result(state_->ssl);
  const bool refused = ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_CERTIFICATE_VERIFY_FAILED;
  std::string reason = last_reason();
  if (refused && verified != X509_V_OK) {
    reason += ": " + std::string(X509_verify_cert_error_string(verified));
  }
  return {ErrorKind::transient, "TLS: " + reason};
}

Result<bool> TlsSession::shake_hands() {
  ERR_clear_error();
  const int done = SSL_do_handshake(state_->ssl);
  if (done == 1) return true;
  if (SSL_get_error(state_->ssl, done) == SSL_ERROR_WANT_READ) return false;
  return failure();
}

Result<void> TlsSession::encrypt(std::string_view plain) {
  ERR_clear_error();
  const int done = SSL_write(state_->ssl, plain.data(), static_cast<int>(plain.size()));
  if (done == static_cast<int>(plain.size())) return {};
  return failure();
}

Result<bool> TlsSession::read_all() {
  std::array<char, kReadBytes> thrown_away;
  for (;;) {
    ERR_clear_error();
    const int size =
        SSL_read(state_->ssl, thrown_away.data(), static_cast<int>(thrown_away.size()));
    if (size > 0) continue;
    switch (SSL_get_error(state_->ssl, size)) {
      case SSL_ERROR_WANT_READ:
        return true;
      case SSL_ERROR_ZERO_RETURN:
        return false;
      default:
        return failure();
    }
  }
}

void TlsSession::say_goodbye() {
  ERR_clear_error();
  SSL_shutdown(state_->ssl);
  ERR_clear_error();
}

bool TlsSession::asked_for_certificate() const { return state_->asked; }

std::string TlsSession::version() const { return SSL_get_version(state_->ssl); }

}  // namespace ship
