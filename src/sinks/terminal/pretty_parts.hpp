#pragma once

#include <span>
#include <string>
#include <vector>

#include "record/logged_exception.hpp"
#include "record/record.hpp"

namespace ship {

/// A field as shown: harmless for a terminal, the value quoted if needed.
struct Pair {
  std::string key;
  std::string value;
};

/// What PrettyFormat shows of a record, and where.
struct PrettyParts {
  std::string message;
  std::string logger;
  std::vector<Pair> data;
  std::vector<Pair> context;
  std::vector<Pair> facts;
  std::vector<Pair> blocks;  ///< multi-line texts
  std::vector<LoggedException> exceptions;
  std::string stream;  ///< of a line that was not JSON
  std::string origin;
};

/// Sorts the members of a record, in any of the known shapes, into `parts`, which is cleared first.
/// Null context, the message id and the schema's version are left out; so are the level and the
/// time, which the Record itself has.
void sort_into_parts(const Record& record, std::span<const std::string> message_fields,
                     PrettyParts& parts);

}  // namespace ship
