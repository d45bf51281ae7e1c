#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "record/json_cursor.hpp"
#include "stage/edits.hpp"
#include "stage/enrich/enrichment.hpp"
#include "stage/transform.hpp"

namespace ship {

/// Adds fields to every record that does not have them; with `overwrite` puts them in the place of
/// those that it has. Paths lead from the root, or from the inside of fapilog's envelope; objects
/// on the way are made where they are missing, and a value in the way is left alone. New members
/// stand at the end of their object.
class Enricher : public Transform {
 public:
  Enricher(const std::vector<EnrichmentField>& fields, bool overwrite);

  std::string_view name() const override { return "enrich"; }
  Outcome apply(Record& record, Arena& arena) override;

 private:
  struct Node {
    std::string name;
    std::string member;  ///< `"name":value` with all that is below it
    std::string json;    ///< of a field; empty for an object
    std::vector<Node> children;
  };

  static void add(Node& root, const std::vector<std::string>& path, const std::string& json);
  static void render(Node& node);
  void object(JsonCursor& walk, const Node& node);

  Node below_diagnostics_;  ///< for fapilog's shapes
  Node at_root_;            ///< for all others
  bool overwrite_;
  Edits edits_;
  std::vector<bool> present_;  ///< a stack: which children of the nodes at hand were met
  std::string key_;
};

}  // namespace ship
