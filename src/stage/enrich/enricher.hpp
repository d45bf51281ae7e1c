#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "record/json_cursor.hpp"
#include "stage/edits.hpp"
#include "stage/enrich/enrichment.hpp"
#include "stage/transform.hpp"

namespace ship {

/// Adds fields to every record that does not have them; with `overwrite` replaces those that it
/// has. Paths start at the root, or inside fapilog's envelope; missing objects on the way are
/// created, and a value in the way is left alone. New members go to the end of their object.
class Enricher : public Transform {
 public:
  Enricher(const std::vector<EnrichmentField>& fields, bool overwrite);

  std::string_view name() const override { return "enrich"; }
  Outcome apply(Record& record, Arena& arena) override;

 private:
  struct Node {
    std::string name;
    std::string member;  ///< `"name":value` with everything below it
    std::string json;    ///< the value of a field; empty for an object
    std::vector<Node> children;
  };

  static void add(Node& root, const std::vector<std::string>& path, const std::string& json);
  static void render(Node& node);
  void object(JsonCursor& walk, const Node& node);

  Node below_diagnostics_;  ///< for fapilog's shapes
  Node at_root_;            ///< for all others
  bool overwrite_;
  Edits edits_;
  std::vector<bool> present_;  ///< a stack: which children of the current nodes were met
  std::string key_;
};

}  // namespace ship
