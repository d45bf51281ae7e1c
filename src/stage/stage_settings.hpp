#pragma once

#include "stage/enrich/enrich_settings.hpp"
#include "stage/redact/redact_settings.hpp"
#include "stage/shape/shape_settings.hpp"

namespace ship {

/// What happens to each record, in this order.
struct StageSettings {
  EnrichSettings enrich;
  RedactSettings redact;
  ShapeSettings shape;
  SizeGuardSettings size_guard;
  bool operator==(const StageSettings&) const = default;
};

}  // namespace ship
