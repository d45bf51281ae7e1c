#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace ship {

/// Where a server may be: a name, an address, or the directory of a socket.
struct PostgresHost {
  std::string name;
  std::string port;  ///< empty: libpq's own, or PGPORT

  /// The resolver has nothing to say: an address, or a path.
  bool is_literal() const;
  bool operator==(const PostgresHost&) const = default;
};

/// "h1:5432,[::1],h2" taken apart, brackets left out; a path has no port.
std::vector<PostgresHost> split_postgres_hosts(std::string_view list);

/// Asks the resolver, which may hang, in a thread that knows only the question; one for each name
/// at a time. Belongs to one thread.
class HostResolver {
 public:
  HostResolver();
  ~HostResolver();
  HostResolver(const HostResolver&) = delete;
  HostResolver& operator=(const HostResolver&) = delete;

  /// The name's addresses, at least one, in the order of getaddrinfo(3). Errors: transient, also
  /// where `until` has come or `stop` fired; the answer is then there for the next call.
  Result<std::vector<std::string>> resolve(const std::string& name, SteadyTime until,
                                           const std::stop_token& stop);

 private:
  struct Lookup;
  std::map<std::string, std::shared_ptr<Lookup>> pending_;
};

}  // namespace ship
