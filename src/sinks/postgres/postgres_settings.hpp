#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "sinks/sink_type.hpp"

namespace ship {

struct PostgresSinkSettings {
  std::string hosts;  ///< "h1:5432,h2"; empty: PGHOST, or the socket of this machine
  std::string database;
  std::string username;
  Secret password;
  std::string table = "logs";  ///< "logs" or "schema.logs", as it is written in pg_catalog
  bool create_table = true;
  Labels columns;  ///< name of a column, and the field that goes into it
  std::string id_column = "id";
  std::vector<std::string> conflict_key;  ///< empty: as the table's unique index tells
  // Parameters of libpq, by their names there; empty: its own defaults, and PG* variables.
  std::string host;  ///< in the place of the URL's: the directory of a socket
  std::string sslmode;
  std::string sslrootcert;
  std::string sslcert;
  std::string sslkey;
  std::string passfile;
  std::string target_session_attrs;
  Labels parameters;  ///< all others
  std::chrono::milliseconds request_timeout{10000};

  static const SinkType& type();
  void complete(const SinkContext& context);
  void check(const SettingReport& report) const;
  Result<std::unique_ptr<Sink>> make(const Labels& labels,
                                     const SinkEnvironment& environment) const;
  bool operator==(const PostgresSinkSettings&) const = default;
};

}  // namespace ship
