#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "sinks/postgres/postgres_connection.hpp"
#include "sinks/postgres/postgres_rows.hpp"
#include "sinks/postgres/postgres_table.hpp"
#include "sinks/sink.hpp"

namespace ship {

/// Puts records into a table of PostgreSQL, a batch by COPY and as one transaction: by way of a
/// temporary table and INSERT … ON CONFLICT DO NOTHING where a unique index over the record's
/// identity is there, so that what is sent again is stored once; straight where there is none.
/// Looks at the table when it connects, and again when the server says that it is another.
class PostgresSink final : public Sink {
 public:
  PostgresSink(PostgresSinkSettings settings, Clock& clock, std::vector<std::string> message_fields,
               LogFunction log);

  Verdict send(std::span<const Record> records, const SendContext& context) override;
  Result<std::string> probe(const std::stop_token& stop) override;
  std::string payload(std::span<const Record> records) override;
  void reopen() override { forget(); }
  std::optional<SteadyTime> wake_at() const override;
  void wake() override;
  void close(const std::stop_token&) override { connection_.close(); }

 private:
  using Patience = PostgresConnection::Patience;

  std::optional<PostgresFailure> store(std::span<const Record> records, const Patience& patience,
                                       std::uint64_t& bytes);
  /// Connects and looks at the table, where that is not done yet.
  std::optional<PostgresFailure> prepare(const Patience& patience);
  std::optional<PostgresFailure> find_table(const Patience& patience);
  Verdict verdict_of(const PostgresFailure& failure);
  void forget();
  void tell_replaced();

  const PostgresSinkSettings settings_;
  Clock& clock_;
  const std::vector<std::string> message_fields_;
  const LogFunction log_;
  PostgresConnection connection_;
  std::optional<PostgresTable> table_;
  std::optional<PostgresRows> rows_;
  std::string store_sql_;
  bool in_set_up_ = false;  ///< what failed last was not about records
  unsigned unknown_failures_ = 0;
  std::string told_at_least_once_;
  std::uint64_t replaced_ = 0;
  SteadyTime tell_replaced_at_{};
  SteadyTime looked_{};
};

}  // namespace ship
