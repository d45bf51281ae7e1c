#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "sinks/postgres/postgres_answer.hpp"
#include "sinks/postgres/postgres_host.hpp"
#include "sinks/postgres/postgres_settings.hpp"
#include "sinks/postgres/postgres_wait.hpp"

// libpq's own names for its types, so that its header stays in the .cpp files.
struct pg_conn;
struct pg_result;

namespace ship {

/// One session with a server, over libpq without ever blocking: every wait ends with the deadline
/// or with a stop. Belongs to one thread, which alone touches libpq's connection; the thread that
/// asks the resolver hands over addresses and knows nothing of the session.
class PostgresConnection {
 public:
  /// How long, and until which stop, calls may wait.
  struct Patience {
    SteadyTime until;
    std::stop_token stop;
  };
  using Row = std::vector<std::optional<std::string>>;

  /// Connects to nobody yet.
  explicit PostgresConnection(PostgresSinkSettings settings);
  ~PostgresConnection();
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  bool is_open() const { return connection_ != nullptr; }
  /// Tries one address after the other, each with its share of the time, until one takes us. The
  /// secret, certificates and PG* variables are read anew. None: it is open.
  std::optional<PostgresFailure> open(const Patience& patience);
  void close();
  /// Whether the server has hung up, or has said that it does, since the last call; then it is
  /// closed. Never waits.
  bool lost_meanwhile();

  /// Runs statements, and gives the rows of the last that has some. After a failure without
  /// SQLSTATE, a stop or the deadline the session is closed, and what was asked may have happened.
  std::optional<PostgresFailure> query(const std::string& sql, const Patience& patience,
                                       std::vector<Row>* rows = nullptr);
  /// The same for statements with one COPY FROM STDIN among them, which gets what `next` appends to
  /// the buffer until it returns false. `bytes` counts what COPY was given.
  std::optional<PostgresFailure> copy(const std::string& sql,
                                      const std::function<bool(std::string& out)>& next,
                                      const Patience& patience, std::uint64_t& bytes);

  /// "15.4"; empty where the server does not tell. Open sessions only.
  std::string server_version() const;
  std::string user() const;
  /// "TLSv1.3"; empty without TLS.
  std::string tls_version() const;

  /// The names that `parameters` may have, sorted.
  static std::vector<std::string> parameter_names();

 private:
  std::vector<PostgresHost> hosts() const;
  std::optional<PostgresFailure> open_host(const PostgresHost& host, bool one_of_several,
                                           const Patience& patience);
  std::optional<PostgresFailure> open_address(const PostgresHost& host, const std::string& address,
                                              bool one_of_several, const Patience& patience);
  /// Waits until all that libpq holds is sent.
  std::optional<PostgresFailure> flush(const Patience& patience);
  /// The next result; null at the end.
  std::optional<PostgresFailure> next_result(const Patience& patience, pg_result*& result);
  std::optional<PostgresFailure> drain(const Patience& patience, std::vector<Row>* rows);
  PostgresFailure failure_of(const pg_result* result) const;
  PostgresFailure broken();
  PostgresFailure interrupted(Woken how, std::string_view doing);
  std::string cleaned(std::string_view text) const;

  const PostgresSinkSettings settings_;
  HostResolver resolver_;
  pg_conn* connection_ = nullptr;
  std::string password_;  ///< as it was used last, to keep it out of messages
};

}  // namespace ship
