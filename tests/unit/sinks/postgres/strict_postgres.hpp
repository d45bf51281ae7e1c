#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/event.hpp"
#include "base/fd.hpp"

namespace ship::testing {

/// A stand-in for a PostgreSQL server, as strict as its protocol (version 3.0) about what it is
/// sent: startup, a password in clear text, simple queries, COPY in text form. It knows the
/// statements of the sink and one table. One client at a time. Source: PostgreSQL's documentation,
/// "Frontend/Backend Protocol".
class StrictPostgres {
 public:
  explicit StrictPostgres(std::string password = {});
  ~StrictPostgres();
  StrictPostgres(const StrictPostgres&) = delete;
  StrictPostgres& operator=(const StrictPostgres&) = delete;

  std::uint16_t port() const { return port_; }

  // From now on:
  /// refuses each COPY with this SQLSTATE, once all its data came; empty: takes it.
  void refuse_copies(std::string state);
  /// refuses whoever connects.
  void refuse_sessions(std::string state);
  /// repeats the password in a refusal of it.
  void repeat_password();
  /// does not answer once a COPY's data came.
  void hang();
  void wait_until_hanging();
  /// Ends the session with a word of farewell, as a server that shuts down does; returns when its
  /// end of the connection is closed. There is a session.
  void end_session();
  /// The table has these columns, "name:type"; none: there is no table.
  void set_columns(std::vector<std::string> columns);

  /// The rows that were stored, in order, each as name and unescaped text; \N is "(null)".
  std::vector<std::map<std::string, std::string>> rows() const;
  /// Bytes of COPY's data in those that were taken.
  std::uint64_t copied_bytes() const;
  std::size_t sessions() const;
  /// What was against the protocol; empty: nothing.
  std::string faults() const;
  std::vector<std::string> statements() const;

 private:
  void serve();
  void session(int fd);
  bool query(int fd, const std::string& sql);
  bool copy(int fd, const std::string& sql);
  void store(const std::string& data, const std::vector<std::string>& columns);
  bool read_exactly(int fd, std::string& into, std::size_t size);
  bool read_message(int fd, char& type, std::string& body);
  void fault(std::string what);

  const std::string password_;
  Fd listener_;
  std::uint16_t port_ = 0;
  Event stop_;
  Event hanging_;
  Event farewell_;
  Event ended_;
  mutable std::mutex mutex_;
  std::string copy_state_;
  std::string session_state_;
  bool repeats_ = false;
  bool hangs_ = false;
  std::vector<std::string> columns_;
  std::vector<std::map<std::string, std::string>> rows_;
  std::uint64_t copied_bytes_ = 0;
  std::size_t sessions_ = 0;
  std::string faults_;
  std::vector<std::string> statements_;
  std::thread thread_;
};

}  // namespace ship::testing
